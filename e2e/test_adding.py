"""Adding to the cart from a product's page, where not all goes well."""

import re

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import NO_JS
from e2e.shopper import WIDE
from e2e.world import World
from site_config.acts.products import count


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_without_a_script_what_was_typed_stays_with_the_reason(open_context, stocked: World, scheme):
    page = open_context(
        **NO_JS | {"viewport": {"width": 320, "height": 900}, "color_scheme": scheme}
    ).new_page()
    kettle = stocked.products["Copper kettle"]
    page.goto(f"/p/{kettle.slug}/")
    page.get_by_label("Quantity", exact=True).fill("3")
    count(kettle, 2)

    page.get_by_role("button", name="Add to cart").click()

    error = page.get_by_test_id("add-error")
    expect(error).to_have_text(re.compile("Only 2 are left."))
    expect(page.get_by_label("Quantity", exact=True)).to_have_value("3")
    expect(page.get_by_label("Quantity", exact=True)).to_have_attribute("aria-describedby", "quantity-error")
    assert not page.evaluate(WIDE)

    page.get_by_label("Quantity", exact=True).fill("2")
    page.get_by_role("button", name="Add to cart").click()
    expect(page.get_by_test_id("line-quantity")).to_have_value("2")


def test_each_click_on_a_page_that_stays_adds(page: Page, stocked: World):
    page.goto(f"/p/{stocked.products['Copper kettle'].slug}/")
    for pieces in (1, 2):
        page.get_by_role("button", name="Add to cart").click()
        expect(page.get_by_test_id("messages")).to_contain_text(f"In your cart: {pieces} × Copper kettle.")

    page.goto("/cart/")
    expect(page.get_by_test_id("line-quantity")).to_have_value("2")
