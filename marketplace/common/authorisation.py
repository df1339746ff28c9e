"""Who acts, and asking whether they may, the same way everywhere."""

from collections.abc import Callable
from typing import Any, Final, Protocol

from django.core.exceptions import PermissionDenied

from .errors import DomainError


class System:
    """The store itself: the clock, the demo, or a service that another one calls. It may do everything.

    It has no row, so a history that stores `actor.pk` stores NULL.
    """

    pk: None = None
    is_active = True

    def __repr__(self) -> str:
        return "SYSTEM"


SYSTEM: Final = System()


class Person(Protocol):
    """Somebody who is signed in, as the floor below the accounts knows them."""

    @property
    def pk(self) -> Any: ...

    @property
    def is_active(self) -> bool: ...

    def has_perm(self, perm: str, obj: Any = None) -> bool: ...


Actor = Person | System


def authorize(actor: Actor, permission: str, subject: object | None = None) -> None:
    """Raise PermissionDenied unless `actor` has `permission` on `subject` (django-rules decides).

    `SYSTEM` always has; nobody (None, which no type lets through) never has.
    """
    if isinstance(actor, System):
        return
    if actor is None or not (actor.is_active and actor.has_perm(permission, subject)):
        raise PermissionDenied(permission)


def may(require: Callable[..., object], *subjects: object, **options: object) -> bool:
    """Whether `require`, a service's own precondition, would let this pass: `may(require_packable, user, shipment)`.

    What a page offers and what the service then does rest on the same function.
    """
    try:
        require(*subjects, **options)
    except (PermissionDenied, DomainError):
        return False
    return True


def why_not(require: Callable[..., object], *subjects: object) -> str:
    """The sentence by which `require`, a service's own precondition, refuses this; "" where it lets it pass, and for
    whom it is not meant at all: they are shown no reason."""
    try:
        require(*subjects)
    except PermissionDenied:
        return ""
    except DomainError as refusal:
        return str(refusal)
    return ""
