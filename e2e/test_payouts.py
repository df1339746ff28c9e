"""Money comes out, on a phone 360 px wide and without JavaScript: earned, asked for, approved, sent."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from e2e.conftest import NO_JS
from site_config.acts import delivery, orders, payouts
from site_config.testing.people import PASSWORD

SMALL = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
WHERE = os.environ.get("PAYOUT_PICTURES")


def look(page, name):
    """A picture of the page, for whoever asks for it; nothing of it may be wider than the screen."""
    wide = page.locator("html").evaluate("html => html.scrollWidth - html.clientWidth")
    assert wide <= 0, f"{name} is {wide} px too wide"
    if WHERE:
        page.screenshot(path=Path(WHERE, f"{name}.png"), full_page=True)


def show_that_it_is_me(page):
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()


@pytest.mark.parametrize("device", [SMALL, NO_JS], ids=["small", "no-javascript"])
def test_what_was_earned_comes_to_the_bank(stocked, visit_as, device):
    seller, name = stocked.seller, "small" if device is SMALL else "nojs"
    sold = orders.buy_shipment(stocked.buyer, stocked.products["Enamel kettle"], quantity=2)
    delivery.prove(delivery.carry(sold, stocked.courier))
    page = visit_as(seller, **device)
    page.context.set_default_timeout(60_000)
    page.goto("/earnings/")
    expect(page.get_by_test_id("pending")).to_have_text("€59.00")
    expect(page.get_by_test_id("pending-list")).to_contain_text("Delivered: its buyer may look it over.")
    look(page, f"{name}-pending")
    delivery.complete(sold)

    page.get_by_test_id("account").click()
    show_that_it_is_me(page)
    page.get_by_label("holder").fill("Sam Seller")
    page.get_by_label("IBAN").fill("DE88 3704 0044 0532 0130 00")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("This is no IBAN")).to_be_visible()
    expect(page.get_by_label("holder")).to_have_value("Sam Seller")
    look(page, f"{name}-account")
    page.get_by_label("IBAN").fill("DE89 3704 0044 0532 0130 00")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_test_id("why-not")).to_contain_text("This account is new.")
    payouts.wait_for_account(seller)

    page.reload()
    look(page, f"{name}-earnings")
    page.get_by_test_id("ask").click()
    page.get_by_label("Amount").fill("60")
    page.get_by_role("button", name="Ask for it").click()
    expect(page.get_by_text("You can be paid out €59.00 at the moment.")).to_be_visible()
    look(page, f"{name}-new")
    page.get_by_label("Amount").fill("40")
    page.get_by_role("button", name="Ask for it").click()
    expect(page.get_by_test_id("status")).to_have_text("Asked for")
    expect(page.get_by_test_id("lines")).to_contain_text(sold.number)
    mine = page.url

    office = visit_as(stocked.admin, **device)
    office.context.set_default_timeout(60_000)
    office.goto("/backoffice/")
    office.get_by_test_id("queue-payouts").click()
    asked = office.get_by_role("link", name="€40.00")
    expect(asked).to_be_visible()
    look(office, f"{name}-office-list")
    asked.click()
    office.get_by_test_id("approve").click()
    act = office.get_by_test_id("act-sent")
    act.locator("summary").click()
    act.get_by_label("reference").fill("BANK-2026-17")
    look(office, f"{name}-office-case")
    act.get_by_role("button", name="It was sent").click()
    expect(office.get_by_test_id("status")).to_have_text("Sent")

    page.goto(mine)
    expect(page.get_by_test_id("reference")).to_have_text("BANK-2026-17")
    look(page, f"{name}-payout")
    page.goto("/wallet/statement/")
    expect(page.get_by_text("BANK-2026-17")).to_be_visible()
    page.goto("/earnings/plan/")
    look(page, f"{name}-plan")
    page.goto("/earnings/")
    page.get_by_test_id("statements").click()
    look(page, f"{name}-statements")
    with page.expect_download() as download:
        page.get_by_test_id("months").get_by_role("link", name="CSV").first.click()
    assert "BANK-2026-17" in Path(download.value.path()).read_text("utf-8-sig")


@pytest.mark.parametrize("device", [SMALL, NO_JS], ids=["small", "no-javascript"])
def test_approved_payouts_go_to_the_bank_in_one_file(stocked, visit_as, device):
    seller, name = stocked.seller, "small" if device is SMALL else "nojs"
    sold = orders.buy_shipment(stocked.buyer, stocked.products["Enamel kettle"], quantity=2)
    delivery.prove(delivery.carry(sold, stocked.courier))
    delivery.complete(sold)
    payouts.give_account(seller, holder="Zoë Seller")
    for amount in (2_000, 1_500):
        payouts.approve(payouts.ask(seller, amount), stocked.admin)
    page = visit_as(stocked.admin, **device)
    page.context.set_default_timeout(60_000)

    page.goto("/backoffice/payouts/")
    page.get_by_test_id("batches").click()
    expect(page.get_by_test_id("waiting")).to_contain_text("2 payouts, €35.00")
    look(page, f"{name}-files-waiting")
    page.get_by_test_id("make-csv").click()
    expect(page.get_by_test_id("total")).to_have_text("€35.00")
    files = []
    for _time in range(2):
        with page.expect_download() as download:
            page.get_by_test_id("file").click()
        files.append(Path(download.value.path()).read_bytes())
    assert files[0] == files[1]
    assert files[0].decode().count("DE89370400440532013000") == 2
    act = page.get_by_test_id("act-sent")
    act.locator("summary").click()
    act.get_by_label("reference").fill("STATEMENT-7")
    look(page, f"{name}-file")
    act.get_by_role("button", name="It was sent").click()
    expect(page.get_by_test_id("reference")).to_have_text("STATEMENT-7")
    look(page, f"{name}-file-sent")
    page.get_by_test_id("payouts").get_by_role("link").first.click()
    expect(page.get_by_test_id("status")).to_have_text("Sent")
    expect(page.get_by_test_id("batch")).to_have_text("PAYOUT-000001")
    look(page, f"{name}-case-in-a-file")
