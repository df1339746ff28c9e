"""The PIN and the code of a parcel are shown to one person, and only while it is under way to them."""

import re

import pytest

from marketplace.delivery.proofs import Code
from marketplace.delivery.qr import QUIET_ZONE, draw_qr
from marketplace.delivery.selectors import ProofView, proof_for_buyer, proof_for_seller
from marketplace.delivery.states import Method
from marketplace.orders.models import Shipment

pytestmark = pytest.mark.usefixtures("books_balance")
EVERYBODY = ["buyer", "seller", "courier", "admin", "superadmin", "stranger", "other_seller", "other_courier"]


def shown(request, shipment: Shipment) -> dict[str, set[str]]:
    """Who is shown the buyer's and who the seller's proof of a shipment."""
    people = {name: request.getfixturevalue(name) for name in EVERYBODY}
    fresh = Shipment.objects.select_related("order").get(pk=shipment.pk)
    return {
        "buyers": {name for name, person in people.items() if proof_for_buyer(person, fresh)},
        "sellers": {name for name, person in people.items() if proof_for_seller(person, fresh)},
    }


@pytest.mark.parametrize(
    ("state", "buyers", "sellers"),
    [
        ("claimed", set(), set()),
        ("on_its_way", {"buyer"}, set()),
        ("delivered", set(), set()),
        ("going_back", set(), {"seller"}),
    ],
)
def test_only_whom_it_is_under_way_to_sees_it(request, state, buyers, sellers):
    job = request.getfixturevalue(state)()

    assert shown(request, job.shipment) == {"buyers": buyers, "sellers": sellers}


def test_what_came_back_shows_none_any_more(request, going_back, confirm):
    job = going_back()
    confirm(job)

    assert shown(request, job.shipment) == {"buyers": set(), "sellers": set()}


def test_it_is_the_pin_and_the_token_that_end_the_way(buyer, on_its_way, proof_of):
    shipment = on_its_way().shipment

    view = proof_for_buyer(buyer, shipment)

    assert Code.parse(pin=view.pin_in_groups).fits(proof_of(shipment))
    scanned = Code.parse(token=view.payload)
    assert scanned.method == Method.QR
    assert scanned.fits(proof_of(shipment))
    assert view.payload.startswith("http://localhost:8000/courier/scan/#")


def test_a_locked_one_has_neither_pin_nor_code(buyer, on_its_way, confirm, wrong_pin):
    job = on_its_way()
    for _ in range(5):
        confirm(job, pin=wrong_pin(job.shipment))

    view = proof_for_buyer(buyer, job.shipment)

    assert (view.locked, view.pin, view.payload, view.qr(), view.tries_left) == (True, "", "", "", 0)


def test_zeros_in_front_are_shown():
    view = ProofView(issue=1, locked=False, pin="004207", payload="", tries_left=5, issues_left=2)

    assert (view.pin_in_groups, view.pin_aloud) == ("004 207", "0 0 4, 2 0 7")


def test_the_code_is_one_path_with_a_quiet_zone_and_no_style():
    svg = draw_qr("http://localhost:8000/courier/scan/#AAAAAAAAAAAAAAAAAAAAAA")

    size = int(re.search(r'viewBox="0 0 (\d+) \1"', svg)[1])
    dark = [tuple(map(int, run)) for run in re.findall(r"M(\d+) (\d+)h(\d+)v1", svg)]
    assert dark
    assert all(x >= QUIET_ZONE and x + wide <= size - QUIET_ZONE for x, _y, wide in dark)
    assert all(QUIET_ZONE <= y < size - QUIET_ZONE for _x, y, _wide in dark)
    assert "style" not in svg
    assert "localhost" not in svg
