"""A sale with delivery, commission and reserve on a phone 360 px wide: seller and courier are paid to the cent."""

import os
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import expect

from marketplace.common import clock
from marketplace.delivery.services import release_earnings
from marketplace.rates.services import Rates, publish_rates
from marketplace.wallet.services import release_reserves
from site_config.acts import delivery, orders, payouts
from site_config.testing.people import PASSWORD

SMALL = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
WHERE = os.environ.get("PAYOUT_PICTURES")
COURIERS_BANK = "NL91 ABNA 0417 1643 00"


def look(page, name):
    """A picture of the page, for whoever asks for it; nothing of it may be wider than the screen."""
    wide = page.locator("html").evaluate("html => html.scrollWidth - html.clientWidth")
    assert wide <= 0, f"{name} is {wide} px too wide"
    if WHERE:
        page.screenshot(path=Path(WHERE, f"{name}.png"), full_page=True)


def ask_for_all(page):
    """What there is, as the form proposes it."""
    page.goto("/earnings/")
    page.get_by_test_id("ask").click()
    if page.get_by_label("Password").is_visible():
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Ask for it").click()
    expect(page.get_by_test_id("status")).to_have_text("Asked for")


def approve(page, amount):
    """An admin says yes to the request of this amount."""
    page.goto("/backoffice/payouts/?status=requested")
    page.get_by_role("link", name=amount).click()
    page.get_by_test_id("approve").click()
    expect(page.get_by_test_id("status")).to_have_text("Approved")


def make_file(page):
    """The file for the bank of all that is approved."""
    page.goto("/backoffice/payout-batches/")
    page.get_by_test_id("make-csv").click()


def note_as_sent(page, reference):
    """From a file's page: the bank has carried it out."""
    act = page.get_by_test_id("act-sent")
    act.locator("summary").click()
    act.get_by_label("reference").fill(reference)
    act.get_by_role("button", name="It was sent").click()
    expect(page.get_by_test_id("reference")).to_have_text(reference)


def this_months_statement(page):
    page.goto("/earnings/")
    page.get_by_test_id("statements").click()
    with page.expect_download() as download:
        page.get_by_test_id("months").get_by_role("link", name="CSV").first.click()
    return Path(download.value.path()).read_text("utf-8-sig")


def test_a_sale_is_paid_out_to_the_cent(stocked, visit_as, settings):
    """59.00 of goods and 3.90 of delivery: 1.48 is the store's commission, 0.39 its share of the delivery."""
    settings.COMMISSION_BPS, settings.RESERVE_BPS, settings.RESERVE_DAYS = 250, 1_000, 30
    settings.PAYOUT_MINIMUM = 1
    publish_rates(rates=Rates(base=390, store_bps=1_000), actor=stocked.admin, expected_version=0)
    sold = orders.buy_shipment(stocked.buyer, stocked.products["Enamel kettle"], quantity=2)
    assert sold.total == 6_290
    delivery.prove(delivery.carry(sold, stocked.courier))
    seller, courier = visit_as(stocked.seller, **SMALL), visit_as(stocked.courier, **SMALL)
    office = visit_as(stocked.admin, **SMALL)
    for page in (seller, courier, office):
        page.context.set_default_timeout(60_000)

    courier.goto("/earnings/")
    expect(courier.get_by_test_id("pending")).to_have_text("€3.51")
    expect(courier.get_by_test_id("available")).to_have_text("€0.00")
    seller.goto("/earnings/")
    expect(seller.get_by_test_id("pending")).to_have_text("€57.52")
    delivery.complete(sold)
    release_earnings(clock.now() + timedelta(hours=25))
    seller.reload()
    expect(seller.get_by_test_id("available")).to_have_text("€51.77")
    expect(seller.get_by_test_id("reserve")).to_contain_text("€5.75")
    expect(seller.get_by_test_id("reserve-list")).to_contain_text(sold.number)
    look(seller, "small-reserve")
    payouts.give_account(stocked.seller, holder="Sam Seller")
    payouts.give_account(stocked.courier, number=COURIERS_BANK, holder="Cora Courier")
    for page in (seller, courier):
        ask_for_all(page)

    for amount in ("€51.77", "€3.51"):
        approve(office, amount)
    make_file(office)
    act = office.get_by_test_id("act-withdraw")
    act.locator("summary").click()
    act.get_by_label("Reason").fill("The bank is closed today")
    look(office, "small-withdraw")
    act.get_by_role("button", name="Withdraw it").click()
    expect(office.get_by_test_id("status")).to_have_text("Withdrawn")
    look(office, "small-withdrawn")
    make_file(office)
    expect(office.get_by_test_id("total")).to_have_text("€55.28")
    note_as_sent(office, "STATEMENT-8")

    for page, amounts in ((seller, ("57.52", "-5.75", "-51.77")), (courier, ("3.51", "-3.51"))):
        text = this_months_statement(page)
        assert "STATEMENT-8" in text
        assert all(amount in text for amount in amounts), text
    release_reserves(clock.now() + timedelta(days=31))
    seller.goto("/earnings/")
    expect(seller.get_by_test_id("available")).to_have_text("€5.75")
    expect(seller.get_by_test_id("reserve")).to_have_text("€0.00")
    look(seller, "small-after")
