"""What the delivery costs, from the product's page to the receipt, on a phone."""

import pytest
from playwright.sync_api import expect

from e2e.conftest import PHONE
from e2e.shopper import Shopper
from marketplace.common.authorisation import SYSTEM
from marketplace.orders.models import Order
from marketplace.rates.services import Rates, publish_rates
from marketplace.wallet.selectors import wallet_of
from site_config.acts.orders import fill_cart

pytestmark = pytest.mark.usefixtures("books_balance")
SMALL = {**PHONE, "viewport": {"width": 360, "height": 800}}
RATES = Rates(base=390, per_km=100, again_fee=150, wait_free=5, wait_fee=40, wait_most=200)


@pytest.mark.parametrize(
    "device", [SMALL, {**SMALL, "java_script_enabled": False}], ids=["phone", "no-javascript"]
)
def test_the_delivery_has_a_price_from_the_first_page_to_the_receipt(
    open_context, visit_as, stocked, mailoutbox, device
):
    publish_rates(rates=RATES, actor=SYSTEM, expected_version=0)
    kettle, buyer = stocked.products["Enamel kettle"], stocked.buyer

    # Who has not said where they live sees from what on it costs.
    visitor = open_context(**device).new_page()
    visitor.goto(f"/p/{kettle.slug}/")
    expect(visitor.get_by_test_id("delivery")).to_contain_text("Delivery from €3.90")

    # Who has, what it costs to their door: here it is their seller's, too.
    page = visit_as(buyer, **device)
    bea = Shopper(page, mailoutbox, has_script=device is SMALL)
    page.goto(f"/p/{kettle.slug}/")
    expect(page.get_by_test_id("delivery")).to_contain_text("Delivery to your address €3.90")
    bea.expect_nothing_scrolls_sideways()
    fill_cart(buyer, {kettle: 1})
    page.goto("/cart/")
    expect(page.get_by_test_id("cart-delivery")).to_have_text("€3.90")
    expect(page.get_by_test_id("cart-total")).to_have_text("€33.40")
    bea.expect_nothing_scrolls_sideways()

    page.get_by_test_id("to-checkout").click()
    expect(page.get_by_test_id("door-delivery")).to_contain_text("Delivery to this address: €3.90")
    expect(page.get_by_test_id("delivery-extras")).to_contain_text("each further try costs €1.50")
    expect(page.get_by_test_id("delivery-extras")).to_contain_text("5 minutes are free, then €0.40 a minute")
    bea.expect_nothing_scrolls_sideways()
    page.get_by_label("Notes for the courier").fill("Mind the cat")

    # It becomes dearer meanwhile: nothing is ordered until that was seen, and what was typed stays.
    publish_rates(rates=Rates(**vars(RATES) | {"base": 490}), actor=SYSTEM, expected_version=1)
    page.get_by_test_id("place-order").click()
    risen = page.get_by_test_id("problem-delivery_risen")
    expect(risen).to_have_text("The delivery costs €4.90 now; you saw €3.90.")
    assert not Order.objects.exists()
    expect(page.get_by_test_id("door-delivery")).to_contain_text("€4.90")
    expect(page.get_by_label("Notes for the courier")).to_have_value("Mind the cat")
    bea.expect_nothing_scrolls_sideways()

    bea.place_the_order(name="Bea", phone="+49 30 1234567")
    order = Order.objects.get()
    expect(page.get_by_test_id("shipment").get_by_test_id("delivery")).to_have_text("€4.90")
    expect(page.get_by_test_id("order-total")).to_have_text("€34.40")
    assert (order.total, wallet_of(buyer.pk).held_balance) == (3_440, 3_440)
    bea.expect_nothing_scrolls_sideways()
    receipt = page.request.get(f"/orders/{order.number}/receipt.pdf")
    assert (receipt.status, receipt.body()[:5]) == (200, b"%PDF-")
