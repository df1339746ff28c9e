"""What is reviewed: each domain declares its kinds in its `reviewed.py`, in a list `KINDS`.

A new kind costs: a `Kind` there; its domain's deciding service over `services.decide`; an entry with its template
in backoffice/reviews.py; its tests (docs/architecture.md, "Something else that is reviewed").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from django.utils.functional import Promise

from marketplace.common.discovery import by_name, declared


@dataclass(frozen=True)
class ReasonTemplate:
    """A reason that is given often: the `name` of its button and the `text` that it begins the field with.

    They are code, not rows: they are translated with everything else that the store says, come with the rules
    that they speak of and are reviewed with them. What is sent is text that the admin saw and may have changed.
    """

    name: str
    label: str | Promise
    text: str | Promise


@dataclass(frozen=True, eq=False)
class Kind:
    """A sort of submission. `name` is stored and never changes."""

    name: str
    label: str | Promise
    icon: str
    reasons: Sequence[ReasonTemplate] = ()

    def __str__(self) -> str:
        return self.name


@cache
def kinds() -> dict[str, Kind]:
    """The kinds of all domains by name. Raises ImproperlyConfigured if two share one."""
    return by_name(declared("reviewed", "KINDS"))
