"""Finding something: search, filters, pages, pictures; with and without JavaScript, large and small."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from e2e.world import World
from marketplace.common.authorisation import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def many(stocked: World) -> World:
    """Thirty more lamps, so that a list has a second page."""
    from marketplace.products import services
    from marketplace.products.states import ListingStatus

    for number in range(30):
        services.create_product(
            seller_id=stocked.seller.pk,
            category_id=stocked.categories["lamps"].pk,
            brand_id=None,
            title=f"Lantern number {number:02}",
            description="",
            price=1_000 + number,
            stock=5,
            status=ListingStatus.LIVE,
            actor=SYSTEM,
        )
    return stocked


@pytest.fixture
def pictured(stocked: World) -> World:
    """A product with three pictures."""
    import io

    from PIL import Image

    from marketplace.products import services

    for name, colour in (("front", "teal"), ("side", "orange"), ("back", "purple")):
        file = io.BytesIO()
        Image.new("RGB", (640, 640), colour).save(file, format="PNG")
        file.seek(0)
        services.add_image(
            product_id=stocked.products["Copper kettle"].pk, file=file, alt_text=f"The {name}", actor=SYSTEM
        )
    return stocked


def cards(page: Page):
    return page.get_by_test_id("product-card")


def test_a_visitor_searches_with_suggestions(page: Page, stocked: World):
    page.goto("/")
    box = page.get_by_role("combobox")
    box.press_sequentially("kettl")
    options = page.get_by_role("option")
    expect(options.first).to_have_text(re.compile("Kettles"))
    expect(box).to_have_attribute("aria-expanded", "true")

    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    box.press("Enter")

    expect(page).to_have_url(re.compile(r"/c/kettles/$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Kettles")


def test_a_misspelt_search_still_finds(page: Page, stocked: World):
    page.goto("/")
    page.get_by_role("combobox").fill("ketle copper")
    page.get_by_role("combobox").press("Enter")

    expect(page.get_by_test_id("corrected")).to_be_visible()
    expect(cards(page).first).to_contain_text("Copper kettle")


def test_filters_change_the_list_and_the_address_and_going_back_undoes_it(page: Page, stocked: World):
    page.goto("/c/kitchen/")
    expect(cards(page)).to_have_count(6)

    page.get_by_label(re.compile(r"^\s*Northwind")).check()
    expect(cards(page)).to_have_count(2)
    expect(page).to_have_url(re.compile(r"/c/kitchen/\?brand=northwind$"))

    page.get_by_label("To", exact=True).fill("10")
    page.get_by_label("To", exact=True).press("Enter")
    expect(page).to_have_url(re.compile(r"\?brand=northwind&price_max=10$"))
    expect(page.get_by_test_id("empty")).to_contain_text("Nothing matches all of these filters")

    page.get_by_test_id("chips").get_by_role("link", name=re.compile("Up to")).click()
    expect(cards(page)).to_have_count(2)
    expect(page.get_by_label("To", exact=True)).to_have_value("")

    page.go_back()
    expect(page.get_by_test_id("empty")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile(r"\?brand=northwind$"))
    expect(cards(page)).to_have_count(2)
    expect(page.get_by_label(re.compile(r"^\s*Northwind"))).to_be_checked()

    page.reload()
    expect(cards(page)).to_have_count(2)


def test_sorting_needs_no_button(page: Page, stocked: World):
    page.goto("/c/kettles/")
    page.get_by_label("Sort by").select_option("price")

    expect(page).to_have_url(re.compile(r"\?sort=price$"))
    expect(cards(page).first).to_contain_text("Travel kettle")


def test_show_more_adds_what_comes_next_and_goes_on_there(page: Page, many: World):
    page.goto("/c/lamps/")
    expect(cards(page)).to_have_count(24)

    page.get_by_test_id("load-more").click()

    expect(cards(page)).to_have_count(34)
    expect(page.get_by_test_id("load-more")).to_have_count(0)
    expect(cards(page).nth(24).get_by_role("link")).to_be_focused()
    expect(page).to_have_url(re.compile(r"/c/lamps/$"))


def test_everything_works_without_javascript(no_js: Page, many: World):
    page = no_js
    page.goto("/c/lamps/")
    page.get_by_test_id("load-more").click()
    expect(cards(page)).to_have_count(10)
    page.get_by_role("link", name="Back to the first products").click()
    expect(cards(page)).to_have_count(24)

    page.get_by_label("To", exact=True).fill("10.02")
    page.get_by_label(re.compile(r"^\s*In stock")).check()
    page.get_by_role("button", name="Apply the filters").click()
    expect(page).to_have_url(re.compile(r"/c/lamps/\?price_max=10\.02&in_stock=1$"))
    expect(cards(page)).to_have_count(3)

    page.get_by_label("Sort by").select_option("price")
    page.get_by_role("button", name="Apply", exact=True).click()
    expect(cards(page).first).to_contain_text("Lantern number 00")
    page.get_by_test_id("chips").get_by_role("link", name="Clear all").click()
    expect(page).to_have_url(re.compile(r"/c/lamps/\?sort=price$"))

    page.get_by_label("Search the store").fill("copper kettle")
    page.get_by_role("button", name="Search").click()
    cards(page).first.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Copper kettle")
    expect(page.get_by_test_id("add-to-cart")).to_be_visible()


@pytest.mark.parametrize("width", [320, 360, 390])
def test_on_a_phone_the_name_of_a_category_stays_in_its_tile(phone: Page, stocked: World, width: int):
    phone.set_viewport_size({"width": width, "height": 740})
    phone.goto("/")

    spill = (
        phone.get_by_test_id("category-tiles")
        .locator("a")
        .evaluate_all(
            """all => all.map((tile) => {
          tile.lastElementChild.textContent = "Electronics";
          return tile.scrollWidth - tile.clientWidth;
        })"""
        )
    )
    assert spill
    assert max(spill) <= 0


def test_a_word_without_end_stays_on_the_narrowest_phone(phone: Page, stocked: World):
    phone.set_viewport_size({"width": 320, "height": 640})
    phone.goto(f"/search/?q={'supercalifragilistic' * 4}")

    expect(phone.get_by_role("heading", level=1)).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") == 320


def test_on_a_phone_the_filters_are_a_drawer(phone: Page, stocked: World):
    phone.goto("/c/kitchen/")
    in_stock = phone.get_by_label(re.compile(r"^\s*In stock"))
    expect(in_stock).to_be_hidden()

    phone.get_by_test_id("open-filters").click()
    in_stock.check()
    expect(phone.get_by_test_id("result-count")).to_have_text("6 products")
    expect(in_stock).to_be_visible()
    phone.get_by_label(re.compile(r"^\s*Copperline")).check()
    expect(phone.get_by_test_id("result-count")).to_have_text("4 products")
    phone.get_by_test_id("show-results").click()

    expect(in_stock).to_be_hidden()
    expect(cards(phone)).to_have_count(4)
    width = phone.evaluate("document.documentElement.scrollWidth")
    assert width <= 390, f"the page is {width} px wide"


def test_the_drawer_opens_without_javascript(open_context: Callable, stocked: World):
    page = open_context(viewport={"width": 390, "height": 844}, java_script_enabled=False).new_page()
    page.goto("/c/kitchen/")
    page.get_by_test_id("open-filters").click()
    page.get_by_label(re.compile(r"^\s*Copperline")).check()
    page.get_by_role("button", name="Apply the filters").click()

    expect(page).to_have_url(re.compile(r"\?brand=copperline$"))
    expect(cards(page)).to_have_count(4)


def test_the_pictures_are_turned_and_enlarged_by_keyboard(page: Page, pictured: World):
    page.goto(f"/p/{pictured.products['Copper kettle'].slug}/")
    gallery = page.get_by_test_id("gallery")
    thumbs = gallery.get_by_role("link", name=re.compile(r"^\s*Picture"))
    expect(thumbs).to_have_count(3)
    expect(thumbs.first).to_have_attribute("aria-current", "true")

    thumbs.first.focus()
    page.keyboard.press("ArrowRight")
    expect(thumbs.nth(1)).to_be_focused()
    expect(thumbs.nth(1)).to_have_attribute("aria-current", "true")
    expect(gallery.get_by_alt_text("The side").first).to_be_in_viewport()

    gallery.get_by_role("link", name="The side").focus()
    page.keyboard.press("Enter")
    zoom = page.get_by_test_id("zoom")
    expect(zoom).to_be_visible()
    expect(zoom.get_by_alt_text("The side")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(zoom.get_by_alt_text("The back")).to_be_visible()
    page.keyboard.press("Escape")
    expect(zoom).to_be_hidden()


def test_the_pictures_are_links_without_javascript(no_js: Page, pictured: World):
    no_js.goto(f"/p/{pictured.products['Copper kettle'].slug}/")
    gallery = no_js.get_by_test_id("gallery")
    gallery.get_by_role("link", name="Picture 3 of 3").click()

    expect(gallery.get_by_alt_text("The back")).to_be_in_viewport()
    expect(no_js.get_by_test_id("zoom")).to_be_hidden()


def test_what_is_sold_out_says_so(page: Page, stocked: World):
    page.goto(f"/p/{stocked.products['Night lamp'].slug}/")

    expect(page.get_by_test_id("sold-out")).to_be_visible()
    expect(page.get_by_test_id("add-to-cart")).to_have_count(0)


def test_no_way_from_the_home_page_is_dead(page: Page, stocked: World):
    page.goto("/")
    addresses = page.eval_on_selector_all("a[href]", "links => [...new Set(links.map(link => link.href))]")
    assert len(addresses) > 15
    for address in addresses:
        answer = page.request.get(address)
        assert answer.status == 200, f"{address} answered {answer.status}"
