"""Rules of the house that the code is read for: who writes which rows, and who is asked whether they may.

`reading.py` follows imports and annotations; what it cannot follow is caught by `site_config/testing`,
which looks at what the tests' statements write.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Model

from .reading import TOP, Call, One, Reader, Rows, Thing, element, modules

CORE = sorted(
    path.name for path in (TOP / "marketplace").iterdir() if (path / "__init__.py").exists() and path.name != "web"
)
FACES = ["shop", "courier", "backoffice", "marketplace/seller_dashboard", "marketplace/web"]

WRITES_ONE = {"save", "asave", "delete", "adelete"}
WRITES_ROWS = {
    *("create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"),
    *("acreate", "aupdate", "adelete", "abulk_create", "abulk_update", "aget_or_create", "aupdate_or_create"),
    *("add", "remove", "set", "clear"),
}
# Functions of the foundations that write the rows that they are given.
WRITES_GIVEN = {"insert": "marketplace.common.inserting", "move": "marketplace.common.moving"}
STATEMENT = re.compile(r"\b(?:INSERT(?: OR IGNORE| IGNORE)? INTO|UPDATE|DELETE FROM)\s+[\"`]?(\w+)", re.IGNORECASE)

# The bench and Celery's door cannot be imported here; the first fills a throw-away database by the thousand.
SPANNING = [path for path in modules("site_config") if "bench" not in path.parts and path.name != "celery.py"]


def written(call: Call) -> type[Model] | None:
    """Whose rows a call writes, as far as the code says."""
    known = call.on
    if call.on is None and getattr(getattr(call.called, "value", None), "__module__", "") == WRITES_GIVEN.get(call.name):
        known, allowed = element(call.first) or call.first, set(WRITES_GIVEN)
    else:
        allowed = WRITES_ROWS if isinstance(known, Rows) else WRITES_ONE
    if call.name not in allowed:
        return None
    if isinstance(known, Rows):
        return known.model
    return known.kind if isinstance(known, One) and issubclass(known.kind, Model) else None


def owner(model: type[Model]) -> str:
    """The domain whose rows these are; sessions, addresses and the like of libraries are the accounts'."""
    package = model.__module__.split(".")
    return package[1] if package[0] == "marketplace" else "accounts"


def writes(path: Path) -> Iterator[tuple[str, type[Model]]]:
    """Everything in a module that writes rows: where, and of which model."""
    where = path.relative_to(TOP)
    reader = Reader(path)
    for call in reader.calls:
        if model := written(call):
            yield f"{where}:{call.line} {call.name}", model
    tables = {model._meta.db_table: model for model in apps.get_models()}
    for line, text in reader.texts:
        for table in STATEMENT.findall(text):
            if table in tables:
                yield f"{where}:{line} SQL", tables[table]


def foreign(path: Path, domain: str) -> list[str]:
    return [f"{where} {model.__name__}" for where, model in writes(path) if owner(model) != domain]


@pytest.mark.parametrize("domain", CORE)
def test_a_domain_writes_its_own_rows_only(domain):
    found = [line for path in modules(f"marketplace/{domain}") for line in foreign(path, domain)]

    assert found == [], "the domain that owns these rows gives a service or a step for it"


def test_what_spans_the_house_writes_no_rows():
    """Settings, commands and the demo call services."""
    assert [line for path in SPANNING for line in foreign(path, "none")] == []


@pytest.mark.parametrize("face", FACES)
def test_a_view_writes_nothing(face):
    """A face fetches through selectors and calls a service."""
    assert [line for path in modules(face) for line in foreign(path, "none")] == []
