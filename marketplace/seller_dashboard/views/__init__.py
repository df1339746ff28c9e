"""The seller's workspace, one module an area."""

from .home import home

__all__ = ["home"]
