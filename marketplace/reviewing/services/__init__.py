"""Submissions: whose case one is. What else happens to one, its subject's domain does by `services.steps`."""

from .assigning import assign, require_assignable

__all__ = ["assign", "require_assignable"]
