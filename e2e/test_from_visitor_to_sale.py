"""The seller's whole way: from a visitor to a shop whose shirt is bought in M; and a shop that is away."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import DESKTOP, NO_JS, PHONE
from e2e.lister import Lister
from e2e.shopper import Shopper
from e2e.test_accounts import EMAIL, sign_up
from e2e.test_applying import WITHOUT_JS, apply_to_sell, decide, fits
from marketplace.common import clock
from marketplace.orders.models import Order
from marketplace.products.models import Product
from site_config.acts import products

pytestmark = pytest.mark.usefixtures("books_balance")

SIZES, COLOURS = ("S", "M", "L"), ("Red", "Blue")


@pytest.fixture
def pictures(tmp_path) -> list[Path]:
    """Three photos as a camera makes them: JPEG, PNG and WebP."""
    paths = []
    for kind in ("JPEG", "PNG", "WEBP"):
        path = tmp_path / f"shirt.{kind.lower()}"
        path.write_bytes(products.picture_file(kind, (600, 800)).getvalue())
        paths.append(path)
    return paths


@pytest.mark.parametrize("device", [PHONE, WITHOUT_JS], ids=["phone", "no-javascript"])
def test_a_visitor_opens_a_shop_and_sells_a_shirt_in_m(
    stocked, open_context, visit_as, mailoutbox, pictures, device
):
    page, admin = open_context(**device).new_page(), visit_as(stocked.admin, **device)

    # A visitor becomes a seller.
    sign_up(page, mailoutbox)
    apply_to_sell(page, "Nora's Shirts")
    decide(admin, "approved")
    expect(admin.get_by_text("Approved; they were told.")).to_be_visible()

    # Their first shirt: three sizes in two colours, with three pictures.
    nora = Lister(page)
    nora.begin("Linen shirt", category="Lamps", price="15")
    nora.offer_in(("Size", ", ".join(SIZES)), ("Colour", ", ".join(COLOURS)), rows=6)
    nora.stock_all(4)
    nora.cell(2, "price").fill("17")
    nora.describe("Soft, of flax.")
    nora.save()
    fits(page)
    nora.show(pictures, alt="A shirt, side")
    fits(page)
    nora.hand_in()
    fits(page)
    shirt = Product.objects.get(title="Linen shirt")
    assert open_context(**device).new_page().goto(f"/p/{shirt.slug}/").status == 404

    # Somebody of the store asks for changes, and is content with what they get.
    decide(admin, "changes_requested", template="Say more")
    nora.mend(asked="what it is made of", text="Soft, of flax; 80 cm long.")
    decide(admin, "approved")
    page.reload()
    nora.expect_status("Live")

    # A shopper finds it and takes a red one in M.
    buyer = visit_as(stocked.buyer, **device)
    bea = Shopper(buyer, None, has_script=device is PHONE)
    bea.search("linen", "Linen shirt")
    expect(buyer.get_by_text("80 cm long")).to_be_visible()
    buyer.get_by_role("radio", name="M", exact=True).check()
    if not bea.has_script:
        buyer.get_by_role("button", name="Show this choice").click()
    expect(buyer.get_by_test_id("price")).to_contain_text("€17.00")
    bea.expect_nothing_scrolls_sideways()
    buyer.get_by_role("button", name="Add to cart").click()
    expect(buyer.get_by_test_id("messages")).to_contain_text("Linen shirt (M / Red)")
    buyer.goto("/checkout/")
    buyer.get_by_test_id("place-order").click()
    expect(buyer).to_have_url(re.compile(r"/orders/[0-9a-z]{12}/$"))
    expect(buyer.get_by_text("Size: M · Colour: Red")).to_be_visible()

    # Of M in red alone there are fewer; its seller reads it and has a parcel to pack.
    left = {(row.option1, row.option2): row.stock for row in shirt.variants.all()}
    assert left == {(size, colour): 4 for size in SIZES for colour in COLOURS} | {("M", "Red"): 3}
    order = Order.objects.get()
    assert (order.total, order.shipments.get().seller.email) == (1_700, EMAIL)
    page.reload()
    red_m = page.get_by_test_id("variant").filter(has_text="Size: M · Colour: Red")
    expect(red_m.get_by_test_id("stock")).to_have_text("3")
    page.goto("/seller/")
    expect(page.get_by_test_id("to-pack")).to_contain_text("1 × Linen shirt (Size: M · Colour: Red)")
    fits(page)


def see_whether_it_sells(page: Page, product: Product, *, sells: bool) -> None:
    page.goto(f"/p/{product.slug}/")
    expect(page.get_by_role("button", name="Add to cart")).to_have_count(1 if sells else 0)
    expect(page.get_by_text("is away. You can buy this again from")).to_have_count(0 if sells else 1)


@pytest.mark.parametrize("device", [DESKTOP, PHONE, NO_JS], ids=["desktop", "phone", "no-javascript"])
def test_a_vacation_takes_the_buy_button_away_and_brings_it_back(stocked, visit_as, device, time_machine):
    """The seller says from when to when; nobody does anything on those days, and no sweep runs."""
    start = clock.now().replace(hour=12, minute=0, second=0)
    kettle, other = stocked.products["Copper kettle"], stocked.products["Copper kettle II"]
    seller, shopper = visit_as(stocked.seller, **device), visit_as(stocked.buyer, **device)
    seller.goto("/seller/settings/")
    seller.get_by_label("First day away").fill(f"{start + timedelta(days=1):%Y-%m-%d}")
    seller.get_by_label("Back on").fill(f"{start + timedelta(days=3):%Y-%m-%d}")
    seller.get_by_label("Note for shoppers").fill("At the sea.")
    seller.get_by_role("button", name="Save the vacation").click()
    expect(seller.get_by_test_id("messages")).to_be_visible()

    see_whether_it_sells(shopper, kettle, sells=True)
    shopper.get_by_role("button", name="Add to cart").click()
    expect(shopper.get_by_test_id("messages")).to_contain_text("Copper kettle")

    time_machine.move_to(start + timedelta(days=2))
    see_whether_it_sells(shopper, kettle, sells=False)
    expect(shopper.get_by_text("At the sea.")).to_be_visible()
    see_whether_it_sells(shopper, other, sells=True)
    shopper.goto("/cart/")
    expect(shopper.get_by_text("The shop is away and sells again from")).to_be_visible()
    seller.goto("/seller/")
    expect(seller.get_by_test_id("away")).to_be_visible()

    time_machine.move_to(start + timedelta(days=4))
    see_whether_it_sells(shopper, kettle, sells=True)
    shopper.goto("/checkout/")
    shopper.get_by_test_id("place-order").click()
    expect(shopper).to_have_url(re.compile(r"/orders/[0-9a-z]{12}/$"))
