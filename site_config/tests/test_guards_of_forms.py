"""A form carries what it was drawn for, and no page forgets to hand it on (marketplace/common/shown.py)."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

from marketplace.accounts import address_book, shops
from marketplace.applications import services as applications
from marketplace.coupons import services as coupons
from marketplace.delivery import services as delivery
from marketplace.orders import services as orders
from marketplace.payouts import services as payouts
from marketplace.rates import services as rates
from marketplace.reviewing import services as reviewing

from .reading import TOP, modules

FACES = ("shop", "courier", "backoffice", "marketplace/seller_dashboard")
# What people do that means the same whatever has happened since the page was drawn.
UNBOUND = {
    "claim_shipment": "it takes what waits for a courier, and waits again",
    "claim_consignment": "as `claim_shipment`",
    "give_back": "a job waits for its pick-up once; the next courier's is another row",
    "pick_up": "as `give_back`",
    "confirm_scan": "the code itself says which parcel it is and which way that goes",
    "sort_jobs": "the form holds the list that its sender saw",
    "note_address_read": "it writes down who reads, and changes nothing",
    "cancel_overdue": "the clock is shown nothing",
    "release_earnings": "as `cancel_overdue`",
    "publish_rates": "its form carries the version that it was drawn with",
    "make_coupon": "what is made new was not there when the page was drawn",
    "offer_free_delivery": "it says one number of the seller's own; the last that they said stands",
    "apply": "what is made new was not there when the page was drawn",
    "show_picture": "the newest picture is the one that somebody chose last",
    "save_shop_picture": "as `show_picture`",
    "remove_shop_picture": "as `show_picture`",
    "add_address": "what is made new was not there when the page was drawn",
    "make_default_address": "it means the address, whatever it says by now",
    "request_payout": "what is made new was not there when the page was drawn",
    "make_batch": "what is made new was not there when the page was drawn",
    "ask_by_plan": "the clock is shown nothing",
    "renew_addresses": "a command, which is shown nothing",
    "pack_shipment": "packed is packed, also where a courier has claimed it meanwhile",
}


def acting() -> dict[str, bool]:
    """What can be done with a parcel, a submission or a shop, and whether the service takes what its form was
    drawn for."""
    functions = {
        name: getattr(services, name)
        for services in (delivery, reviewing, applications, payouts, rates, coupons)
        for name in services.__all__
    } | {"pack_shipment": orders.pack_shipment}
    functions |= {
        name: getattr(shops, name)
        for name in ("save_shop", "set_small_business", "go_away", "come_back", "show_picture")
    }
    functions |= {
        name: getattr(address_book, name)
        for name in ("add_address", "change_address", "remove_address", "make_default_address")
    }
    return {
        name: "expected" in inspect.signature(function).parameters
        for name, function in functions.items()
        if inspect.isfunction(function) and not name.startswith("require_")
    }


BOUND = {name for name, is_bound in acting().items() if is_bound}


def forgetful(source: str) -> Iterator[str]:
    """Calls of bound services that do not hand on what the form was drawn for."""
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        # `**sent.shipment` is what staff do with one (backoffice/actions.py): it holds it, too.
        spread = {getattr(word.value, "attr", "") for word in call.keywords if word.arg is None}
        if (
            name in BOUND
            and "shipment" not in spread
            and all(word.arg != "expected" for word in call.keywords)
        ):
            yield f"{call.lineno} {name}"


def test_whatever_is_done_is_bound_or_says_why_not():
    assert {name for name, is_bound in acting().items() if not is_bound} == set(UNBOUND)
    assert len(BOUND) >= 10


def test_every_page_hands_on_what_its_form_was_drawn_for():
    paths: list[Path] = [path for path in modules(*FACES) if "tests" not in path.parts]
    found = [f"{path.relative_to(TOP)}:{line}" for path in paths for line in forgetful(path.read_text())]

    assert found == []


def test_control_a_page_that_forgets_it_is_found():
    assert list(forgetful("services.send_back(shipment_id=1, actor=a, reason='x')")) == ["1 send_back"]
    assert list(forgetful("reissue_proof(**given)")) == ["1 reissue_proof"]
    assert not list(forgetful("send_back(shipment_id=1, expected=sent_mark(request))"))
