"""The main journey: a visitor becomes a shopper whose money waits in escrow, one hold a seller."""

import re

import pytest
from playwright.sync_api import expect

from e2e.conftest import DESKTOP, NO_JS, PHONE
from e2e.shopper import Shopper
from marketplace.accounts.models import User
from marketplace.common.authorisation import SYSTEM
from marketplace.orders.models import CartLine, Order
from marketplace.products.services import change_price
from marketplace.wallet.selectors import wallet_of
from site_config.acts.orders import fill_cart
from site_config.acts.products import count, variant

pytestmark = pytest.mark.usefixtures("books_balance")


@pytest.mark.parametrize("device", [DESKTOP, PHONE, NO_JS], ids=["desktop", "phone", "no-javascript"])
def test_a_visitor_signs_up_pays_in_and_buys_from_two_sellers(open_context, stocked, mailoutbox, device):
    page = open_context(**device).new_page()
    nora = Shopper(page, mailoutbox, has_script=device is not NO_JS)

    # A visitor finds something; what is in the cart comes along when they sign up.
    nora.search_and_add("enamel", "Enamel kettle II")
    nora.sign_up()
    nora.say_where_parcels_go()
    page.goto("/wallet/top-up/")
    nora.pay_in("100")

    # A typo finds the other seller's kettle; two of it by the cart's own button.
    nora.search_and_add("coper kettle", "Copper kettle")
    page.goto("/cart/")
    nora.set_quantity("Copper kettle", 2)
    nora.expect_cart(sellers=2, total="€109.34")
    nora.expect_nothing_scrolls_sideways()

    # 9.34 is missing: the checkout says so, and the top-up comes back to it.
    page.get_by_test_id("to-checkout").click()
    expect(page.get_by_test_id("missing")).to_have_text("€9.34")
    nora.expect_nothing_scrolls_sideways()
    page.get_by_test_id("top-up").click()
    expect(page.get_by_label("Amount")).to_have_value("9.34")
    nora.pay_in("20", goes_on=r"/checkout/$")
    expect(page.get_by_test_id("stays")).to_have_text("€10.66")
    expect(page.get_by_test_id("ship-to")).to_contain_text("Königstraße 1")
    number = nora.place_the_order(name="Nora Lind", phone="+49 30 1234567")

    # Two shipments, each with its own money held.
    shipments = page.get_by_test_id("shipment")
    expect(shipments).to_have_count(2)
    for shipment, held in ((0, "€29.50 is held"), (1, "€79.84 is held")):
        expect(shipments.nth(shipment).get_by_test_id("where-the-money-is")).to_contain_text(held)
        expect(shipments.nth(shipment).get_by_test_id("shipment-status")).to_have_text("Placed")
    expect(page.get_by_test_id("order-held")).to_have_text("€109.34")
    nora.expect_nothing_scrolls_sideways()

    user = User.objects.get(email="nora@example.org")
    order = Order.objects.get(buyer=user)
    assert (order.number, order.total, order.shipments.count()) == (number, 10_934, 2)
    assert (wallet_of(user.pk).balance, wallet_of(user.pk).held_balance) == (1_066, 10_934)
    assert not CartLine.objects.exists()


@pytest.mark.parametrize("device", [DESKTOP, PHONE, NO_JS], ids=["desktop", "phone", "no-javascript"])
def test_what_changes_meanwhile_is_named_and_what_was_typed_stays(visit_as, stocked, device):
    buyer, kettle, lamp = stocked.buyer, stocked.products["Enamel kettle"], stocked.products["Reading lamp"]
    for product in (kettle, lamp):
        fill_cart(buyer, {product: 2})
    page = visit_as(buyer, **device)
    page.goto("/checkout/")
    page.get_by_label("Notes for the courier").fill("Mind the cat")
    count(kettle, 1)
    change_price(variant_id=variant(lamp).pk, price=7_900, actor=SYSTEM)

    page.get_by_test_id("place-order").click()

    expect(page.get_by_test_id("problem-short")).to_contain_text("only 1 is left; you want 2")
    expect(page.get_by_test_id("problem-price_risen")).to_contain_text("from €74.00 to €79.00")
    expect(page.get_by_label("Notes for the courier")).to_have_value("Mind the cat")
    assert not Order.objects.exists()

    page.get_by_role("button", name="Accept the new prices").click()
    page.get_by_role("link", name="Put the cart right").click()
    page.get_by_role("button", name="Take 1").click()
    expect(page.get_by_test_id("cart-total")).to_have_text("€187.50")
    page.get_by_test_id("to-checkout").click()
    page.get_by_test_id("place-order").click()
    expect(page.get_by_test_id("order-total")).to_have_text("€187.50")


@pytest.mark.parametrize("device", [DESKTOP, NO_JS], ids=["desktop", "no-javascript"])
def test_a_quantity_that_is_too_much_is_said_beside_it(visit_as, stocked, device):
    buyer = stocked.buyer
    fill_cart(buyer, {stocked.products["Travel kettle"]: 1})
    page = visit_as(buyer, **device)
    page.goto("/cart/")

    Shopper(page, None, has_script=device is not NO_JS).set_quantity("Travel kettle", 2)

    expect(page.get_by_test_id("line-error")).to_have_text("Only 1 is left.")
    expect(page.get_by_test_id("line-quantity")).to_have_value("2")
    assert CartLine.objects.get().quantity == 1


def test_the_headers_count_follows_the_cart_without_a_new_page(visit_as, stocked):
    buyer = stocked.buyer
    fill_cart(buyer, {stocked.products["Reading lamp"]: 1})
    page = visit_as(buyer)
    page.goto("/cart/")

    Shopper(page, None).set_quantity("Reading lamp", 3)

    expect(page.get_by_test_id("cart-count")).to_have_text("3")
    page.get_by_role("button", name="Remove Reading lamp").click()
    expect(page.get_by_role("heading", name="Your cart is empty")).to_be_visible()
    expect(page.get_by_test_id("cart-count")).to_have_count(0)


def test_a_double_click_orders_once(visit_as, stocked):
    buyer = stocked.buyer
    fill_cart(buyer, {stocked.products["Reading lamp"]: 1})
    page = visit_as(buyer)
    page.goto("/checkout/")

    page.get_by_test_id("place-order").dblclick()

    expect(page).to_have_url(re.compile(r"/orders/[0-9a-z]{12}/$"))
    assert Order.objects.count() == 1


@pytest.mark.parametrize("device", [DESKTOP, PHONE, NO_JS], ids=["desktop", "phone", "no-javascript"])
def test_pieces_and_a_shipment_are_cancelled_and_bought_again(visit_as, stocked, check_out, device):
    buyer = stocked.buyer
    for title, pieces in (("Enamel kettle", 3), ("Reading lamp II", 1)):
        fill_cart(buyer, {stocked.products[title]: pieces})
    order = check_out(buyer)
    page = visit_as(buyer, **device)
    page.goto(f"/orders/{order.number}/")

    page.get_by_role("link", name="Cancel Enamel kettle").click()
    page.get_by_label("How many").fill("2")
    page.get_by_role("button", name="Cancel it").click()
    expect(page.get_by_test_id("shipment-total").first).to_have_text("€29.50")
    page.get_by_test_id("cancel-shipment").last.click()
    expect(page.get_by_text("€74.00 goes back to the wallet at once.")).to_be_visible()
    page.get_by_role("button", name="Cancel it").click()
    expect(page.get_by_test_id("shipment-status").last).to_have_text("Cancelled")
    expect(page.get_by_test_id("order-held")).to_have_text("€29.50")
    assert wallet_of(buyer.pk).held_balance == 2_950

    page.get_by_role("button", name="Buy again").click()
    expect(page.get_by_test_id("cart-line")).to_have_count(2)
    assert (
        page.request.get(f"/orders/{order.number}/receipt.pdf").headers["content-type"] == "application/pdf"
    )
