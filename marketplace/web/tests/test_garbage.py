"""Nonsense in the address: a page, a redirect or a refusal, never a 500."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse

from e2e.pages import PAGES
from e2e.world import World, stock_world
from marketplace.common.idempotency import new_form_key
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.services import add_to_cart
from marketplace.wallet.payments.desk import payment_page
from marketplace.wallet.services import start_top_up
from shop.forms.catalogue import PARAMETERS
from shop.forms.wallet import StatementFilter

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
KNOWN = {
    *PARAMETERS,
    *StatementFilter.base_fields,
    "next",
    "amount",
    "before",
    "after",
    "toasts",
    "uid",
    "key",
}
MADE_UP = "made_up"
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://["}


@pytest.fixture
def world(person, check_out) -> World:
    world = stock_world(person)
    cart = CartRef(user_id=world.buyer.pk)
    kettle = world.products["Copper kettle"].pk
    add_to_cart(cart=cart, product_id=kettle, quantity=2)
    world.order = check_out(world.buyer)
    add_to_cart(cart=cart, product_id=kettle, quantity=1)
    key = new_form_key(user_id=world.buyer.pk, action="top_up")
    world.top_up = start_top_up(user_id=world.buyer.pk, amount=2_500, form_key=key)
    payment_page(top_up_id=world.top_up.pk, return_url="http://localhost/wallet/")
    world.top_up.refresh_from_db()
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
        elif name in PAGES:
            given = PAGES[name].address(world)
        found[name] = reverse(name, kwargs=given)
    return found


@pytest.fixture(params=["visitor", "buyer"])
def who(request, world, as_person) -> Client:
    client = as_person(world.buyer if request.param == "buyer" else None)
    client.raise_request_exception = False
    return client


def quoted(nonsense: str) -> str:
    return quote(nonsense, safe="%")


@pytest.mark.parametrize("nonsense", NONSENSE.values(), ids=NONSENSE)
def test_no_page_breaks_over_nonsense_in_its_address(world, who, nonsense):
    """In every parameter at once, once and as a list, asked for as a page and as a part of one."""
    text = quoted(nonsense)
    once = "&".join(f"{name}={text}" for name in sorted({*KNOWN, MADE_UP}))
    several = "&".join(f"{name}[]={text}&{name}={text}&{name}=1" for name in sorted({*KNOWN, MADE_UP}))
    broken = []

    for name, path in addresses(world).items():
        for query, headers in ((once, {}), (once, HTMX), (several, {})):
            if len(query) > 100_000 and headers:
                continue
            answer = who.get(f"{path}?{query}", headers=headers)
            if answer.status_code >= 500:
                broken.append((name, answer.status_code))

    assert broken == []


TOGETHER = ("http://[", "%00", str(10**30), "9999-12-31")


@pytest.mark.parametrize("parameter", sorted({*KNOWN, MADE_UP}))
def test_no_page_breaks_over_nonsense_in_one_parameter(world, who, parameter):
    """By itself: another parameter's refusal hides nothing."""
    broken = []

    for name in (
        "shop:search",
        "shop:category",
        "shop:search_suggest",
        "shop:wallet_statement",
        "shop:wallet_statement_csv",
        "shop:wallet_top_up",
        "shop:orders",
        "shop:notifications",
        "shop:location",
        "account_login",
        "account_signup",
        "account_logout",
        "account_reset_password",
        "account_reauthenticate",
        "mfa_index",
        "mfa_activate_totp",
    ):
        path = addresses(world)[name]
        for nonsense in TOGETHER:
            answer = who.get(f"{path}?{parameter}={quoted(nonsense)}", headers={"HX-Request": "true"})
            if answer.status_code >= 500:
                broken.append((name, nonsense, answer.status_code))

    assert broken == []


def test_no_page_breaks_over_nonsense_in_its_path(world, who):
    broken = []

    for name, needs in routes(get_resolver().url_patterns):
        for nonsense in (10**30, 2**63, 0, "x" * 2_000, "none", "-", "none-none"):
            try:
                path = reverse(name, kwargs=dict.fromkeys(needs, nonsense))
            except NoReverseMatch:
                continue
            if who.get(path).status_code >= 500:
                broken.append((name, nonsense))

    assert broken == []


@pytest.mark.parametrize("nonsense", ["http://[", "//evil.example", "😀", "\x00", "x" * 10_000, "-1"])
def test_no_form_breaks_over_nonsense_in_the_way_back(world, who, nonsense):
    """POSTs that only lead somewhere else, and the headers and cookies that say where one was."""
    who.cookies["cart"] = who.cookies["tz"] = who.cookies["theme"] = "".join(
        filter(str.isprintable, nonsense)
    )
    referer = quote(nonsense, safe=":/[")
    headers = {"Referer": referer, "HX-Current-URL": referer}

    for name in ("account_login", "account_signup", "account_logout", "account_reset_password"):
        path = addresses(world)[name]
        answer = who.post(path, {"next": nonsense, "email": nonsense, "login": nonsense}, headers=headers)
        assert answer.status_code < 500, name
    for path in (
        "/cart/accept/",
        "/cart/add/",
        "/account/profile/",
        "/wallet/top-up/",
        "/notifications/read-all/",
    ):
        answer = who.post(
            path, dict.fromkeys(["next", "price", "product", "amount", "newest"], nonsense), headers=headers
        )
        assert answer.status_code < 500, path
