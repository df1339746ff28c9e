"""Asking whether somebody may do something, the same way everywhere."""

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied


def authorize(actor: AbstractBaseUser | None, permission: str, subject: object | None = None) -> None:
    """Raise PermissionDenied unless `actor` has `permission` on `subject` (django-rules decides).

    `actor` is None when the clock or another service calls: it is always allowed.
    """
    if actor is None:
        return
    if not (actor.is_active and actor.has_perm(permission, subject)):
        raise PermissionDenied(permission)
