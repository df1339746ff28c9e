"""What the frame of every page does in a browser: colours, search suggestions, menus, questions, messages."""

import re

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import DESKTOP

pytestmark = pytest.mark.django_db(transaction=True)


def paper(page: Page) -> str:
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


LIGHT, DARK = "rgb(250, 248, 244)", "rgb(20, 22, 20)"


def test_the_colours_follow_the_device_until_a_person_chooses(page, dark, stocked):
    page.goto("/")
    dark.goto("/")
    assert (paper(page), paper(dark)) == (LIGHT, DARK)

    page.locator("footer [data-theme-toggle]").click()
    assert paper(page) == DARK

    page.goto("/search/")
    assert paper(page) == DARK
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_chosen_colours_need_no_script(open_context, live_server, stocked):
    context = open_context(**DESKTOP, java_script_enabled=False)
    context.add_cookies([{"name": "theme", "value": "dark", "url": live_server.url}])
    page = context.new_page()

    page.goto("/")

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("body")).to_have_css("background-color", DARK)
    expect(page.locator("[data-theme-toggle]:visible")).to_have_count(0)


def test_suggestions_are_chosen_with_the_keyboard(page, stocked):
    page.goto("/")
    box = page.get_by_role("combobox", name="Search the store")

    box.press_sequentially("kett")
    expect(page.get_by_role("option").first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")

    box.press("ArrowDown")
    expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    box.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press("Enter")
    expect(page).to_have_url(re.compile(r"/search/\?q="))


@pytest.mark.parametrize("sign", ["isComposing: true", "keyCode: 229"], ids=["isComposing", "safari"])
def test_keys_of_an_input_method_are_not_for_the_suggestions(page, stocked, sign):
    """While kana are composed, arrows choose among the method's words and Enter takes one: not one of ours."""
    page.goto("/")
    box = page.get_by_role("combobox", name="Search the store")
    box.press_sequentially("kett")
    first = page.get_by_role("option").first
    expect(first).to_be_visible()

    def compose(key):
        return box.evaluate(
            "(box, key) => box.dispatchEvent(new KeyboardEvent('keydown',"
            f" {{ key, {sign}, bubbles: true, cancelable: true }}))",
            key,
        )

    assert all([compose("ArrowDown"), compose("Escape")]), "a key of the input method was taken away from it"
    expect(first).to_be_visible()
    expect(first).not_to_have_attribute("aria-selected", "true")

    box.press("ArrowDown")
    expect(first).to_have_attribute("aria-selected", "true")
    assert compose("Enter")
    expect(page).to_have_url(re.compile(r"/$"))


def test_all_categories_open_beside_the_page_and_close_with_escape(phone, stocked):
    phone.goto("/")

    phone.get_by_role("button", name="All categories").tap()
    drawer = phone.get_by_role("navigation", name="All categories")
    expect(drawer).to_be_visible()
    phone.keyboard.press("Escape")

    expect(drawer).to_be_hidden()


def test_the_account_menu_closes_when_the_focus_leaves(visit_as, stocked):
    page = visit_as(stocked.buyer)
    page.goto("/")
    menu = page.locator("details.menu")

    page.get_by_test_id("account-menu").click()
    expect(menu).to_have_attribute("open", "")
    page.keyboard.press("Escape")

    expect(menu).not_to_have_attribute("open", "")
    expect(page.get_by_test_id("account-menu")).to_be_focused()


def test_adding_to_the_cart_says_so_and_counts_without_leaving(page, stocked):
    page.goto(f"/p/{stocked.products['Copper kettle'].slug}/")
    address = page.url

    page.get_by_role("button", name="Add to cart").click()

    expect(page.get_by_test_id("messages")).to_contain_text("In your cart")
    expect(page.get_by_test_id("cart-count")).to_have_text("1")
    assert page.url == address


def test_a_page_that_cannot_be_reached_is_told(page, guard, stocked):
    page.goto(f"/p/{stocked.products['Copper kettle'].slug}/")
    page.context.set_offline(True)
    guard.allow("ERR_INTERNET_DISCONNECTED")
    guard.allow("htmx:(sendError|afterRequest)")

    page.get_by_role("button", name="Add to cart").click()

    expect(page.get_by_test_id("messages")).to_contain_text("No answer from the store")
    page.context.set_offline(False)


def test_the_first_stop_of_the_keyboard_leads_to_the_content(page, stocked):
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()

    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()
