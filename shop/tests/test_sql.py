"""What the lists ask the database: no page by its number, and nothing counted to its end."""

import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.notifications.services import notify
from marketplace.orders.notices import SHIPMENT_CANCELLED
from marketplace.wallet.services import top_up_wallet

# MariaDB's full text index holds only what is committed.
pytestmark = [pytest.mark.django_db(transaction=connection.vendor == "mysql"), pytest.mark.every_database]
BIG = "products_product|orders_|notifications_|wallet_"
MORE = re.compile(r'href="([^"]*[?&;]after=[^"]*)"')


def asked(client, path: str) -> list[str]:
    cache.clear()
    with CaptureQueriesContext(connection) as context:
        response = client.get(path)
    assert response.status_code == 200
    client.page = response.content.decode()
    return [query["sql"] for query in context]


def check(statements: list[str]) -> None:
    assert statements
    for sql in statements:
        assert "OFFSET" not in sql.upper()
        for counted in re.findall(r"COUNT\s*\(.*", sql.upper(), re.DOTALL):
            is_bounded = re.match(r"COUNT\(\*\)( AS \S+)? FROM \(SELECT .*LIMIT \d+\)", counted, re.DOTALL)
            assert is_bounded or not re.search(BIG.upper(), sql.upper()), sql


@pytest.mark.parametrize("path", ["/", "/c/things/", "/b/acme/", "SHOP", "/search/", "/search/?q=lamp"])
def test_a_public_list_counts_nothing_and_skips_nothing(client, make_product, make_brand, seller, path):
    brand = make_brand("Acme")
    for _number in range(26):
        make_product(title="Lamp", brand=brand)
    path = reverse("shop:seller", args=[seller.seller_profile.slug]) if path == "SHOP" else path

    check(asked(client, path))

    if path != "/":
        check(asked(client, MORE.search(client.page)[1].replace("&amp;", "&")))


def make_orders(buyer, goods, fill_cart, check_out, fund, seller):
    fund(buyer, 50_000)
    for _number in range(12):
        fill_cart(buyer, {goods(seller, price=100): 1})
        check_out(buyer)


def test_a_persons_lists_count_nothing_and_skip_nothing(
    client, buyer, seller, goods, fill_cart, check_out, fund
):
    make_orders(buyer, goods, fill_cart, check_out, fund, seller)
    for number in range(30):
        top_up_wallet(owner_id=buyer.pk, amount=1, key=f"test:{number}")
        notify(
            recipient_id=buyer.pk,
            kind=SHIPMENT_CANCELLED,
            subject=buyer,
            event_key=f"test:{number}",
            number="7",
            amount=1,
        )
    client.force_login(buyer)

    for name in ("shop:orders", "shop:notifications", "shop:wallet_statement"):
        check(asked(client, reverse(name)))
        following = MORE.search(client.page)[1].replace("&amp;", "&")
        check(asked(client, following if following.startswith("/") else reverse(name) + following))


def test_a_sellers_desk_counts_no_further_than_it_says(
    client, buyer, seller, goods, fill_cart, check_out, fund
):
    make_orders(buyer, goods, fill_cart, check_out, fund, seller)
    client.force_login(seller)

    check(asked(client, reverse("seller_dashboard:home")))
