"""What becomes of a shipment's delivery price: less after a cancellation, paid by the proof or for what came back.

Inner steps: the caller has the locks of the order and the shipment (`lock_shipment`). Whatever buyers pay for a
delivery goes to the store's fees, and the courier is paid out of them (delivery/services/finishing.py): so a
delivery that is free to the buyer pays its courier as every other one.
"""

from collections.abc import Collection

from django.conf import settings

from marketplace.common.money import percent_of
from marketplace.orders.models import Shipment, ShipmentEvent
from marketplace.orders.states import ShipmentStatus
from marketplace.products.models import Variant
from marketplace.rates.models import Payer
from marketplace.rates.pricing import back_price, largest, less_of
from marketplace.wallet.services import capture_hold, charge, lock_wallets, release_hold


def reduce_delivery(shipment: Shipment, kept: Collection[int]) -> list[str]:
    """Work out anew what delivering the variants `kept` costs, by the shipment's own table: never more than before.

    Of a shipment of which nothing is kept, nothing is paid. Its `total` has gone down by the goods already, and
    does by the delivery. Returns the names of the fields that it set; saves none.
    """
    if shipment.rates is None:
        return []
    goods, terms = shipment.goods_total, shipment.terms
    if kept:
        sizes = Variant.objects.filter(pk__in=kept).values_list("size_class", flat=True)
        terms = less_of(
            shipment.rates,
            terms,
            metres=shipment.delivery_metres,
            size_class=largest(sizes),
            goods_left=goods - percent_of(goods, shipment.commission_bps),
        )
        shipment.delivery_price, shipment.delivery_by_seller = terms.buyer, terms.seller
        shipment.delivery_full, shipment.courier_share = terms.full, terms.courier
    else:
        shipment.delivery_price = shipment.delivery_by_seller = 0
    shipment.total = goods + shipment.delivery_price
    return ["delivery_price", "delivery_by_seller", "delivery_full", "courier_share"]


def pay_delivery(shipment: Shipment, extra: int = 0) -> None:
    """The proof was given: what the buyer pays for the delivery goes out of their hold, the goods stay held.

    `extra` minor units, for further tries and waiting, come out of what they can spend, as far as that goes: the
    rest is the store's. The courier's wallet is locked with the buyer's: they are paid next.
    """
    if shipment.delivery_price or extra:
        lock_wallets(owner_ids=[shipment.order.buyer_id, *filter(None, [shipment.courier_id])])
    if shipment.delivery_price:
        capture_hold(
            open_key=shipment.hold_key,
            payees={},
            fee=shipment.delivery_price,
            keep=shipment.goods_total,
            key=f"{shipment.hold_key}:delivery",
        )
    if extra:
        key = f"{shipment.hold_key}:extra"
        paid = charge(owner_id=shipment.order.buyer_id, most=extra, key=key, subject=shipment)
        shipment.delivery_extra, shipment.total = paid, shipment.total + paid
        shipment.save(update_fields=["delivery_extra", "total"])


def ask_for_the_way(shipment: Shipment, extra: int = 0) -> list[str]:
    """Work out what the buyer pays of the way of a parcel that comes back, and leave that on it.

    The way there where they did not take it (`BUYER_PAYS_WAY_THERE` names the reasons), the way back where the
    table says so, and `extra` for further tries and waiting; never more than is held. Its `total` is that from now
    on. Returns the names of the fields that it set; saves none.
    """
    held = shipment.total
    if shipment.rates is None:
        shipment.total = 0
        return ["total"]
    there = shipment.delivery_price if why_it_comes_back(shipment) in settings.BUYER_PAYS_WAY_THERE else 0
    back = _way_back(shipment) if payer_of_way_back(shipment) == Payer.BUYER else 0
    shipment.delivery_price, shipment.delivery_back = there, min(back, held - there)
    shipment.delivery_extra = min(extra, held - there - shipment.delivery_back)
    shipment.delivery_by_seller = 0  # it was for goods that are sold
    shipment.total = there + shipment.delivery_back + shipment.delivery_extra
    return ["total", "delivery_price", "delivery_back", "delivery_extra", "delivery_by_seller"]


def give_back(shipment: Shipment) -> None:
    """Give a returned shipment's hold back to its buyer, less what they pay of its way."""
    if shipment.total:
        key = f"{shipment.hold_key}:returned:delivery"
        capture_hold(open_key=shipment.hold_key, payees={}, fee=shipment.total, key=key)
    else:
        release_hold(open_key=shipment.hold_key, key=f"{shipment.hold_key}:returned:released")


def charge_way_back(shipment: Shipment) -> None:
    """Where its seller pays a returned shipment's way back: out of what they can spend, as far as that goes."""
    if payer_of_way_back(shipment) == Payer.SELLER and (most := _way_back(shipment)):
        key = f"{shipment.hold_key}:way_back"
        shipment.back_by_seller = charge(owner_id=shipment.seller_id, most=most, key=key, subject=shipment)
        shipment.save(update_fields=["back_by_seller"])


def payer_of_way_back(shipment: Shipment) -> Payer:
    """Who pays the way of a shipment that comes back, by its own table; of one that has none, the store."""
    if shipment.rates is None:
        return Payer.STORE
    return shipment.rates.payer_of_way_back(why_it_comes_back(shipment))


def _way_back(shipment: Shipment) -> int:
    return back_price(shipment.rates, shipment.delivery_full) if shipment.rates else 0


def why_it_comes_back(shipment: Shipment) -> str:
    """The reason that its last step was given: a courier's at the door, or a sentence of staff."""
    steps = ShipmentEvent.objects.filter(shipment=shipment, to_status=ShipmentStatus.RETURNING)
    return steps.order_by("-pk").values_list("reason", flat=True).first() or ""
