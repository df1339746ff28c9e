"""An admin at the keyboard: through the list, into a case, and out of trouble."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect

from e2e.conftest import DESKTOP, NO_JS
from marketplace.delivery.models import Proof
from marketplace.delivery.states import ProofStatus
from marketplace.orders.models import Shipment
from marketplace.orders.states import ShipmentStatus

PHOTO = Path(settings.BASE_DIR, "static", "img", "icon-192.png")


def test_the_desk_is_walked_with_keys(furnished, visit_as):
    page = visit_as(furnished.admin, **DESKTOP)
    page.goto("/backoffice/")
    page.get_by_test_id("queue-failed").click()
    expect(page.get_by_test_id("desk-row")).to_have_count(2)

    for key, state in (("j", "failed"), ("j", "returning"), ("k", "failed")):
        page.keyboard.press(key)
        expect(page.get_by_role("heading", level=1)).to_contain_text(furnished.shipments[state].number)
    expect(page).to_have_url(re.compile(r"\?trouble=failed$"))

    # A letter opens what can be done, and the next letters are typed.
    page.keyboard.press("s")
    act = page.get_by_test_id("act-send_back")
    expect(act).to_have_attribute("open", "")
    page.keyboard.type("bjks")
    expect(act.get_by_label("Reason")).to_have_value("bjks")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(act).not_to_have_attribute("open", "")
    expect(page.get_by_test_id("act-reassign").get_by_label("New courier")).to_be_focused()

    # Who speaks to their computer switches the letters off, and it stays so.
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Keys on").click()
    page.reload()
    page.keyboard.press("j")
    page.keyboard.press("s")
    expect(act).not_to_have_attribute("open", "")
    expect(page.get_by_role("heading", level=1)).to_contain_text(furnished.shipments["failed"].number)


@pytest.mark.parametrize("device", [DESKTOP, NO_JS], ids=["desktop", "no-javascript"])
def test_a_locked_parcel_is_confirmed_with_a_photo(furnished, visit_as, device):
    locked = furnished.shipments["locked"]
    page = visit_as(furnished.admin, **device)
    page.goto(f"/backoffice/deliveries/?q={locked.order.number}")
    page.get_by_test_id("desk-row").click()
    expect(page.get_by_text("Five wrong codes: the proof is locked")).to_be_visible()

    page.get_by_test_id("show-address").click()
    expect(page.get_by_test_id("case-address")).to_contain_text("Torstraße 1")

    act = page.get_by_test_id("act-bypass")
    act.locator("summary").click()
    act.get_by_label("Reason").fill("The neighbour at number 3 signed for it")
    act.get_by_label("Photo").set_input_files(PHOTO)
    act.get_by_role("button", name="Confirm it").click()

    expect(page.get_by_test_id("case-status")).to_have_text("Delivered")
    expect(page.get_by_test_id("case-history")).to_contain_text("The neighbour at number 3 signed for it")
    shipment = Shipment.objects.get(pk=locked.pk)
    assert shipment.status == ShipmentStatus.DELIVERED
    proof = Proof.objects.filter(consignment__shipment=shipment).get()
    assert proof.status == ProofStatus.BYPASSED
    photo = page.get_by_test_id("case-proofs").get_by_role("link", name="Photo").get_attribute("href")
    assert page.request.get(photo).headers["content-type"].startswith("image/")
