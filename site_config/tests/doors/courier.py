"""The doors of the courier's console."""

from marketplace.delivery.selectors.job_page import job_view
from site_config.tests.everybody import World

from .things import Address, Form, the_shipment


def a_job(world: World, state: str) -> dict[str, object]:
    return {"number": world.job_of(the_shipment(world, state)).number}


def _pin(world: World, who: str, state: str) -> dict[str, object]:
    """The right one, as far as there ever was one."""
    shipment = the_shipment(world, state)
    return {
        "form_key": world.key(who, "confirm_delivery", world.job_of(shipment).pk),
        "pin": "123456" if state == "claimed" else world.pin(shipment),
    }


def _sort(world: World, who: str, state: str) -> dict[str, object]:
    """Ca's list, its last parcel one place earlier."""
    numbers = [world.job_of(world.shipments[state]).number for state in ("claimed", "carried", "locked")]
    return {"number": numbers, "up": numbers[-1]}


ADDRESSES: dict[str, Address] = {
    "courier:claim": lambda world, state: {"number": the_shipment(world, state).number},
    "courier:job": a_job,
    "courier:give_back": a_job,
    "courier:pick_up": a_job,
    "courier:arrive": a_job,
    "courier:fail": a_job,
    "courier:confirm": a_job,
}

FORMS: dict[str, Form] = {
    "courier:here": lambda world, who, state: {"lat": "52.486243", "lng": "13.424805"},
    "courier:sort": _sort,
    "courier:give_back": lambda world, who, state: {"reason": "Flat tyre"},
    "courier:arrive": lambda world, who, state: {
        "shown": job_view(world.people["Ca"], str(a_job(world, state)["number"])).mark_of_try,
        "lat": "52.486243",
        "lng": "13.424805",
    },
    "courier:fail": lambda world, who, state: {
        "shown": job_view(world.people["Ca"], str(a_job(world, state)["number"])).mark_of_try,
        "form_key": world.key(who, "fail_attempt", world.job_of(the_shipment(world, state)).pk),
        "reason": "absent",
    },
    "courier:scan": lambda world, who, state: {
        "form_key": world.key(who, "confirm_scan"),
        "token": world.token(the_shipment(world, state)),
    },
    "courier:confirm": _pin,
}
