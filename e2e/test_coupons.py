"""A seller makes a coupon, a shopper uses it from the cart to the receipt, on a phone and without JavaScript."""

import pytest
from playwright.sync_api import expect

from e2e.conftest import PHONE
from e2e.shopper import Shopper
from marketplace.coupons.models import Coupon, CouponUse
from marketplace.coupons.services import stop_coupon
from marketplace.orders.models import Order
from marketplace.wallet.selectors import wallet_of
from site_config.acts import coupons, delivery
from site_config.acts.orders import fill_cart

pytestmark = pytest.mark.usefixtures("books_balance")
SMALL = {**PHONE, "viewport": {"width": 360, "height": 800}}
DEVICES = pytest.mark.parametrize(
    "device", [SMALL, {**SMALL, "java_script_enabled": False}], ids=["phone", "no-javascript"]
)


@DEVICES
def test_a_coupon_from_its_shop_to_the_receipt(visit_as, stocked, mailoutbox, device):
    seller, buyer = stocked.seller, stocked.buyer

    # The seller has none yet, and makes one.
    shop = visit_as(seller, **device)
    sam = Shopper(shop, mailoutbox, has_script=device is SMALL)
    shop.goto("/seller/coupons/")
    expect(shop.get_by_test_id("empty")).to_be_visible()
    sam.expect_nothing_scrolls_sideways()
    shop.get_by_role("link", name="New coupon").click()
    shop.get_by_label("Code").fill("spring 5")
    shop.get_by_role("button", name="Make it").click()
    expect(shop.get_by_text("Give a percentage or an amount, not both.")).to_be_visible()
    expect(shop.get_by_label("Code")).to_have_value("spring 5")
    shop.get_by_label("Or an amount off").fill("5.00")
    shop.get_by_label("Goods of at least").fill("40.00")
    shop.get_by_label("How often a person").fill("1")
    sam.expect_nothing_scrolls_sideways()
    shop.get_by_role("button", name="Make it").click()
    expect(shop.get_by_test_id("coupon-state")).to_have_text("Running")
    sam.expect_nothing_scrolls_sideways()

    # In the cart it wants more goods than there are; then it is taken, however it is typed.
    fill_cart(buyer, {stocked.products["Enamel kettle"]: 1, stocked.products["Reading lamp II"]: 1})
    page = visit_as(buyer, **device)
    bea = Shopper(page, mailoutbox, has_script=device is SMALL)
    page.goto("/cart/")
    mine = page.get_by_test_id("cart-seller").first
    mine.get_by_text("A coupon of this shop?").click()
    mine.get_by_test_id("coupon-code").fill("Spring5")
    mine.get_by_role("button", name="Use it").click()
    expect(page.get_by_test_id("coupon-error")).to_contain_text("€10.50 are missing")
    expect(page.get_by_test_id("coupon-code").first).to_have_value("Spring5")
    bea.expect_nothing_scrolls_sideways()
    bea.set_quantity("Enamel kettle", 2) if device is SMALL else _more(page)
    expect(page.get_by_test_id("cart-total")).to_have_text("€133.00")
    mine.get_by_text("A coupon of this shop?").click()
    mine.get_by_test_id("coupon-code").fill(" spring 5 ")
    mine.get_by_role("button", name="Use it").click()
    expect(page.get_by_test_id("cart-coupon")).to_have_text("−€5.00")
    expect(page.get_by_test_id("cart-total")).to_have_text("€128.00")
    bea.expect_nothing_scrolls_sideways()

    # At the checkout it can be taken off and used again, and what was typed stays.
    page.get_by_test_id("to-checkout").click()
    expect(page.get_by_test_id("checkout-total")).to_have_text("€128.00")
    page.get_by_label("Notes for the courier").fill("Mind the cat")
    page.get_by_role("button", name="Take off the coupon SPRING5").click()
    expect(page.get_by_test_id("checkout-total")).to_have_text("€133.00")
    page.get_by_text("A coupon of this shop?").first.click()
    page.get_by_test_id("coupon-code").first.fill("spring5")
    page.get_by_test_id("coupon-code").first.press("Enter")
    expect(page.get_by_test_id("checkout-total")).to_have_text("€128.00")
    expect(page.get_by_label("Notes for the courier")).to_have_value("Mind the cat")
    bea.expect_nothing_scrolls_sideways()
    assert not Order.objects.exists()
    number = bea.place_the_order(name="Bea", phone="+49 30 1234567")

    # It stands on the order, the receipt is drawn, and its shop reads that it was used.
    expect(page.get_by_test_id("coupon")).to_have_text("−€5.00")
    expect(page.get_by_test_id("order-total")).to_have_text("€128.00")
    bea.expect_nothing_scrolls_sideways()
    assert wallet_of(buyer.pk).held_balance == 12_800
    assert page.request.get(f"/orders/{number}/receipt.pdf").body()[:5] == b"%PDF-"
    shop.goto("/seller/coupons/")
    expect(shop.get_by_test_id("coupon-uses")).to_contain_text("1 use")
    expect(shop.get_by_test_id("coupon-uses")).to_contain_text("€5.00 taken off in all")
    sam.expect_nothing_scrolls_sideways()
    shop.get_by_role("link", name="SPRING5").click()
    shop.get_by_test_id("coupon-use").get_by_role("link").click()
    expect(shop.get_by_test_id("coupon")).to_have_text("−€5.00")
    expect(shop.get_by_test_id("parcel-goods")).to_have_text("€54.00")
    sam.expect_nothing_scrolls_sideways()

    # A piece less gives back what it cost; with all of it the use comes back.
    kettles = Order.objects.get().shipments.get(seller=seller)
    delivery.cancel_pieces(kettles.lines.get())
    page.reload()
    expect(page.get_by_test_id("coupon")).to_have_text("−€2.50")
    expect(page.get_by_test_id("order-held")).to_have_text("€101.00")
    page.get_by_test_id("cancel-shipment").first.click()
    expect(page.get_by_text("€27.00 goes back to the wallet at once.")).to_be_visible()
    page.get_by_role("button", name="Cancel it").click()
    expect(page.get_by_test_id("order-held")).to_have_text("€74.00")
    assert (Coupon.objects.get().uses, CouponUse.objects.get().given_back_at is None) == (0, False)


def _more(page) -> None:
    line = page.get_by_test_id("cart-line").filter(has_text="Enamel kettle").first
    line.get_by_test_id("line-quantity").fill("2")
    line.get_by_role("button", name="Update").click()


@DEVICES
def test_one_that_was_stopped_meanwhile_is_named_and_nothing_is_ordered(
    visit_as, stocked, mailoutbox, device
):
    seller, buyer = stocked.seller, stocked.buyer
    coupon = coupons.make(seller)
    fill_cart(buyer, {stocked.products["Reading lamp"]: 1})
    coupons.apply(buyer, coupon)
    page = visit_as(buyer, **device)
    page.goto("/checkout/")
    page.get_by_label("Notes for the courier").fill("Mind the cat")
    stop_coupon(coupon_id=coupon.pk, actor=seller)

    page.get_by_test_id("place-order").click()

    expect(page.get_by_test_id("problem-coupon")).to_have_text("The coupon SAVE10 was stopped by its seller.")
    expect(page.get_by_label("Notes for the courier")).to_have_value("Mind the cat")
    expect(page.get_by_test_id("place-order")).to_have_count(0)
    assert not Order.objects.exists()
    Shopper(page, mailoutbox).expect_nothing_scrolls_sideways()

    page.get_by_role("button", name="Take off the coupon SAVE10").click()
    page.get_by_test_id("place-order").click()
    expect(page.get_by_test_id("order-total")).to_have_text("€74.00")
