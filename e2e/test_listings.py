"""A seller at their own listings: price and stock in the row, many at once, with and without JavaScript."""

import pytest
from playwright.sync_api import expect

from e2e.conftest import DESKTOP, NO_JS, PHONE
from marketplace.products.models import Product
from site_config.acts.products import variant


def row_of(page, title: str):
    return page.get_by_test_id("listing").filter(has_text=title)


@pytest.mark.parametrize("device", [DESKTOP, NO_JS, PHONE], ids=["desktop", "no-javascript", "phone"])
def test_price_and_stock_are_changed_where_they_are_read(stocked, visit_as, device):
    lamp = stocked.products["Night lamp"]
    page = visit_as(stocked.seller, **device)
    page.goto("/seller/listings/?stock=out")
    row = row_of(page, "Night lamp")
    expect(row).to_contain_text("Sold out")

    row.get_by_label("In stock").or_(row.locator("input[name=stock]")).first.fill("+5")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        row.get_by_role("button", name="Save the stock").click()
    page.goto("/seller/listings/?q=night")
    row = row_of(page, "Night lamp")
    expect(row.get_by_test_id("stock")).to_have_text("5")

    # A count asks first.
    row.locator("input[name=stock]").fill("12")
    row.get_by_role("button", name="Save the stock").click()
    expect(page.get_by_test_id("stock-question")).to_contain_text("There are 12 of it now?")
    page.get_by_test_id("stock-yes").click()
    expect(page.get_by_test_id("stock")).to_have_text("12")

    page.locator("input[name=price]").fill("nothing")
    page.get_by_role("button", name="Save the price").click()
    expect(page.get_by_test_id("price-error")).to_be_visible()
    expect(page.locator("input[name=price]")).to_have_value("nothing")
    page.locator("input[name=price]").fill("13.40")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_role("button", name="Save the price").click()
    expect(page.get_by_test_id("price-error")).to_have_count(0)
    page.goto("/seller/listings/?q=night")
    expect(row_of(page, "Night lamp").locator("input[name=price]")).to_have_value("13.40")
    there = variant(lamp)
    assert (there.stock, there.current_price) == (12, 1340)


@pytest.mark.parametrize("device", [DESKTOP, NO_JS, PHONE], ids=["desktop", "no-javascript", "phone"])
def test_ticked_listings_are_paused_and_one_comes_back(stocked, visit_as, device):
    page = visit_as(stocked.seller, **device)
    page.goto("/seller/listings/?q=kettle")
    if device is not NO_JS:
        page.get_by_label("All on this page").check()
    else:
        for box in page.locator("input[name=pick]").all():
            box.check()
    page.get_by_label("What to do with the ticked ones").select_option("pause")
    page.get_by_test_id("move").click()

    expect(page.get_by_text("Done: 3 listings.")).to_be_visible()
    expect(page).to_have_url("/seller/listings/?q=kettle")
    assert Product.objects.filter(seller=stocked.seller, status="paused").count() == 3

    row_of(page, "Copper kettle").get_by_role("link", name="Copper kettle").click()
    page.get_by_test_id("resume").click()
    expect(page.get_by_test_id("listing-status")).to_have_text("Live")
    assert Product.objects.get(pk=stocked.products["Copper kettle"].pk).status == "live"


def test_nothing_is_wider_than_a_small_phone(stocked, visit_as):
    page = visit_as(stocked.seller, viewport={"width": 320, "height": 700}, is_mobile=True)
    slug = stocked.products["Copper kettle"].slug
    for address in ("", "?stock=low", f"{slug}/"):
        page.goto(f"/seller/listings/{address}")
        assert page.locator(".shell").evaluate("shell => shell.scrollWidth") <= 320
