"""What a kind of notification is. Each domain declares its own in its `notices.py`, in a list `KINDS`.

A new kind: a constant there with its sentence, and the service that tells it (docs/architecture.md).
"""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise

from marketplace.common.discovery import by_name, declared

Extra = Mapping[str, Any]  # JSON values


@dataclass(frozen=True, eq=False)
class Kind:
    """One kind: what it is called, how it is shown, and what its extra data must and may hold.

    `name` is stored and never changes. `needs` must be in the extra data, `allows` may be, nothing else is
    taken. `sentence` makes the words, in the language of whoever reads them now: never a PIN or a token.
    It leads to the page of its subject (marketplace/web/subjects.py), or of what `leads_to` makes of that.
    """

    name: str
    label: str | Promise
    icon: str
    sentence: Callable[[Extra], str]
    needs: Set[str] = frozenset()
    allows: Set[str] = frozenset()
    leads_to: Callable[[Any], Model] = lambda subject: subject

    def __str__(self) -> str:
        return self.name

    def check(self, extra: Extra) -> None:
        """Raise ValueError unless a domain declares this kind and `extra` has what it needs, nothing unknown to it."""
        if kinds().get(self.name) is not self:
            raise ValueError(f"no domain declares the kind of notification {self}")
        missing, unknown = self.needs - extra.keys(), extra.keys() - self.needs - self.allows
        if missing or unknown:
            raise ValueError(f"extra data: missing {sorted(missing)}, unknown {sorted(unknown)}")


@cache
def kinds() -> dict[str, Kind]:
    """The kinds of all domains by name. Raises ImproperlyConfigured if two share one."""
    return by_name(declared("notices", "KINDS"))
