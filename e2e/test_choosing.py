"""A shirt in sizes and colours: chosen with and without JavaScript, shared, filtered by, bought."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from e2e.conftest import DESKTOP, NO_JS, PHONE
from e2e.shopper import WIDE
from e2e.test_pages import axe_violations
from e2e.world import World
from marketplace.common.authorisation import SYSTEM
from marketplace.orders.models import Order
from marketplace.products.models import Product
from marketplace.products.services import NewVariant, add_image, show_option
from site_config.acts import products

pytestmark = pytest.mark.usefixtures("books_balance")
STOCK = {("S", "Red"): 3, ("S", "Blue"): 2, ("M", "Red"): 0, ("M", "Blue"): 9, ("L", "Red"): 4}


@pytest.fixture
def shirt(stocked: World) -> Product:
    """In S, M, L, red and blue, each colour with its picture; red M is sold out, blue L is not made."""
    shirt = products.offer(
        stocked.seller,
        stocked.categories["lamps"],
        title="Linen shirt",
        options=[("Size", ["S", "M", "L"]), ("Colour", ["Red", "Blue"])],
        variants=[
            NewVariant(price=2_000 if values[0] == "S" else 2_200, stock=pieces, values=values)
            for values, pieces in STOCK.items()
        ],
    )
    for colour in ("Red", "Blue"):
        file = io.BytesIO()
        Image.new("RGB", (640, 640), colour.lower()).save(file, format="PNG")
        file.seek(0)
        image = add_image(product_id=shirt.pk, file=file, alt_text=f"A {colour.lower()} shirt", actor=SYSTEM)
        show_option(image_id=image.pk, values=("Colour", colour), actor=SYSTEM)
    return shirt


def first_picture(page: Page):
    return page.get_by_test_id("gallery").locator(".gallery-slide img").first


def test_a_shirt_in_m_is_bought_and_of_m_alone_there_are_fewer(visit_as, stocked: World, shirt):
    page = visit_as(stocked.buyer, **PHONE)
    page.goto(f"/p/{shirt.slug}/")
    expect(page.get_by_role("radio", name="S", exact=True)).to_be_checked()
    expect(page.get_by_test_id("price")).to_contain_text("€20.00")
    page.get_by_label("Quantity", exact=True).fill("2")

    page.get_by_role("radio", name="M sold out").check()

    expect(page.get_by_test_id("choice-said")).to_have_text(
        "Size: M · Colour: Red is sold out. Please choose another one."
    )
    expect(page).to_have_url(re.compile(r"\?option1=M&option2=Red$"))
    expect(page.get_by_role("button", name="Add to cart")).to_have_count(0)
    expect(page.get_by_role("radio", name="M sold out")).to_be_focused()

    page.get_by_role("radio", name="Blue").check()

    expect(page.get_by_test_id("price")).to_contain_text("€22.00")
    expect(page.get_by_test_id("stock")).to_have_text(re.compile("In stock"))
    expect(first_picture(page)).to_have_attribute("alt", "A blue shirt")
    expect(page.get_by_role("radio", name="L not made")).to_be_visible()
    assert not page.evaluate(WIDE)
    page.get_by_label("Quantity", exact=True).fill("2")
    page.get_by_role("button", name="Add to cart").click()
    expect(page.get_by_test_id("messages")).to_contain_text("2 × Linen shirt (M / Blue)")
    page.goto("/cart/")
    expect(page.get_by_test_id("options")).to_have_text("Size: M · Colour: Blue")
    page.goto("/checkout/")
    page.get_by_test_id("place-order").click()
    expect(page).to_have_url(re.compile(r"/orders/[0-9a-z]{12}/$"))
    expect(page.get_by_text("Size: M · Colour: Blue")).to_be_visible()

    assert Order.objects.get().total == 4_400
    left = {values: products.variant(shirt, *values).stock for values in STOCK}
    assert left == STOCK | {("M", "Blue"): 7}


def test_without_javascript_a_button_shows_what_is_chosen(no_js: Page, shirt):
    no_js.goto(f"/p/{shirt.slug}/")
    no_js.get_by_role("radio", name="L", exact=True).check()
    no_js.get_by_role("radio", name="Blue").check()
    no_js.get_by_role("button", name="Show this choice").click()

    expect(no_js).to_have_url(re.compile(rf"/p/{shirt.slug}/\?option1=L&option2=Blue$"))
    expect(no_js.get_by_test_id("choice-said")).to_contain_text("Size: L · Colour: Blue is not made.")

    no_js.get_by_role("radio", name="M", exact=True).check()
    no_js.get_by_role("button", name="Show this choice").click()
    expect(no_js.get_by_test_id("price")).to_contain_text("€22.00")
    expect(first_picture(no_js)).to_have_attribute("alt", "A blue shirt")
    # What is chosen is added, whether it was shown before or not.
    no_js.get_by_role("radio", name="S", exact=True).check()
    no_js.get_by_role("button", name="Add to cart").click()
    expect(no_js.get_by_test_id("options")).to_have_text("Size: S · Colour: Blue")


def test_a_choice_is_in_the_address_and_back_brings_the_one_before(page: Page, phone: Page, shirt):
    page.goto(f"/p/{shirt.slug}/")
    page.get_by_role("radio", name="Blue").check()
    expect(page).to_have_url(re.compile(r"\?option1=S&option2=Blue$"))
    expect(page.get_by_test_id("stock")).to_have_text(re.compile("Only 2 left"))

    phone.goto(page.url)
    expect(phone.get_by_role("radio", name="Blue")).to_be_checked()
    page.go_back()

    expect(page.get_by_role("radio", name="Red")).to_be_checked()
    expect(page.get_by_test_id("stock")).to_have_text(re.compile("Only 3 left"))


def test_the_pictures_of_another_choice_open_large_as_well(page: Page, shirt):
    page.goto(f"/p/{shirt.slug}/")
    page.get_by_role("radio", name="Blue").check()
    expect(first_picture(page)).to_have_attribute("alt", "A blue shirt")

    first_picture(page).click()

    expect(page.get_by_test_id("zoom").get_by_role("img", name="A blue shirt")).to_be_visible()


@pytest.mark.parametrize("device", [DESKTOP, NO_JS], ids=["desktop", "no-javascript"])
def test_a_list_is_filtered_by_colour(open_context, shirt, device):
    page = open_context(**device).new_page()
    page.goto("/c/lamps/")
    card = page.get_by_test_id("product-card").filter(has_text="Linen shirt")
    expect(card.locator(".price")).to_have_text(re.compile(r"from\s+€20.00"))

    page.get_by_role("checkbox", name="Blue").check()
    if device is NO_JS:
        page.get_by_role("button", name="Apply the filters").click()

    expect(page.get_by_test_id("product-card")).to_have_count(1)
    expect(page.get_by_test_id("chips")).to_contain_text("Colour: Blue")
    expect(page).to_have_url(re.compile(r"/c/lamps/\?opt=Colour%3ABlue$"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize(
    "choice", ["option1=M&option2=Red", "option1=L&option2=Blue", "option1=M&option2=Blue"]
)
def test_axe_finds_nothing_where_something_is_chosen(open_context, shirt, scheme, device, choice):
    page = open_context(**device, color_scheme=scheme).new_page()
    for address in (f"/p/{shirt.slug}/?{choice}", "/c/lamps/?opt=Colour:Blue"):
        page.goto(address)
        assert [violation["id"] for violation in axe_violations(page)] == []
        assert not page.evaluate(WIDE)
