"""A seller changes what a live listing says; it sells on as before, until an admin has seen what differs."""

from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect

from e2e.conftest import DESKTOP, NO_JS, PHONE
from marketplace.orders.models import ShipmentLine
from marketplace.products.models import ListingEdit, Product
from marketplace.products.services import NewVariant
from marketplace.reviewing.models import Submission
from site_config.acts import orders, products

PICTURE = Path(settings.BASE_DIR, "static", "img", "icon-192.png")
SMALL_PHONE = {**PHONE, "viewport": {"width": 390, "height": 800}}


@pytest.mark.parametrize("device", [DESKTOP, NO_JS, SMALL_PHONE], ids=["desktop", "no-javascript", "phone"])
def test_a_live_shirt_is_changed_and_who_bought_it_before_keeps_theirs(stocked, visit_as, device):
    shirt = products.offer(
        stocked.seller,
        stocked.categories["lamps"],
        title="Linen shirt",
        description="Soft, of Belgian flax.",
        options=[("Size", ["S", "M"])],
        variants=[NewVariant(1500, 3, ("S",), sku="S-1"), NewVariant(1700, 2, ("M",), sku="M-1")],
    )
    products.show(shirt, alt_text="A shirt from the front")
    order = orders.buy(stocked.buyer, {products.variant(shirt, "M"): 1})

    # The seller changes its title, a word of its text, and adds a size and a picture.
    page = visit_as(stocked.seller, **device)
    page.goto(f"/seller/listings/{shirt.slug}/")
    page.get_by_test_id("change-begin").click()
    expect(page.get_by_test_id("nothing-differs")).to_be_visible()
    expect(page.get_by_test_id("sold")).to_have_count(2)
    page.get_by_label("Title").fill("Linen shirt, long")
    page.get_by_label("Description").fill("Soft, of French flax.")
    page.locator("#id_option1_values").fill("S, M, L")
    page.get_by_test_id("table").click()
    expect(page.get_by_test_id("variant-row")).to_have_count(3)
    expect(page.get_by_test_id("sold")).to_have_count(2)
    page.locator("#id_v-2-price").fill("19")
    page.locator("#id_v-2-stock").fill("4")
    page.get_by_test_id("save").click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    page.locator("#files").set_input_files(PICTURE)
    page.get_by_test_id("upload").click()
    expect(page.get_by_test_id("picture")).to_have_count(2)
    picture = page.get_by_test_id("picture").nth(1)
    picture.get_by_label("What it shows").fill("The collar")
    picture.get_by_role("button", name="Save").click()
    expect(page.get_by_test_id("picture").nth(1).get_by_label("What it shows")).to_have_value("The collar")
    page.goto(page.url)
    expect(page.get_by_test_id("differs-text").locator("ins")).to_contain_text("French")
    expect(page.get_by_test_id("differs-text").locator("del")).to_contain_text("Belgian")
    page.get_by_test_id("submit").click()
    expect(page.get_by_test_id("edit-status")).to_have_text("Waiting for review")

    # Shoppers see it as before, and can buy it.
    shopper = visit_as(stocked.buyer, **device)
    shopper.goto(f"/p/{shirt.slug}/")
    expect(shopper.get_by_role("heading", level=1)).to_have_text("Linen shirt")
    expect(shopper.get_by_text("Belgian flax")).to_be_visible()

    # An admin reads both sides and confirms.
    desk = visit_as(stocked.admin, **device)
    desk.goto(f"/backoffice/reviews/{Submission.objects.get().public_id}/")
    differences = desk.get_by_test_id("differences")
    expect(differences.locator("ins").first).to_contain_text("long")
    expect(desk.get_by_test_id("differs-text").locator("del")).to_contain_text("Belgian")
    expect(desk.get_by_test_id("differs-pictures").locator("ins")).to_contain_text("New")
    expect(desk.get_by_test_id("differs-variant")).to_contain_text("Size: L")
    expect(desk.get_by_test_id("differs-variant")).to_contain_text("19.00")
    desk.get_by_test_id("act-approved").locator("summary").click()
    desk.get_by_test_id("act-approved").get_by_test_id("decide").click()
    expect(desk.get_by_text("Approved; they were told.")).to_be_visible()

    # The shop shows it at once; the order from before shows what was bought.
    shopper.goto(f"/p/{shirt.slug}/")
    expect(shopper.get_by_role("heading", level=1)).to_have_text("Linen shirt, long")
    expect(shopper.get_by_text("French flax")).to_be_visible()
    shopper.goto(f"/orders/{order.number}/")
    shopper.get_by_test_id("line-listing").click()
    expect(shopper.get_by_test_id("content-title")).to_have_text("Linen shirt")
    expect(shopper.get_by_test_id("preview-text")).to_contain_text("Belgian flax")
    expect(shopper.get_by_test_id("chosen")).to_contain_text("Size: M")
    expect(shopper.get_by_test_id("frozen-note")).to_contain_text("has changed what it says")
    shopper.get_by_test_id("as-now").click()
    expect(shopper.get_by_role("heading", level=1)).to_have_text("Linen shirt, long")

    shirt = Product.objects.get(pk=shirt.pk)
    assert [row.stock for row in shirt.variants.order_by("position")] == [3, 1, 4]
    assert (shirt.content_number, ShipmentLine.objects.get().listing_number) == (2, 1)


def test_a_change_is_let_go_after_a_question(stocked, visit_as):
    page = visit_as(stocked.seller, **DESKTOP)
    kettle = stocked.products["Copper kettle"]
    page.goto(f"/seller/listings/{kettle.slug}/")
    page.get_by_test_id("change-begin").click()
    page.get_by_label("Title").fill("Another kettle")
    expect(page.get_by_test_id("kept")).to_contain_text("Saved just now")
    page.goto(f"/seller/listings/{kettle.slug}/")
    page.get_by_test_id("change-cancel").click()
    page.get_by_test_id("cancel").click()
    expect(page.get_by_test_id("edit-status")).to_have_text("Cancelled")
    assert ListingEdit.objects.get().status == "cancelled"
    assert Product.objects.get(pk=kettle.pk).title == "Copper kettle"
