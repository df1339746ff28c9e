"""What an address can hold: the thing that a row of docs/permissions/ is about."""

from collections.abc import Callable

from marketplace.delivery.shown import mark_of
from marketplace.orders.models import Shipment
from site_config.tests.everybody import World

Address = Callable[[World, str], dict[str, object]]
Form = Callable[[World, str, str], dict[str, object]]


def the_shipment(world: World, state: str) -> Shipment:
    return world.shipments[state or "placed"]


def a_shipment(world: World, state: str) -> dict[str, object]:
    return {"number": the_shipment(world, state).number}


def as_shown(world: World, state: str) -> dict[str, object]:
    """What a form about it is drawn for now."""
    return {"shown": mark_of(the_shipment(world, state).pk)}
