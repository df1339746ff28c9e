"""Every page holds for everybody: axe (WCAG 2.2 AA) in light and dark, and the Nu HTML checker."""

import itertools
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from playwright.sync_api import Page

from e2e.conftest import DESKTOP, PHONE
from e2e.pages import ADMIN, BUYER, COURIER, NEWCOMER, NOT_PAGES, PAGES, PEOPLE, SELLER, VISITOR, WRONG
from e2e.world import World
from site_config.testing.people import PASSWORD
from site_config.testing.permissions import only_posted

VNU = settings.BASE_DIR / "node_modules/vnu-jar/build/dist/vnu.jar"
# The checker knows no htmx, whose attributes are the only ones here that HTML does not.
HTMX = re.compile(r"Attribute “hx-[a-z-]+” not allowed on element")
AXE_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}

# What iOS zooms into: fields whose letters are smaller than 16 px.
SMALL_FIELDS = """() => [...document.querySelectorAll("input, select, textarea")]
    .filter((field) => !["hidden", "checkbox", "radio", "file", "submit"].includes(field.type))
    .map((field) => [field.name || field.id, parseFloat(getComputedStyle(field).fontSize)])
    .filter(([, size]) => size < 16)
    .map(([name, size]) => `${name}, ${size} px`)"""


def routes(patterns: list, namespace: str = "") -> Iterator[str]:
    """The names of all routes below `patterns`."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}" if pattern.name else f"{namespace}{pattern.pattern}"
        else:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes(pattern.url_patterns, inner)


def test_every_route_is_in_the_table():
    there = set(routes(get_resolver().url_patterns))
    told = set(PAGES) | set(NOT_PAGES) | only_posted()

    assert there - told == set(), "give these a row in e2e/pages/"
    assert told - there == set(), "these routes are no more"
    assert set(PAGES) & set(NOT_PAGES) == set()
    assert only_posted() & (set(PAGES) | set(NOT_PAGES)) == set(), "these take a POST: they need no row"


def addresses(world: World, who: str) -> Iterator[tuple[str, int]]:
    """Every address that `who` looks at, and the answer that it should give."""
    for name, page in PAGES.items():
        if who in page.people:
            path = reverse(name, kwargs=page.address(world))
            for query in page.query:
                yield f"{path}?{query}" if query else path, page.status
    for person, path, status in WRONG:
        if person == who:
            yield path, status


@pytest.fixture
def client_of(furnished: World, person) -> Callable[[str], Client]:
    """A test client in which this one of PEOPLE is signed in, password asked a moment ago."""

    def make(who: str) -> Client:
        client = Client(raise_request_exception=False)
        if who == VISITOR:
            return client
        user = {
            NEWCOMER: lambda: person(name="Nell", located=False),
            BUYER: lambda: furnished.buyer,
            SELLER: lambda: furnished.seller,
            COURIER: lambda: furnished.courier,
            ADMIN: lambda: furnished.admin,
        }[who]()
        client.force_login(user, backend="marketplace.accounts.backends.AccountBackend")
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        return client

    return make


def axe_violations(page: Page) -> list[dict]:
    """What axe has against the page as it is now."""
    return Axe().run(page, options=AXE_RULES).response["violations"]


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize(
    ("scheme", "device"), [("light", DESKTOP), ("dark", PHONE)], ids=["light-desktop", "dark-phone"]
)
def test_axe_finds_nothing(who, scheme, device, furnished, client_of, open_context, live_server):
    context = open_context(**device, color_scheme=scheme)
    cookies = client_of(who).cookies.values()
    context.add_cookies(
        [{"name": cookie.key, "value": cookie.value, "url": live_server.url} for cookie in cookies]
    )
    page = context.new_page()
    found = []
    for address, status in addresses(furnished, who):
        answer = page.goto(address)
        if (answer.status, page.url) != (status, live_server.url + address):
            found.append(f"{address}: answered {answer.status} at {page.url}, not {status}")
            continue
        for violation in axe_violations(page):
            nodes = [node["html"][:300] for node in violation["nodes"][:3]]
            found.append(f"{address}: {violation['id']}: {violation['help']}\n    " + "\n    ".join(nodes))
        width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if width > 0:
            found.append(f"{address}: scrolls sideways by {width} px")
        if device is PHONE:
            found += [f"{address}: iOS zooms into {field}" for field in page.evaluate(SMALL_FIELDS)]

    assert not found, "\n".join(found)


@pytest.fixture(scope="session")
def nu() -> Callable[[list[Path]], list[dict]]:
    """The Nu HTML checker's complaints about files, in one run of Java."""
    java = shutil.which("java")
    if not java or not VNU.exists():
        pytest.skip("the Nu HTML checker needs java and npm (make node)")

    def check(files: list[Path]) -> list[dict]:
        command = [java, "-Xss4m", "-jar", str(VNU), "--stdout", "--exit-zero-always", "--format", "json"]
        done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, timeout=300)
        return json.loads(done.stdout)["messages"]

    return check


@pytest.mark.costly("draws every page for everybody, and Java reads them all", seconds=60)
def test_the_nu_html_checker_finds_no_error(furnished, client_of, nu, tmp_path):
    asked, wrong = {}, []
    numbers = itertools.count()
    for who in PEOPLE:
        client = client_of(who)
        for address, status in addresses(furnished, who):
            answer = client.get(address)
            if answer.status_code != status:
                wrong.append(f"{who} at {address}: answered {answer.status_code}, not {status}")
                continue
            file = tmp_path / f"{next(numbers)}.html"
            file.write_bytes(answer.getvalue())
            asked[file.name] = f"{who} at {address}"

    complaints = nu([tmp_path / name for name in asked])

    wrong += [
        f"{asked[Path(told['url']).name]}, line {told.get('lastLine')}: {told['message']}\n"
        f"    {told.get('extract', '').strip()[:200]}"
        for told in complaints
        if not HTMX.match(told["message"])
    ]
    assert not wrong, "\n".join(wrong)
