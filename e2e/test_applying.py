"""A visitor signs up, applies, is asked for changes, sends it again, is accepted, and sells."""

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import DESKTOP, NO_JS, PHONE
from e2e.test_accounts import EMAIL, sign_up
from marketplace.accounts.models import Role, SellerProfile

WITHOUT_JS = {**NO_JS, "viewport": {"width": 390, "height": 844}}


def fits(page: Page) -> None:
    """Nothing stands out to the side."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def apply_to_sell(page: Page, name: str) -> None:
    page.goto("/account/")
    fits(page)
    page.get_by_test_id("sell-here").click()
    page.get_by_label("Shop name").fill(name)
    page.get_by_label("About the shop").fill("Beans.")
    page.get_by_label("Where couriers pick up").fill("Torstraße 1, 10119 Berlin")
    page.get_by_text("Advanced: the pin in numbers").click()
    page.get_by_label("Latitude").fill("52.520008")
    page.get_by_label("Longitude").fill("13.404954")
    page.get_by_label("I have read these rules").check()
    fits(page)
    page.get_by_test_id("send").click()


def decide(admin: Page, decision: str, template: str = "") -> None:
    admin.goto("/backoffice/")
    admin.get_by_test_id("queue-reviews").click()
    admin.get_by_test_id("desk-row").first.click()
    expect(admin.get_by_test_id("case")).to_be_visible()
    fits(admin)
    admin.get_by_test_id(f"act-{decision}").locator("summary").click()
    if template:
        admin.get_by_test_id(f"act-{decision}").get_by_role("button", name=template).click()
        expect(admin.get_by_test_id(f"act-{decision}").get_by_role("textbox")).not_to_have_value("")
        fits(admin)
    admin.get_by_test_id(f"act-{decision}").get_by_test_id("decide").click()


@pytest.mark.parametrize("device", [PHONE, WITHOUT_JS], ids=["phone", "no-js"])
def test_a_visitor_becomes_a_seller(open_context, visit_as, person, mailoutbox, django_user_model, device):
    page, admin = open_context(**device).new_page(), visit_as(person(Role.ADMIN), **device)
    sign_up(page, mailoutbox)

    apply_to_sell(page, "Nora's Beans")
    expect(page.get_by_test_id("application-status")).to_have_text("Waiting for review")
    fits(page)
    decide(admin, "changes_requested", template="Say more about the goods")
    expect(admin.get_by_text("Nothing waits for a decision")).to_be_visible()

    page.goto("/account/application/")
    expect(page.get_by_test_id("reason")).to_contain_text("Please say more")
    expect(page.get_by_label("About the shop")).to_have_value("Beans.")
    page.get_by_label("About the shop").fill("Beans that I roast on Mondays.")
    page.get_by_label("I have read these rules").check()
    fits(page)
    page.get_by_test_id("send").click()
    expect(page.get_by_test_id("application-status")).to_have_text("Waiting for review")
    decide(admin, "approved")
    expect(admin.get_by_text("Approved; they were told.")).to_be_visible()

    page.goto("/account/application/")
    page.get_by_role("link", name="Open your workspace").click()
    expect(page.get_by_role("heading", name="Nora's Beans")).to_be_visible()
    shop = SellerProfile.objects.get(user__email=EMAIL)
    assert shop.about == "Beans that I roast on Mondays."
    assert any("accepted" in mail.body for mail in mailoutbox)

    # The shop goes on vacation and comes back.
    page.get_by_role("link", name="Settings").click()
    fits(page)
    page.get_by_label("First day away").fill("2020-01-01")
    page.get_by_label("Back on").fill("2020-01-02")
    page.get_by_role("button", name="Save the vacation").click()
    expect(page.get_by_text("This day is over. When are you back?")).to_be_visible()


@pytest.mark.parametrize("device", [DESKTOP, WITHOUT_JS], ids=["desktop", "no-js"])
def test_two_admins_at_one_case(furnished, visit_as, person, device):
    """The second one reads what the first has decided, and nothing else happens."""
    first, second = visit_as(furnished.admin, **device), visit_as(person(Role.ADMIN, name="Abel"), **device)
    path = f"/backoffice/reviews/{furnished.submission.public_id}/"
    for page in (first, second):
        page.goto(path)
        page.get_by_test_id("act-rejected").locator("summary").click()
        page.get_by_test_id("act-rejected").get_by_role("textbox").fill(f"No, says {page.title()[:3]}")

    first.get_by_test_id("act-rejected").get_by_test_id("decide").click()
    expect(first.get_by_role("heading", name="Carlos")).to_be_visible()
    second.get_by_test_id("act-rejected").get_by_test_id("decide").click()

    expect(second.get_by_test_id("refused")).to_contain_text("Ada has decided already: Rejected.")
    expect(second.get_by_test_id("case-status")).to_have_text("Rejected")


def test_a_case_is_decided_with_keys(furnished, visit_as):
    page = visit_as(furnished.admin, **DESKTOP)
    page.goto("/backoffice/reviews/")
    page.keyboard.press("j")
    expect(page.get_by_test_id("case")).to_be_visible()
    page.wait_for_load_state()  # a key that is pressed before the script is there is nobody's
    page.keyboard.press("r")
    page.get_by_role("button", name="Not sold here").click()
    expect(page.get_by_test_id("act-rejected").get_by_role("textbox")).to_have_value(
        "What you would like to sell is not sold in this store."
    )
    page.get_by_test_id("act-rejected").get_by_test_id("decide").click()
    expect(page.get_by_role("heading", name="Carlos")).to_be_visible()
