"""docs/permissions/ asked of the running store: every route, as every one of nine people.

Reading it: L sign in first, - not for this role (403), N no such thing for this person (404), Y come in,
R come in, but what was asked is refused with a sentence (409, 422).
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from marketplace.accounts.models import Role
from marketplace.common.invariants import find_breaches
from site_config.books import all_invariants
from site_config.testing.permissions import Row, read_tables

from .doors import ADDRESSES, FORMS
from .everybody import APPLIED, BATCHED, DOOR, LISTED, PAID_OUT, PEOPLE, PHONE, ROLES, STATES, World, build
from .test_garbage import routes

pytestmark = pytest.mark.django_db
DOCUMENT = Path(settings.BASE_DIR, "docs", "permissions.md")
REFUSED = "L-N"
# Requests are counted and sessions noted whatever the answer is; nothing of it is the store's.
NOT_COMPARED = {"sessions.Session", "usersessions.UserSession", "common.RateWindow"}
UNNAMED = {"favicon.ico"}
ALLAUTHS = ("account_", "mfa_", "usersessions_")  # their other methods: marketplace/web/tests/test_doors.py
LISTS = {"shop:sitemap_products"}  # a page of a list, which is empty past its end
PRIVATE = {"the door": DOOR, "the phone number": PHONE}
# Who holds the PIN that ends each of these; a locked one is shown to nobody.
HOLDERS = {"carried": "Bo", "returning": "So", "locked": None}
NOWHERE = "000000000000"  # a number like ours that nothing has


def read_document() -> dict[str, dict[str, str]]:
    """The answers of docs/permissions.md: action → person → what its cell says."""
    lines = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {
        first: dict(zip(PEOPLE, rest, strict=True))
        for first, *rest in cells
        if first not in ("action", "---")
    }


ROWS = read_tables()
ROUTES = list(dict.fromkeys(row.route for row in ROWS))


def rows_of(route: str) -> list[Row]:
    return [row for row in ROWS if row.route == route]


# --- asking -------------------------------------------------------------------------------------


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside never happened. Services take it for a test's own transaction."""
    block = transaction.atomic()
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[World]:
    """Everybody, once for the whole file; nothing of it is ever committed."""
    with django_db_blocker.unblock(), undone():
        world = build()
        assert not find_breaches(all_invariants())
        world.sessions = {code: signed_in(person) for code, person in world.people.items()}
        world.pins = {state: world.pin(world.shipments[state]) for state in HOLDERS}
        world.tokens = [world.token(world.shipments[state]) for state in HOLDERS]
        world.before = everything()
        yield world


def signed_in(person) -> str:
    """The session's cookie of somebody who has signed in."""
    if person is None:
        return ""
    client = Client()
    client.force_login(person)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def everything() -> dict[str, list]:
    """Every row of every table."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for model in apps.get_models()
        if model._meta.label not in NOT_COMPARED
    }


def ask(world: World, row: Row, who: str, *, made_up: bool = False) -> HttpResponse:
    """Ask as one person. `made_up`: about something that is not there."""
    client = Client()
    if session := world.sessions[who]:
        client.cookies[settings.SESSION_COOKIE_NAME] = session
    form = {}
    if row.method == "POST" and row.route in FORMS:
        form = FORMS[row.route](world, who, row.state)
    return getattr(client, row.method.lower())(path_of(row, world, made_up=made_up), form)


def read_answer(answer: HttpResponse) -> str:
    """The answer as a letter of the table; what it has no letter for, as it is."""
    code = answer.status_code
    if code == 302 and answer["Location"].startswith(reverse(settings.LOGIN_URL) + "?next="):
        return "L"
    letters = {403: "-", 404: "N", 409: "R", 422: "R", 400: "R"} | dict.fromkeys(
        (200, 204, 301, 302, 303), "Y"
    )
    return letters.get(code, str(code))


class Writes:
    """Notes whether a statement wrote something that is compared: comparing takes long, and most refuse before."""

    def __init__(self) -> None:
        self.seen = False
        models = (model for model in apps.get_models() if model._meta.label in NOT_COMPARED)
        self.elsewhere = [model._meta.db_table for model in models]

    def __call__(self, execute, sql, params, many, context):
        if sql.split(maxsplit=1)[0].upper() not in ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK"):
            self.seen |= not any(table in sql for table in self.elsewhere)
        return execute(sql, params, many, context)


def is_changed(world: World) -> list[str]:
    """The tables that are not as they were."""
    now = everything()
    return [table for table, rows in now.items() if rows != world.before[table]]


ON_THE_WAY = ("claimed", "carried", "locked", "returning")  # while its courier may know where it goes
KNOWS_WHERE = {
    "Bo": lambda row: True,
    "Ca": lambda row: row.route in ("courier:jobs", "courier:confirm") or row.state in ON_THE_WAY,
}


def told_too_much(world: World, row: Row, who: str, answer: HttpResponse) -> list[str]:
    """What an answer says that this person may not read there (docs/security.md)."""
    if getattr(answer, "streaming", False) or "text" not in answer["Content-Type"]:
        return []
    page = unescape(answer.content.decode())
    found = [
        f"the PIN of the one {state}"
        for state, pin in world.pins.items()
        if who != HOLDERS.get(state) and re.search(rf"\b{pin[:3]}[\s\u00a0]?{pin[3:]}\b", page)
    ]
    found += ["a QR code's token" for token in world.tokens if token in page]
    if not KNOWS_WHERE.get(who, lambda row: False)(row):
        found += [f"{what} of its buyer" for what, text in PRIVATE.items() if text in page]
    return found


def path_of(row: Row, world: World, *, made_up: bool) -> str:
    address = ADDRESSES[row.route](world, row.state) if row.route in ADDRESSES else {}
    if made_up:
        address = {name: 9_999 if isinstance(part, int) else NOWHERE for name, part in address.items()}
    return f"/{row.route}" if row.route in UNNAMED else reverse(row.route, kwargs=address)


@pytest.mark.parametrize(
    # Of a photo everybody's own statement asks.
    "route",
    [pytest.param(route, marks=pytest.mark.every_database if route == "photo" else ()) for route in ROUTES],
)
def test_everybody_gets_the_answer_of_the_table(world, route):
    """And whoever is refused has changed nothing."""
    wrong = []
    for row in rows_of(route):
        for who, said in row.answers.items():
            writes = Writes()
            with undone():
                with connection.execute_wrapper(writes):
                    answer = ask(world, row, who)
                letter = read_answer(answer)
                for what in told_too_much(world, row, who, answer):
                    wrong.append(f"{row.name}: {PEOPLE[who]} reads {what}")
                if letter != said:
                    wrong.append(f"{row.name}: {PEOPLE[who]} gets {letter}, the table says {said}")
                if letter in REFUSED and writes.seen and (tables := is_changed(world)):
                    wrong.append(f"{row.name}: {PEOPLE[who]} was refused and has changed {tables}")

    assert not wrong, "\n".join(wrong)


def test_whoever_takes_a_parcel_reads_its_pin(world):
    """The control of what the test above looks for in every answer."""
    for state, who, route in (
        ("carried", "Bo", "shop:order_detail"),
        ("returning", "So", "seller_dashboard:parcel"),
    ):
        row = Row({}, "GET", route, state, "")
        pin = world.pins[state]
        with undone():
            assert f"{pin[:3]} {pin[3:]}" in ask(world, row, who).content.decode()
    with undone():
        assert DOOR in ask(world, Row({}, "GET", "courier:job", "claimed", ""), "Ca").content.decode()


@pytest.mark.parametrize("route", [name for name in ROUTES if name in ADDRESSES and name not in LISTS])
def test_what_is_not_there_is_refused_in_the_same_words(world, route):
    """A made-up number: whoever may not have the real one hears the same as before, the others a 404."""
    wrong = []
    for row in rows_of(route):
        for said in sorted(set(row.answers.values())):
            who = next(code for code, letter in row.answers.items() if letter == said)
            with undone():
                letter = read_answer(ask(world, row, who, made_up=True))
            if letter != (said if said in REFUSED else "N"):
                wrong.append(f"{row.name}: {PEOPLE[who]} gets {letter} for what does not exist")

    assert not wrong, "\n".join(wrong)


# --- the table itself ---------------------------------------------------------------------------


def our_views(patterns: list, namespace: str = "") -> Iterator[tuple[str, Callable]]:
    """Name and view of every route of our own faces."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            if pattern.callback.__module__.partition(".")[0] not in ("allauth", "django"):
                yield f"{namespace}{pattern.name or pattern.pattern}", pattern.callback
        else:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from our_views(pattern.url_patterns, inner)


def suggestion(route: str, view: Callable) -> str:
    """A row to begin with: open to the roles that the view names."""
    roles = getattr(view, "roles", tuple(Role))
    open_to_all = not getattr(view, "login_required", True)
    letters = ["Y" if open_to_all else "L", *("Y" if role in roles else "-" for role in ROLES.values())]
    return "\t".join([*letters, "GET or POST", route, "(state)", "(the action in docs/permissions.md)"])


def test_every_route_of_ours_has_a_row_and_every_row_a_route():
    views = dict(our_views(get_resolver().url_patterns))
    every = {name for name, _needs in routes(get_resolver().url_patterns)} | UNNAMED
    missing = [suggestion(name, view) for name, view in views.items() if name not in ROUTES]
    gone = [route for route in ROUTES if route not in every]

    assert not missing, (
        "Say who may do this. Add a line for each method to its face's table in docs/permissions/ (tabs\n"
        "between; N for whoever has the role but not the object), what its address holds to ADDRESSES and\n"
        "what its POST says to FORMS in site_config/tests/doors/, and, if it needs a thing in a new state,\n"
        "that to everybody.py:\n" + "\n".join(missing)
    )
    assert not gone, f"docs/permissions/ has rows for routes that are gone: {gone}"


@pytest.mark.every_database
@pytest.mark.parametrize("route", [route for route in ROUTES if not route.startswith(ALLAUTHS)])
def test_a_method_without_a_row_is_not_taken(world, route):
    rows = rows_of(route)
    who = next(code for code, letter in rows[0].answers.items() if letter in "YR")
    for method in {"GET", "POST"} - {row.method for row in rows}:
        with undone():
            status = ask(world, replace(rows[0], method=method), who).status_code
        assert status == 405, f"{route} takes a {method} as well: it needs a row in docs/permissions/"


def test_the_table_is_written_as_it_should_be():
    assert len({row.name for row in ROWS}) == len(ROWS), "a line is there twice"
    for row in ROWS:
        assert set(row.answers.values()) <= set("YR-NL"), row.name
        assert row.method in ("GET", "POST"), row.name
        assert row.state in ("", *STATES, *APPLIED, *LISTED, *PAID_OUT, *BATCHED), (
            f"{row.name}: everybody.py has no {row.state}"
        )
        assert row.answers["An"] != "-", f"{row.name}: a visitor is asked to sign in"


def test_the_table_says_what_the_document_says():
    """No route is open to somebody whom the document refuses, and nobody whom it lets in stands before
    closed doors only. Where it refuses with N, a route of a face that is not theirs says - (its role is
    asked first), and the other way round."""
    document = read_document()
    wrong = []
    for action in dict.fromkeys(row.action for row in ROWS):
        if action not in document:
            wrong.append(f"docs/permissions.md has no row “{action}”")
            continue
        rows = [row for row in ROWS if row.action == action]
        for who, cell in document[action].items():
            letters = {row.answers[who] for row in rows}
            if cell in REFUSED and letters & set("YR"):
                wrong.append(f"“{action}”: the document says {cell} to {PEOPLE[who]}, a route says Y")
            if cell.startswith("Y") and "no page" not in cell and not letters & set("YR"):
                wrong.append(f"“{action}”: the document lets {PEOPLE[who]} in, no route does")

    assert not wrong, "\n".join(wrong)
