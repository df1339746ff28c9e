"""The back office, one module an area."""

from .home import home

__all__ = ["home"]
