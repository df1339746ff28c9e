"""The courier's console, one module an area."""

from .home import home

__all__ = ["home"]
