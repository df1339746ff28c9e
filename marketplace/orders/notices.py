"""What buyers and sellers are told about an order and its money."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marketplace.common.money import format_money
from marketplace.notifications.kinds import Extra, Kind
from marketplace.notifications.sentences import because, moment
from marketplace.notifications.services import Notice
from marketplace.orders.models import Shipment

# In the extra data "number" is the order's and "shipment" the shipment's; amounts are in minor units, moments
# ISO 8601. `seller=True` says the same thing to the seller.


def to_buyer(shipment: Shipment, kind: Kind, event_key: str, **extra: object) -> Notice:
    """A notice for whoever bought it."""
    return Notice(shipment.order.buyer_id, kind, shipment, event_key, _about(shipment) | extra)


def to_seller(shipment: Shipment, kind: Kind, event_key: str, **extra: object) -> Notice:
    """A notice for whoever sold it."""
    return Notice(shipment.seller_id, kind, shipment, event_key, _about(shipment) | extra)


def _about(shipment: Shipment) -> dict[str, object]:
    return {"number": shipment.order.number, "shipment": shipment.number}


def _order_created(extra: Extra) -> str:
    return _("Your order %(number)s is placed. %(total)s is held until it has arrived.") % {
        "number": extra["number"],
        "total": format_money(extra["total"]),
    }


def _sale_made(extra: Extra) -> str:
    pieces = int(extra.get("pieces", 0))
    if not pieces:
        return _("You sold something for %(total)s.") % {"total": format_money(extra["total"])}
    return ngettext(
        "You sold %(pieces)d piece for %(total)s. Please pack it.",
        "You sold %(pieces)d pieces for %(total)s. Please pack them.",
        pieces,
    ) % {"pieces": pieces, "total": format_money(extra["total"])}


def _shipment_cancelled(extra: Extra) -> str:
    amount = format_money(extra["amount"])
    if extra.get("seller"):
        told = _("Goods of yours for %(amount)s in order %(number)s were cancelled.")
    else:
        told = _("Part of your order %(number)s was cancelled. %(amount)s is free in your wallet again.")
    return because(told % {"number": extra["number"], "amount": amount}, extra)


def _order_completed(extra: Extra) -> str:
    return _("A parcel of your order %(number)s is completed, and its seller was paid. Thank you!") % extra


def _seller_payment(extra: Extra) -> str:
    values = {"number": extra["number"], "amount": format_money(extra["amount"])}
    if fee := extra.get("fee"):
        told = _("%(amount)s for order %(number)s arrived in your wallet. The store kept %(fee)s.")
        return told % (values | {"fee": format_money(fee)})
    return _("%(amount)s for order %(number)s arrived in your wallet.") % values


def _completion_soon(extra: Extra) -> str:
    if until := moment(extra.get("completes_at")):
        told = _("Is all fine with your order %(number)s? A seller of it is paid on %(until)s.")
        return told % {"number": extra["number"], "until": until}
    return _("Is all fine with your order %(number)s? A seller of it will be paid soon.") % extra


ORDER_CREATED = Kind(
    "order_created",
    gettext_lazy("Order placed"),
    "box",
    _order_created,
    needs={"number", "total"},
    allows={"shipments"},
)
SALE_MADE = Kind(
    "sale_made",
    gettext_lazy("Something was sold"),
    "tag",
    _sale_made,
    needs={"number", "total"},
    allows={"shipment", "pieces"},
)
SHIPMENT_CANCELLED = Kind(
    "shipment_cancelled",
    gettext_lazy("Shipment cancelled"),
    "return",
    _shipment_cancelled,
    needs={"number", "amount"},
    allows={"shipment", "seller", "reason", "pieces"},
)
ORDER_COMPLETED = Kind(
    "order_completed",
    gettext_lazy("Order completed"),
    "check-circle",
    _order_completed,
    needs={"number"},
    allows={"shipment"},
)
SELLER_PAYMENT = Kind(
    "seller_payment",
    gettext_lazy("A sale was paid"),
    "wallet",
    _seller_payment,
    needs={"number", "amount"},
    allows={"shipment", "fee"},
)
COMPLETION_SOON = Kind(
    "completion_soon",
    gettext_lazy("A seller will be paid soon"),
    "clock",
    _completion_soon,
    needs={"number"},
    allows={"shipment", "completes_at"},
)

KINDS = [ORDER_CREATED, SALE_MADE, SHIPMENT_CANCELLED, ORDER_COMPLETED, SELLER_PAYMENT, COMPLETION_SOON]
