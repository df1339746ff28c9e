"""Nothing outside a domain writes its rows: every statement of every test is looked at.

test_guards.py reads the code for the same rule; this sees what reading cannot follow.
"""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

TOP = f"{Path(settings.BASE_DIR)}/"
ROOMS = re.compile(rf"{re.escape(TOP)}(marketplace/\w+|site_config|shop|courier|backoffice)/(.*)")
STATEMENT = re.compile(r"\s*(?:INSERT(?: OR IGNORE| IGNORE)? INTO|UPDATE|DELETE FROM)\s+[\"`]?(\w+)")
# Tests may arrange what they like, and a migration changes what it must.
FREE = re.compile(r"(?:^|/)(?:tests|testing|acts|bench|migrations)/|^site_config/resuming\.py$")
# Signing somebody in is theirs: they note when it was, and hash the password anew.
SIGN_IN = re.compile(r"/site-packages/(?:django/contrib/auth|allauth)/")


def owners() -> dict[str, str]:
    """The room that owns a table. What libraries keep is not asked about."""
    rooms = {model._meta.db_table: model.__module__.split(".") for model in apps.get_models()}
    return {table: "/".join(names[:2]) for table, names in rooms.items() if names[0] == "marketplace"}


def writer(frame: FrameType | None, owner: str) -> str | None:
    """The line of ours that wrote `owner`'s rows, if it stands in another room.

    It is the innermost one; the foundations write what they are given, so that it is who called them.
    """
    while frame and not SIGN_IN.search(frame.f_code.co_filename):
        room = ROOMS.match(frame.f_code.co_filename)
        if room and (room[1] != "marketplace/common" or owner == "marketplace/common"):
            allowed = room[1] == owner or FREE.search(room[0].removeprefix(TOP))
            return None if allowed else f"{room[0].removeprefix(TOP)}:{frame.f_lineno}"
        frame = frame.f_back
    return None


class Watch:
    """Goes around every statement (Django's execute_wrappers) and notes those that break the rule."""

    def __init__(self) -> None:
        self.owners = owners()
        self.broken: list[str] = []

    def __call__(self, execute: Callable, sql: str, params: object, many: bool, context: dict) -> object:
        found = STATEMENT.match(sql)
        owner = self.owners.get(found[1]) if found else None
        if owner and (line := writer(sys._getframe(1), owner)):
            self.broken.append(f"{line} writes {found[1]}")
        return execute(sql, params, many, context)


@pytest.fixture(scope="session")
def watch_of_writes() -> Iterator[Watch]:
    watch = Watch()
    connection.execute_wrappers.append(watch)
    yield watch
    connection.execute_wrappers.remove(watch)


@pytest.fixture(autouse=True)
def rows_are_their_owners(watch_of_writes: Watch) -> Iterator[None]:
    """No test ends well in which a domain, a face or a command wrote the rows of another domain."""
    yield
    broken, watch_of_writes.broken[:] = sorted(set(watch_of_writes.broken)), []
    assert broken == []
