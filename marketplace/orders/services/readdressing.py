"""Step: an order goes to another door. Couriers are the delivery's, which locks and asks first."""

from collections.abc import Sequence

from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from marketplace.common.errors import Invalid
from marketplace.common.money import format_money
from marketplace.common.places import Place, distance_m
from marketplace.orders.delivering import too_far
from marketplace.orders.models import Order, Shipment, ShipmentLine
from marketplace.orders.states import BEFORE_PICK_UP
from marketplace.rates.models import RateTable
from marketplace.rates.pricing import is_too_far, moved
from marketplace.rates.selectors import start_of
from marketplace.wallet.services import release_hold

from .placing import Address, Recipient
from .shipments import record

_DELIVERY = ("delivery_price", "delivery_by_seller", "delivery_full", "courier_share", "delivery_metres")


def goes_there(order: Order, *, recipient: Recipient, door: Address) -> bool:
    """Whether an order goes to that door and those people already."""
    return all(getattr(order, name) == value for name, value in _said(recipient, door).items())


def readdress(
    order: Order, shipments: Sequence[Shipment], *, recipient: Recipient, door: Address, actor_id: int | None
) -> list[Shipment]:
    """Write where a locked order goes now, and that it does into the history of each of its waiting shipments.

    The history does not say where to: sellers read it. Returns those shipments, with their lower prices on them
    (`give_difference_back`). Raises `Invalid` (field "to") where a delivery would be dearer or too far: then nothing
    was written.
    """
    waiting = [shipment for shipment in shipments if shipment.status in BEFORE_PICK_UP]
    if door.place != order.place:
        _price_anew(waiting, door.place)
    said = _said(recipient, door)
    for name, value in said.items():
        setattr(order, name, value)
    order.save(update_fields=list(said))
    for shipment in waiting:
        if shipment.rates_id:
            shipment.save(update_fields=["total", *_DELIVERY])
        reason = _("It goes to another address now.")
        record(shipment, shipment.status, shipment.status, actor_id=actor_id, reason=reason)
    return waiting


def give_difference_back(shipment: Shipment, before: int) -> None:
    """Give the buyer what a readdressed shipment costs less than `before`, its total until now.

    The last step, because wallets are the last locks. Prices only ever fall, so each gives back once.
    """
    if shipment.total < before:
        key = f"{shipment.hold_key}:readdressed:{shipment.total}"
        release_hold(open_key=shipment.hold_key, amount=before - shipment.total, key=key)


def _price_anew(shipments: Sequence[Shipment], door: Place) -> None:
    """Set what each delivery costs to `door`, by the table frozen on its shipment; saves nothing.

    Refused where the full price would be higher, whoever pays it: nobody agreed to more, nor a courier to a longer
    way for the same.
    """
    priced = [shipment for shipment in shipments if shipment.rates_id]
    tables = RateTable.objects.in_bulk({shipment.rates_id for shipment in priced})
    ways = _ways(priced, door)
    for shipment in priced:
        table, (metres, shop) = tables[shipment.rates_id], ways[shipment.pk]
        if is_too_far(table, metres):
            raise Invalid(too_far(shop), field="to")
        goods, before = shipment.goods_total, shipment.terms
        terms = moved(table, before, metres_before=shipment.delivery_metres, metres=metres)
        if terms.full > before.full:
            raise Invalid(_dearer(shop, before.full, terms.full, is_free=not before.buyer), field="to")
        shipment.delivery_price, shipment.delivery_by_seller = terms.buyer, terms.seller
        shipment.delivery_full, shipment.courier_share = terms.full, terms.courier
        shipment.delivery_metres = metres
        shipment.total = goods + terms.buyer


def _dearer(shop: str, before: int, now: int, *, is_free: bool) -> str:
    if is_free:
        sentence = _(
            "%(shop)s’s delivery is free for you, but to this address it costs more than was agreed."
        )
    else:
        sentence = _(
            "%(shop)s’s delivery to this address costs %(now)s; you agreed to %(before)s. Please choose a nearer"
            " address, or cancel and order again."
        )
    return sentence % {"shop": shop, "now": format_money(now), "before": format_money(before)}


def _ways(shipments: Sequence[Shipment], door: Place) -> dict[int, tuple[int, str]]:
    """How far each shipment's kept pieces go to `door`, from where they are fetched, and its shop's name."""
    kept = F("cancelled_quantity") + F("returned_quantity")
    rows = (
        ShipmentLine.objects.filter(shipment__in=shipments, quantity__gt=kept)
        .order_by()
        .values(
            "shipment_id",
            shop=F("variant__seller__seller_profile__shop_name"),
            start_lat=Coalesce(F("shipment__pick_up_lat"), F("variant__seller__profile__location_lat")),
            start_lng=Coalesce(F("shipment__pick_up_lng"), F("variant__seller__profile__location_lng")),
        )
    )
    ways: dict[int, tuple[int, str]] = {}
    for row in rows:
        start = start_of(row)
        way = (distance_m(start, door) if start else 0, row["shop"] or "")
        ways[row["shipment_id"]] = max(way, ways.get(row["shipment_id"], way))
    return ways


def _said(recipient: Recipient, door: Address) -> dict[str, object]:
    """What the columns of an order say of its door."""
    return {
        "ship_name": recipient.name,
        "ship_phone": recipient.phone,
        "ship_notes": recipient.notes,
        "ship_address": door.text,
        "ship_lat": door.place.lat,
        "ship_lng": door.place.lng,
    }
