"""Money comes in, shows where it is, and the notifications tell of it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import PHONE
from marketplace.wallet.models import PaymentEvent, TopUp
from marketplace.wallet.selectors import wallet_of

pytestmark = pytest.mark.usefixtures("books_balance")


def top_up(page: Page, amount: str, answer: str) -> None:
    """From the wallet through the demo bank."""
    page.goto("/wallet/")
    page.get_by_role("link", name="Top up").first.click()
    page.get_by_label("Amount").fill(amount)
    page.get_by_role("button", name="Go on to payment").click()
    expect(page.get_by_test_id("demo-note")).to_contain_text("No card is charged")
    page.get_by_role("button", name=answer, exact=True).click()


def see_it_arrive(page: Page) -> None:
    """The balance, the notification and the statement all tell of it."""
    expect(page.get_by_test_id("payment-status")).to_have_text("Paid in")
    page.get_by_role("link", name="To your wallet").click()
    expect(page.get_by_test_id("balance")).to_have_text("€50.00")

    page.goto("/notifications/")
    first = page.get_by_test_id("notification").first
    expect(first).to_contain_text("€50.00 arrived in your wallet.")
    first.get_by_role("button").click()
    expect(page).to_have_url(re.compile("/wallet/$"))
    page.goto("/notifications/")
    expect(page.get_by_test_id("read-all")).to_have_count(0)

    page.goto("/wallet/statement/")
    expect(page.get_by_test_id("statement-row")).to_have_count(1)
    expect(page.get_by_test_id("statement-row")).to_contain_text("+€50.00")


def test_a_top_up_with_a_desktop(visit_as, buyer):
    page = visit_as(buyer)
    top_up(page, "50", "Approve")
    see_it_arrive(page)


def test_a_top_up_with_a_phone(visit_as, buyer):
    page = visit_as(buyer, **PHONE)
    top_up(page, "50", "Approve")
    see_it_arrive(page)
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    for path in ("/wallet/", "/wallet/top-up/", "/wallet/statement/", "/notifications/"):
        page.goto(path)
        assert not page.evaluate(wide), f"{path} scrolls sideways"


def test_a_top_up_without_javascript(visit_as, buyer):
    page = visit_as(buyer, java_script_enabled=False)
    top_up(page, "50", "Approve")
    see_it_arrive(page)


def test_suggested_amounts_and_a_bad_one(visit_as, buyer):
    page = visit_as(buyer)
    page.goto("/wallet/top-up/?next=/cart/")
    page.get_by_role("link", name="€100.00").click()
    expect(page.get_by_label("Amount")).to_have_value("100.00")
    page.get_by_label("Amount").fill("1e3")
    page.get_by_role("button", name="Go on to payment").click()

    expect(page.get_by_text("Enter an amount like 19.99.")).to_be_visible()
    expect(page.get_by_label("Amount")).to_have_value("1e3")
    assert not TopUp.objects.exists()


def test_a_declined_payment_says_so_and_a_slow_one_arrives_by_itself(visit_as, buyer, monkeypatch):
    from datetime import timedelta

    from marketplace.wallet.payments import demo

    page = visit_as(buyer)
    top_up(page, "30", "Decline")
    expect(page.get_by_test_id("payment-status")).to_have_text("Failed")
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_label("Amount")).to_have_value("30.00")

    monkeypatch.setattr(demo, "SLOW_TAKES", timedelta(seconds=3))
    page.get_by_role("button", name="Go on to payment").click()
    page.get_by_role("button", name="Approve, but take 20 seconds").click()
    expect(page.get_by_test_id("payment-status")).to_have_text("Waiting for the payment")
    expect(page.get_by_test_id("payment-status")).to_have_text("Paid in", timeout=15_000)
    assert wallet_of(buyer.pk).balance == 3_000


def test_more_of_the_statement_comes_without_a_new_page(visit_as, buyer, fund):
    for _ in range(30):
        fund(buyer, 100)
    page = visit_as(buyer)
    page.goto("/wallet/statement/")
    expect(page.get_by_test_id("statement-row")).to_have_count(25)

    page.get_by_test_id("more").click()

    expect(page.get_by_test_id("statement-row")).to_have_count(30)
    expect(page.get_by_test_id("more")).to_have_count(0)


def test_the_statement_and_its_files_fit_on_a_narrow_phone(visit_as, buyer, fund):
    fund(buyer, 5_000)
    page = visit_as(buyer, **PHONE | {"viewport": {"width": 320, "height": 640}})
    page.goto("/wallet/statement/")

    expect(page.get_by_test_id("files").get_by_role("link")).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def device_in(zone, *values):
    return pytest.param(zone, *values, marks=pytest.mark.browser_context_args(timezone_id=zone), id=zone)


@pytest.mark.parametrize(
    ("zone", "shown", "day"),
    [
        device_in("America/Sao_Paulo", "1 Jul 2026, 22:30", "2026-07-01"),
        device_in("Europe/London", "2 Jul 2026, 02:30", "2026-07-02"),
    ],
)
def test_days_and_times_are_those_of_the_device(visit_as, buyer, fund, time_machine, zone, shown, day):
    """A zone's name has a slash, which a cookie may not: the first page's script writes it, the next ones read it."""
    time_machine.move_to("2026-07-02 01:30Z")
    fund(buyer, 1_000)
    time_machine.move_to("2026-07-02 12:00Z")
    page = visit_as(buyer)
    page.goto("/wallet/")

    page.goto(f"/wallet/statement/?since={day}&until={day}")

    expect(page.get_by_test_id("zone")).to_contain_text(zone)
    assert page.get_by_test_id("statement-row").locator("time").get_attribute("title") == shown


@pytest.mark.parametrize(
    ("words", "ending", "beginning"),
    [("CSV with 1.50", ".csv", "\ufeff".encode()), ("Spreadsheet (XLSX)", ".xlsx", b"PK")],
)
def test_the_statement_downloads(visit_as, buyer, fund, words, ending, beginning):
    fund(buyer, 5_000)
    page = visit_as(buyer)
    page.goto("/wallet/statement/")

    with page.expect_download() as download:
        page.get_by_role("link", name=words).click()

    assert download.value.suggested_filename.endswith(ending)
    assert Path(download.value.path()).read_bytes().startswith(beginning)


def test_a_top_up_through_stripes_page(visit_as, buyer, with_stripe, live_server, guard):
    """A local Stripe: a declined card, then a good one; its signed webhook finds the store by itself."""
    import json
    import urllib.request

    guard.allow(f"request to elsewhere: {with_stripe}")
    hook = {"url": f"{live_server.url}/payments/stripe/callback/", "secret": "whsec_12345"}
    urllib.request.urlopen(
        urllib.request.Request(
            f"{with_stripe}/_config/webhooks/store",
            data=json.dumps(hook).encode(),
            headers={"Content-Type": "application/json"},
        )
    ).close()
    page = visit_as(buyer)
    page.goto("/wallet/top-up/?amount=50")
    page.get_by_role("button", name="Go on to payment").click()
    expect(page).to_have_url(re.compile(f"^{with_stripe}/"))
    page.get_by_role("button", name="decline").click()
    expect(page.get_by_test_id("payment-status")).to_have_text("Waiting for the payment")

    page.route("**/check/", lambda route: route.fulfill(status=204))  # only the webhook can tell
    page.get_by_role("button", name="Go on to payment").click()
    page.get_by_role("button", name="approve").click()
    page.wait_for_url("**/wallet/top-up/**")
    for _attempt in range(75):
        if PaymentEvent.objects.exists():
            break
        page.wait_for_timeout(200)

    assert wallet_of(buyer.pk).balance == 5_000
    assert PaymentEvent.objects.get().kind == "checkout.session.completed"
    page.reload()
    expect(page.get_by_test_id("payment-status")).to_have_text("Paid in")
