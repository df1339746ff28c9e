"""The wallet's pages: who may see them, and what the overview says."""

import html

import pytest
from django.urls import reverse

from marketplace.accounts.models import Role
from marketplace.wallet.models import DemoPayment
from marketplace.wallet.services import (
    capture_hold,
)
from marketplace.wallet.states import DemoState
from shop.tests.wallet_forms import hold, page
from shop.views.wallet_lines import About, about

pytestmark = pytest.mark.usefixtures("books_balance")

TOP_UP = "/wallet/top-up/"


# --- who may ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/wallet/",
        TOP_UP,
        "/wallet/statement/",
        "/wallet/statement.csv",
        "/wallet/statement.xlsx",
        "/wallet/top-up/abc/",
        "/notifications/",
    ],
)
def test_a_visitor_is_sent_to_sign_in(client, db, path):
    response = client.get(path)

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_somebody_elses_payment_is_not_there(client, stranger, open_payment):
    client.force_login(stranger)

    for method, path in (
        ("get", reverse("shop:payment", args=[open_payment.public_id])),
        ("post", reverse("shop:payment_pay", args=[open_payment.public_id])),
        ("post", reverse("shop:payment_check", args=[open_payment.public_id])),
        ("get", reverse("shop:demo_payment", args=[open_payment.provider_reference])),
        ("post", reverse("shop:demo_payment", args=[open_payment.provider_reference])),
    ):
        assert getattr(client, method)(path, {"decision": "approved"}).status_code == 404
    assert DemoPayment.objects.get().state == DemoState.OPEN


@pytest.mark.parametrize("role", ["courier", "admin"])
def test_couriers_and_staff_see_their_wallet_but_do_not_top_up(client, request, role):
    client.force_login(request.getfixturevalue(role))

    assert client.get("/wallet/").status_code == 200
    assert TOP_UP not in page(client.get("/wallet/"))
    assert client.get(TOP_UP).status_code == 403
    assert client.post(TOP_UP, {"amount": "50"}).status_code == 403


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/wallet/", "post"),
        ("/wallet/statement/", "post"),
        ("/wallet/statement.csv", "post"),
        ("/wallet/statement.xlsx", "post"),
        ("/wallet/top-up/abc/", "post"),
        ("/wallet/top-up/abc/pay/", "get"),
        ("/wallet/top-up/abc/check/", "get"),
        ("/payments/demo/callback/", "get"),
        ("/notifications/abc/", "get"),
        ("/notifications/read-all/", "get"),
    ],
)
def test_each_address_takes_its_own_method_only(bea, path, method):
    assert getattr(bea, method)(path).status_code == 405


# --- overview -----------------------------------------------------------------------------------


def test_the_overview_of_an_unused_wallet_says_what_to_do(bea):
    response = bea.get("/wallet/")

    assert response.status_code == 200
    assert "No money has moved yet" in page(response)
    assert TOP_UP in page(response)


def test_the_overview_shows_balance_holds_and_a_chart(bea, buyer, fund):
    fund(buyer, 5_000)
    hold(buyer, 1_200)

    shown = page(bea.get("/wallet/"))

    assert "€38.00" in shown
    assert "€12.00" in shown
    assert "<polyline" in shown
    assert "style=" not in shown


def test_the_overview_costs_the_same_however_much_happened(bea, buyer, fund, django_assert_max_num_queries):
    for number in range(1, 12):
        fund(buyer, 100)
        hold(buyer, 10, number)
    bea.get("/wallet/")

    with django_assert_max_num_queries(14):
        bea.get("/wallet/")


@pytest.fixture
def orders(buyer, fund, goods, fill_cart, check_out, person):
    """`orders(3)`: the buyer orders from that many sellers."""

    def make(sellers: int):
        fund(buyer, 100_000)
        shops = [person(Role.SELLER) for _ in range(sellers)]
        fill_cart(buyer, {goods(shop, price=1_000): 1 for shop in shops})
        return check_out(buyer)

    return make


def test_each_hold_says_why_and_leads_to_its_order(bea, buyer, orders):
    order = orders(2)

    shown = page(bea.get("/wallet/"))

    link = reverse("shop:order_detail", args=[order.number])
    for shipment in order.shipments.all():
        assert html.escape(f"Order {order.number} from {shipment.seller.seller_profile.shop_name}") in shown
    assert shown.count(link) == 4  # two holds, two rows of the statement
    assert "until the parcel is in your hands" in shown
    assert bea.get(link).status_code == 200


@pytest.mark.every_database
def test_orders_cost_the_overview_and_the_statement_one_query_more(
    bea, orders, django_assert_max_num_queries
):
    orders(5)
    orders(4)
    bea.get("/wallet/")

    with django_assert_max_num_queries(15):
        bea.get("/wallet/")
    with django_assert_max_num_queries(9):
        bea.get("/wallet/statement/")


def test_a_seller_sees_the_shipment_but_not_the_buyers_order(buyer, orders):
    shipment = orders(1).shipments.get()

    theirs = About(f"Shipment {shipment.number}", reverse("seller_dashboard:parcel", args=[shipment.number]))
    assert about(shipment, shipment.seller) == theirs
    assert about(shipment, buyer).url == reverse("shop:order_detail", args=[shipment.order.number])


def test_a_payment_is_called_by_its_side(bea, client, buyer, seller, fund):
    fund(buyer, 5_000)
    hold(buyer, 1_000)
    capture_hold(open_key="shipment:1", payees={seller.pk: 1_000}, key="settle")

    assert "Paid to the seller" in page(bea.get("/wallet/statement/"))
    client.force_login(seller)
    assert "Payment received" in page(client.get("/wallet/statement/"))


@pytest.mark.every_database
def test_a_courier_reads_which_parcel_each_fee_was_for(client, courier, delivered, settings):
    settings.COURIER_FEE = 350
    job = delivered()
    client.force_login(courier)

    for path in ("/wallet/", "/wallet/statement/"):
        shown = page(client.get(path))
        assert f"Shipment {job.shipment.number}" in shown
        assert reverse("courier:job", args=[job.number]) in shown
    overview = page(client.get("/wallet/"))
    assert "When you order" not in overview  # they cannot
