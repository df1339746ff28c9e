"""What each domain brings of its own: found by name, so that the floors below know nothing of those above.

A domain declares its kinds of notification in `notices.py`, its sweeps in `sweeps.py`, what must always hold
in `invariants.py`; whoever needs all of them asks here.
"""

from collections.abc import Iterable
from importlib import import_module
from typing import Any, Protocol, TypeVar

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import module_has_submodule


def declared(module: str, name: str) -> list[Any]:
    """The members of the list `name` in the `module` of every installed app that has it, in the apps' order."""
    found: list[Any] = []
    for app in apps.get_app_configs():
        if module_has_submodule(app.module, module):
            found += getattr(import_module(f"{app.name}.{module}"), name)
    return found


class Named(Protocol):
    """What has a name of its own among those of its sort."""

    @property
    def name(self) -> str: ...


Member = TypeVar("Member", bound=Named)


def by_name(members: Iterable[Member]) -> dict[str, Member]:
    """`members` by their names, in their order. Raises ImproperlyConfigured if two share one."""
    found: dict[str, Member] = {}
    for member in members:
        if member.name in found:
            raise ImproperlyConfigured(f"{member.name} is declared twice")
        found[member.name] = member
    return found
