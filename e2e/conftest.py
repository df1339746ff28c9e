"""What every browser test stands on: Chromium, pages that watch for errors, and a small stocked store.

Fixtures: `page` (a desktop), `phone` (390 px, touch), `no_js` (a browser with JavaScript off), `dark`;
`visit_as` opens any of these signed in; `stocked` is a store with goods in it; `guard.allow(...)` lets
an error pass that a test provokes. Each page fails its test at the end if the browser reported a
script error, a refused (CSP) resource, a broken file, a 5xx answer, or a request to somewhere else.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from e2e.camera import camera_flags, code_on
from e2e.guard import Guard
from e2e.snapshots import Snapshots
from e2e.world import World, furnish, stock_world

# Playwright's sync API leaves an event loop running in the main thread, where Django then refuses its
# ORM. Only here: the other tests stay strict.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# Chromium as root in a container, quiet (no updates, no telemetry).
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
NO_JS = {**DESKTOP, "java_script_enabled": False}
DARK = {**DESKTOP, "color_scheme": "dark"}

expect.set_options(timeout=10_000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """The system's Chromium if there is one, else the one that Playwright brought."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    return {
        **browser_type_launch_args,
        "args": FLAGS,
        **({"executable_path": found} if found else {}),
    }


@pytest.fixture(scope="session")
def browser_context_args() -> dict:
    return {"locale": "en-GB", "timezone_id": "Europe/Berlin", "reduced_motion": "reduce"}


@pytest.fixture
def guard(live_server) -> Iterator[Guard]:
    """Watches every page of the test; complains at its end."""
    guard = Guard(host=urlsplit(live_server.url).netloc)
    yield guard
    guard.complain()


@pytest.fixture
def open_context(new_context, live_server, guard) -> Callable[..., BrowserContext]:
    """`open_context(**PHONE)`: a fresh browser context on the live server, watched."""

    def make(**options: object) -> BrowserContext:
        context = new_context(base_url=live_server.url, **options)
        context.set_default_timeout(15_000)
        guard.watch(context)
        return context

    return make


@pytest.fixture
def page(open_context) -> Page:
    """A visitor at a desktop."""
    return open_context(**DESKTOP).new_page()


@pytest.fixture
def phone(open_context) -> Page:
    """A visitor with a phone, 390 px wide."""
    return open_context(**PHONE).new_page()


@pytest.fixture
def no_js(open_context) -> Page:
    """A visitor whose browser runs no JavaScript."""
    return open_context(**NO_JS).new_page()


@pytest.fixture
def dark(open_context) -> Page:
    """A visitor who likes it dark."""
    return open_context(**DARK).new_page()


@pytest.fixture
def sign_in(live_server, client) -> Callable[[Page, object], None]:
    """`sign_in(page, user)`: give the page's browser the cookie of a session (no form is filled)."""
    from django.conf import settings

    def run(page: Page, user: object) -> None:
        client.cookies.clear()  # signing in over another person's session would end that one
        client.force_login(user, backend="marketplace.accounts.backends.AccountBackend")
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
        )
        client.logout = client.cookies.clear  # the session must outlive the test client

    return run


@pytest.fixture
def visit_as(open_context, sign_in) -> Callable[..., Page]:
    """`visit_as(user, **PHONE)`: a page of a browser in which `user` is signed in."""

    def make(user: object, **options: object) -> Page:
        page = open_context(**(options or DESKTOP)).new_page()
        sign_in(page, user)
        return page

    return make


@pytest.fixture(scope="session")
def snapshots(tmp_path_factory) -> Snapshots:
    return Snapshots(tmp_path_factory.mktemp("snapshots"))


@pytest.fixture
def stocked(live_server, person, snapshots) -> World:
    """A small store: two sellers with five products each, one sale, a buyer with money and a location."""
    return snapshots.world("stocked", lambda: stock_world(person))


@pytest.fixture
def furnished(live_server, books_balance, person, snapshots) -> World:
    """The same with something to see on every page of the buyer's: orders, a cart, notifications."""
    return snapshots.world("furnished", lambda: furnish(stock_world(person), person))


BERLIN = {"latitude": 52.52, "longitude": 13.405, "accuracy": 12}


@pytest.fixture
def film(tmp_path) -> Path:
    """What the courier's camera sees; `shoot` writes it."""
    return tmp_path / "film.y4m"


@pytest.fixture
def camera_phone(
    browser_type, browser_type_launch_args, browser_context_args, live_server, guard, sign_in, film
) -> Iterator[Callable[..., Page]]:
    """`camera_phone(courier)`: a page on a phone of its own whose camera plays `film`."""
    opened = []

    def open_phone(
        user: object,
        *,
        allowed: tuple[str, ...] = ("camera", "geolocation"),
        flags: list[str] | None = None,
        **options: object,
    ) -> Page:
        args = [*browser_type_launch_args["args"], *camera_flags(film), *(flags or [])]
        phone = browser_type.launch(**{**browser_type_launch_args, "args": args})
        opened.append(phone)
        context: BrowserContext = phone.new_context(
            **browser_context_args,
            **PHONE,
            base_url=live_server.url,
            permissions=list(allowed),
            geolocation=BERLIN,
            **options,
        )
        context.set_default_timeout(15_000)
        guard.watch(context)
        page = context.new_page()
        sign_in(page, user)
        return page

    yield open_phone
    for phone in opened:
        phone.close()


@pytest.fixture
def picture(visit_as) -> Callable[[object], bytes]:
    """`picture(job)`: the QR code as the buyer's phone shows it, on the page of their order."""

    def take(job) -> bytes:
        return code_on(visit_as(job.receiver, **PHONE), job.shipment.order.number)

    return take
