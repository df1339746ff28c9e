"""Nonsense in the address: a page, a redirect or a refusal, never a 500."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse

from e2e.pages import PAGES
from e2e.world import World, stock_world
from marketplace.products.states import ListingStatus
from shop.forms.catalogue import PARAMETERS
from shop.forms.wallet import StatementFilter
from site_config.acts import applications, delivery, orders, payouts, products, wallet

# As the address holds it: what is not in here as %XX is quoted below.
NONSENSE = {
    "nul": "%00",
    "lone surrogate": "%ED%A0%80",
    "no UTF-8": "%FF%FE",
    "huge": str(10**30),
    "negative": "-1",
    "not a number": "NaN",
    "long": "x" * 10_000,
    "no address": "http://[",
    "an address of nobody": "//[",
    "elsewhere": "//evil.example",
    "script": "javascript:alert(1)",
    "SQL": "%27)%20OR%201=1;%20--",
    "emoji": "😀",
    "right to left": "\u202eabc",
    "days": "0000-99-99",
    "last day": "9999-12-31",
    "first day": "0001-01-01",
    "markup": "<script>",
    "operators": '"* AND (NEAR',
}
LISTING = tuple(sorted(PARAMETERS))
# The pages that read their address, and what they read.
READERS = {
    "shop:search": LISTING,
    "shop:category": LISTING,
    "shop:search_suggest": ("q",),
    "shop:wallet_statement": (*StatementFilter.base_fields, "before"),
    "shop:wallet_statement_csv": (*StatementFilter.base_fields, "decimal"),
    "shop:wallet_statement_xlsx": tuple(StatementFilter.base_fields),
    "shop:wallet_top_up": ("amount", "next"),
    "shop:orders": ("after",),
    "shop:notifications": ("after",),
    "shop:location": ("next",),
    "shop:address_add": ("next",),
    "shop:places": ("q", "lat", "lng"),
    "backoffice:deliveries": ("q", "status", "trouble", "after"),
    "backoffice:shipment": ("q", "status", "trouble", "after"),
    "backoffice:couriers": ("q", "suspended", "after"),
    "account_login": ("next",),
    "account_signup": ("next",),
    "account_logout": ("next",),
    "account_reset_password": ("next",),
    "account_reauthenticate": ("next",),
}
KNOWN = sorted({name for names in READERS.values() for name in names} | {"made_up"})
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://["}


@pytest.fixture
def world(person, books_balance) -> World:
    world = stock_world(person)
    kettle = world.products["Copper kettle"]
    world.order = orders.buy(world.buyer, {kettle: 2})
    delivery.carry(world.order.shipments.get(), world.courier)
    world.shipments = defaultdict(world.order.shipments.get)  # whatever its state: this one
    orders.fill_cart(world.buyer, {kettle: 1})
    world.top_up = wallet.begin_top_up(world.buyer, 2_500)
    wish = applications.shop_wish("Ap's apples")
    world.submission = applications.submission_of(applications.apply(person(name="Ap"), wish))
    bought = orders.buy_shipment(world.buyer, kettle)
    delivery.prove(delivery.carry(bought, world.courier))
    delivery.complete(bought)
    payouts.give_account(world.seller)
    world.payout = payouts.approve(payouts.ask(world.seller, 500), world.admin)
    world.batch = payouts.make_file(world.admin)
    world.products["Draft shirt"] = products.offer(
        world.seller, kettle.category, title="Draft shirt", status=ListingStatus.DRAFT
    )
    return world


def routes(
    patterns: list, namespace: str = "", above: frozenset = frozenset()
) -> Iterator[tuple[str, frozenset]]:
    """The name of every route, and the names of what its address needs."""
    for pattern in patterns:
        needs = above | set(pattern.pattern.regex.groupindex) | set(pattern.pattern.converters)
        if not isinstance(pattern, URLPattern):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes(pattern.url_patterns, inner, needs)
        elif pattern.name:
            yield f"{namespace}{pattern.name}", needs


def addresses(world: World) -> dict[str, str]:
    """Every route's address, with what there is in the world where it needs something."""
    there = {
        "public_id": world.top_up.public_id,
        "number": world.order.number,
        "shipment": world.order.shipments.get().number,
        "name": "demo",
        "pk": 1,
    }
    found = {}
    for name, needs in routes(get_resolver().url_patterns):
        given = {key: there.get(key, 1) for key in needs}
        if name == "shop:sitemap_products":
            given = {"number": 1}
        elif needs == {"slug", "number"}:
            given = {"number": 1, "slug": world.products["Draft shirt"].slug}
        elif name in PAGES:
            given = PAGES[name].address(world)
        found[name] = reverse(name, kwargs=given)
    return found


@pytest.fixture(params=["visitor", "buyer", "admin"])
def who(request, world, as_person) -> Client:
    client = as_person(getattr(world, request.param, None))
    client.raise_request_exception = False
    return client


def quoted(nonsense: str) -> str:
    return quote(nonsense, safe="%")


def broken(client: Client, asked: Iterable[str], **options: object) -> list[str]:
    """Those of the addresses that answer with a 5xx."""
    return [address[:200] for address in asked if client.get(address, **options).status_code >= 500]


def test_no_page_breaks_over_nonsense_in_its_address(world, who):
    """Every route, every parameter at once: several values each, another one last in every round."""
    values = [quoted(nonsense) for name, nonsense in NONSENSE.items() if name != "long"]
    asked = []
    for turn in range(3):
        turned = values[turn * 6 :] + values[: turn * 6]
        query = "&".join(
            f"{name}[]={turned[-1]}&{name}={turned[index % 18]}&{name}={turned[(index + 7) % 18]}"
            for index, name in enumerate(KNOWN)
        )
        asked += [f"{path}?{query}" for path in addresses(world).values()]

    assert broken(who, asked) == []


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_no_page_breaks_over_nonsense_in_what_it_reads(world, who, headers):
    """The same nonsense in all that a page reads."""
    paths = addresses(world)
    asked = [
        f"{paths[name]}?" + "&".join(f"{parameter}={quoted(nonsense)}" for parameter in parameters)
        for name, parameters in READERS.items()
        for nonsense in NONSENSE.values()
    ]

    assert broken(who, asked, headers=headers) == []


def test_no_page_breaks_over_nonsense_in_one_parameter(world, who):
    """By itself: another parameter's refusal hides nothing."""
    paths = addresses(world)
    asked = [
        f"{paths[name]}?{parameter}={quoted(nonsense)}"
        for name, parameters in READERS.items()
        if len(parameters) > 1
        for parameter in parameters
        for nonsense in ("http://[", "%00", str(10**30), "9999-12-31")
    ]

    assert broken(who, asked, headers=HTMX) == []


def test_no_page_breaks_over_nonsense_in_its_path(world, who):
    asked = []
    for name, needs in routes(get_resolver().url_patterns):
        for nonsense in (10**30, 2**63, 0, "x" * 2_000, "none", "-"):
            with suppress(NoReverseMatch):
                asked += [reverse(name, kwargs=dict.fromkeys(needs, nonsense))] if needs else []

    assert len(asked) > 50
    assert broken(who, asked) == []


def test_no_form_breaks_over_nonsense_in_the_way_back(world, who):
    """POSTs that only lead somewhere else, and the headers and cookies that say where one was."""
    paths = [reverse(f"account_{name}") for name in ("login", "signup", "logout", "reset_password")]
    paths += [
        "/cart/accept/",
        "/cart/add/",
        "/account/profile/",
        "/wallet/top-up/",
        "/notifications/read-all/",
    ]
    fields = ["next", "email", "login", "price", "product", "amount", "newest"]
    went_wrong = []
    for nonsense in ("http://[", "//evil.example", "😀", "\x00", "x" * 10_000, "Europe"):
        header = quote(nonsense, safe=":/[")
        who.cookies["cart"] = who.cookies["tz"] = who.cookies["theme"] = header
        for path in paths:
            answer = who.post(
                path, dict.fromkeys(fields, nonsense), headers={"Referer": header, "HX-Current-URL": header}
            )
            if answer.status_code >= 500:
                went_wrong.append((path, nonsense[:20]))

    assert went_wrong == []
