"""What a buyer and a seller see of a parcel's way while they look: nothing is reloaded, nothing is typed."""

import re

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import DESKTOP, NO_JS, PHONE
from e2e.world import World
from marketplace.common.idempotency import new_form_key
from marketplace.delivery.services import fail_attempt
from marketplace.orders.models import Shipment
from marketplace.wallet.selectors import wallet_of
from site_config.acts import delivery, orders

pytestmark = pytest.mark.usefixtures("books_balance")


@pytest.fixture
def kettle(stocked: World) -> Shipment:
    """Bea bought an enamel kettle (29.50) of Sam's."""
    return orders.buy_shipment(stocked.buyer, stocked.products["Enamel kettle"])


def look_now(page: Page) -> None:
    """What the page does by itself every ten seconds.

    A part that was just swapped hears nothing for the 20 ms until htmx has settled it.
    """
    expect(page.locator(".htmx-swapping, .htmx-settling")).to_have_count(0)
    page.evaluate("htmx.trigger(document.querySelector('[data-live]'), 'look')")


def expect_pin(page: Page, pin: str) -> None:
    expect(page.get_by_test_id("pin")).to_have_text(f"{pin[:3]} {pin[3:]}")
    expect(page.get_by_test_id("qr")).to_be_visible()


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_page_follows_the_parcel_and_the_buyer_pays(visit_as, stocked, kettle, device):
    buyer, seller = stocked.buyer, stocked.seller
    page = visit_as(buyer, **device)
    page.goto(f"/orders/{kettle.order.number}/")
    expect(page.get_by_test_id("shipment-status")).to_have_text("Placed")
    expect(page.get_by_test_id("pin")).to_have_count(0)
    page.evaluate("window.sameDocument = true")

    job = delivery.carry(kettle, stocked.courier)
    look_now(page)
    expect(page.get_by_test_id("shipment-status")).to_have_text("On its way")
    expect_pin(page, delivery.pin_of(kettle))
    expect(page.locator("#live-said")).to_contain_text("Your PIN for the courier is on this page.")

    delivery.prove(job, pin=delivery.wrong_pin(kettle))
    look_now(page)
    expect(page.get_by_test_id("tries-left")).to_contain_text("4 tries are left")

    delivery.fail(job, "absent", note="Rang twice")
    look_now(page)
    expect(page.get_by_test_id("timeline")).to_contain_text("“Rang twice” The courier will come again.")

    delivery.prove(job)
    look_now(page)
    expect(page.get_by_test_id("shipment-status")).to_have_text("Delivered")
    expect(page.get_by_test_id("handover")).to_contain_text("Proved by PIN")
    expect(page.get_by_test_id("pin")).to_have_count(0)
    expect(page.get_by_test_id("where-the-money-is")).to_contain_text(
        "or as soon as you say that all is fine"
    )
    assert page.evaluate("window.sameDocument"), "the page was loaded anew"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    page.get_by_test_id("all-fine").click()
    expect(page.get_by_text("€29.50 goes from what is held in your wallet")).to_be_visible()
    page.get_by_role("button", name="Yes, pay €29.50").click()
    expect(page.get_by_test_id("where-the-money-is")).to_contain_text("€29.50 was paid to")
    expect(page.get_by_test_id("live")).not_to_have_attribute("hx-trigger", re.compile("."))
    assert wallet_of(seller.pk).balance == 2_950
    assert wallet_of(buyer.pk).held_balance == 0


def test_it_looks_by_itself_gets_304s_and_rests_while_nobody_sees_it(visit_as, stocked, kettle):
    page = visit_as(stocked.buyer)
    answers: list[int] = []
    page.on("response", lambda answer: answers.append(answer.status) if "/live/" in answer.url else None)
    page.goto(f"/orders/{kettle.order.number}/")
    before = page.get_by_test_id("live").inner_html()

    with page.expect_response(re.compile("/live/"), timeout=15_000):
        pass  # ten seconds pass
    assert answers == [304]
    assert page.get_by_test_id("live").inner_html() == before

    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    look_now(page)
    page.wait_for_timeout(500)
    assert answers == [304]

    delivery.carry(kettle, stocked.courier)
    page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    expect_pin(page, delivery.pin_of(kettle))
    assert answers == [304, 200]


def test_a_store_that_does_not_answer_for_a_moment_disturbs_nobody(visit_as, stocked, kettle, guard):
    guard.allow("ERR_INTERNET_DISCONNECTED|htmx:(sendError|afterRequest)")  # the console says so
    page = visit_as(stocked.buyer)
    page.goto(f"/orders/{kettle.order.number}/")

    page.context.set_offline(True)
    look_now(page)
    page.wait_for_timeout(500)
    expect(page.get_by_test_id("messages")).to_be_empty()

    page.context.set_offline(False)
    delivery.carry(kettle, stocked.courier)
    look_now(page)
    expect_pin(page, delivery.pin_of(kettle))


def test_a_locked_pin_is_made_anew(visit_as, stocked, kettle):
    job = delivery.carry(kettle, stocked.courier)
    page = visit_as(stocked.buyer, **PHONE)
    page.goto("/orders/")
    page.get_by_role("link", name="Show the PIN").click()
    old = delivery.pin_of(kettle)
    expect_pin(page, old)

    for _wrong in range(5):
        delivery.prove(job, pin=delivery.wrong_pin(kettle))
    look_now(page)
    expect(page.get_by_role("heading", name="This PIN is locked")).to_be_visible()
    page.get_by_test_id("new-pin").click()

    expect(page.get_by_test_id("messages")).to_contain_text("There is a new PIN now.")
    assert delivery.pin_of(kettle) != old
    expect_pin(page, delivery.pin_of(kettle))


def test_a_new_pin_asks_first_while_the_old_one_works(visit_as, stocked, kettle):
    delivery.carry(kettle, stocked.courier)
    page = visit_as(stocked.buyer)
    page.goto(f"/orders/{kettle.order.number}/")
    old = delivery.pin_of(kettle)

    page.get_by_test_id("new-pin").click()
    page.get_by_role("button", name="Not now").click()
    assert delivery.pin_of(kettle) == old
    page.get_by_test_id("new-pin").click()
    page.get_by_role("button", name="Yes, go ahead").click()

    expect(page.get_by_test_id("messages")).to_contain_text("There is a new PIN now.")
    expect_pin(page, delivery.pin_of(kettle))


def test_without_javascript_a_link_looks_again(visit_as, stocked, kettle):
    page = visit_as(stocked.buyer, **NO_JS)
    page.goto(f"/orders/{kettle.order.number}/")
    job = delivery.carry(kettle, stocked.courier)

    page.get_by_role("link", name="Look again").click()
    expect_pin(page, delivery.pin_of(kettle))
    page.get_by_test_id("new-pin").click()
    expect_pin(page, delivery.pin_of(kettle))
    delivery.prove(job)
    page.get_by_role("link", name="Look again").click()
    page.get_by_test_id("all-fine").click()
    page.get_by_role("button", name="Yes, pay €29.50").click()

    expect(page.get_by_test_id("where-the-money-is")).to_contain_text("€29.50 was paid to")
    assert wallet_of(stocked.seller.pk).balance == 2_950


def test_the_tracking_link_opens_for_whoever_has_it(visit_as, open_context, stocked, kettle):
    job = delivery.carry(kettle, stocked.courier)
    page = visit_as(stocked.buyer)
    page.goto(f"/orders/{kettle.order.number}/")
    address = page.get_by_test_id("track-link").get_attribute("href")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Share the link").click()
    expect(page.locator("#live-said")).to_have_text("The link is copied.")
    assert page.evaluate("navigator.clipboard.readText()").endswith(address)

    friend = open_context(**PHONE).new_page()
    friend.goto(address)

    expect(friend.get_by_test_id("track-status")).to_have_text("On its way")
    text = friend.inner_text("body")
    for private in ("Bea", "Torstraße", "29.50", "kettle", "Sam", "Cara", kettle.order.number):
        assert private not in text
    assert not [cookie for cookie in friend.context.cookies() if cookie["name"] == "sessionid"]

    delivery.prove(job)
    look_now(friend)
    expect(friend.get_by_test_id("track-status")).to_have_text("Delivered")


def test_a_photo_of_the_door_opens(visit_as, stocked, kettle, picture_file):
    job = delivery.carry(kettle, stocked.courier)
    fail_attempt(
        delivery_id=job.pk,
        actor=stocked.courier,
        reason="absent",
        photo=picture_file(),
        form_key=new_form_key(user_id=stocked.courier.pk, action="fail_attempt", subject=job.pk),
    )
    page = visit_as(stocked.buyer, **PHONE)
    page.goto(f"/orders/{kettle.order.number}/")

    page.get_by_role("link", name="Photo: Nobody was there").click()

    expect(page).to_have_url(re.compile("/photo/"))
    assert page.evaluate("document.images[0].naturalWidth") == 640


def test_the_seller_packs_and_takes_back_with_the_own_pin(visit_as, stocked, kettle):
    page = visit_as(stocked.seller, **PHONE)
    page.goto("/seller/")
    page.get_by_role("link", name=kettle.number).click()
    page.get_by_test_id("pack").click()
    expect(page.get_by_text("Packed; it waits for a courier.")).to_be_visible()

    job = delivery.carry(kettle, stocked.courier)
    delivery.fail(job, "refused", note="They had ordered a blue one")
    page.goto("/seller/")
    page.get_by_test_id("under-way").get_by_role("link").click()
    expect_pin(page, delivery.pin_of(kettle))
    delivery.prove(job)
    page.reload()

    expect(page.get_by_test_id("shipment-status")).to_have_text("Returned")
    expect(page.get_by_test_id("when-paid")).to_contain_text("The buyer has the money back.")
    assert wallet_of(stocked.buyer.pk).held_balance == 0
