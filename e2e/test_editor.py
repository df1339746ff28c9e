"""A seller writes a listing, is asked for changes, mends it and has it in the shop; nothing typed is lost."""

from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect

from e2e.conftest import DESKTOP, NO_JS, PHONE
from e2e.lister import Lister
from marketplace.products.models import Product
from marketplace.reviewing.models import Submission
from site_config.acts.products import decide

PICTURES = [Path(settings.BASE_DIR, "static", "img", name) for name in ("icon-192.png", "icon-512.png")]


@pytest.mark.parametrize("device", [DESKTOP, NO_JS, PHONE], ids=["desktop", "no-javascript", "phone"])
def test_from_the_first_word_to_the_shop(stocked, visit_as, device):
    page = visit_as(stocked.seller, **device)
    sam = Lister(page)
    sam.begin("Linen shirt", category="Lamps", price="15")

    # Options make a table; what is wrong in it is said and kept.
    sam.offer_in(("Size", "S, M, L"), rows=3)
    sam.stock_all(4)
    expect(sam.cell(2, "stock")).to_have_value("4")
    sam.cell(1, "price").fill("seventeen")
    sam.describe("**Soft**, of flax.")
    page.get_by_test_id("save").click()
    expect(sam.cell(1, "price")).to_have_value("seventeen")
    expect(page.get_by_label("Description")).to_have_value("**Soft**, of flax.")
    sam.cell(1, "price").fill("17")
    sam.save()

    sam.show(PICTURES, alt="A shirt, side")
    page.get_by_role("button", name="Picture 2 earlier").click()
    sam.expect_picture(0, "A shirt, side 1")
    page.get_by_test_id("preview").click()
    expect(page.get_by_test_id("preview-text").locator("strong")).to_have_text("Soft")
    page.get_by_role("link", name="Go on writing").click()
    sam.hand_in()

    submission = Submission.objects.get()
    decide(submission, stocked.admin, "changes_requested", "Say how long it is")
    sam.mend(asked="Say how long it is", text="**Soft**, 80 cm long.")
    submission.refresh_from_db()
    decide(submission, stocked.admin)
    product = Product.objects.get(title="Linen shirt")
    assert (product.status, product.variants.filter(is_offered=True).count()) == ("live", 3)


def test_what_was_typed_is_there_again_after_a_lost_session(stocked, visit_as, sign_in, guard):
    page = visit_as(stocked.seller, **DESKTOP)
    page.goto("/seller/listings/new/")
    page.get_by_label("Title").fill("Linen shirt")
    page.get_by_label("Category").select_option(label="Lamps")
    page.get_by_label("Price").fill("15")
    page.get_by_test_id("begin").click()
    address = page.url
    expect(page.get_by_test_id("missing")).to_contain_text("Describe it")
    page.get_by_label("Description").fill("Kept.")
    expect(page.get_by_test_id("kept")).to_contain_text("Saved just now")
    expect(page.get_by_test_id("missing")).not_to_contain_text("Describe it")
    expect(page.get_by_test_id("missing")).to_contain_text("Add a picture")
    assert Product.objects.get(title="Linen shirt").description == "Kept."

    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.get_by_label("Description").fill("Typed for an hour.")
    page.get_by_test_id("save").click()
    expect(page).not_to_have_url(address)
    sign_in(page, stocked.seller)
    page.goto(address)
    page.get_by_role("button", name="Bring it back").click()
    expect(page.get_by_label("Description")).to_have_value("Typed for an hour.")
    page.get_by_test_id("save").click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    assert Product.objects.get(title="Linen shirt").description == "Typed for an hour."
