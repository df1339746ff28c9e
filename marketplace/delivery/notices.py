"""What a parcel's people are told on its way: its buyer, its seller, its couriers and, of couriers, the admins."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.accounts.selectors import active_admins
from marketplace.common.money import format_money
from marketplace.delivery.models import Courier, Delivery
from marketplace.notifications.kinds import Extra, Kind
from marketplace.notifications.sentences import because, moment
from marketplace.notifications.services import Notice

# Beside what marketplace/orders/notices.py says of the extra data: "job" is the delivery's number, and
# `admin=True` tells an admin, who may read in "courier" who it is.


def to_courier(delivery: Delivery, kind: Kind, event: str, **extra: object) -> Notice:
    """A notice for whoever has, had or gets a job, about what happened to it."""
    about = {"job": delivery.number, "shipment": delivery.consignment.number}
    return Notice(delivery.courier_id, kind, delivery, f"delivery:{delivery.pk}:{event}", about | extra)


def of_suspension(courier: Courier, name: str) -> list[Notice]:
    """Tell a courier that they can claim nothing for now, and every active admin who it is."""
    event_key = f"courier:{courier.pk}:suspended:{courier.claims_suspended_at:%Y%m%dT%H%M%S%f}"
    extra = {"admin": True, "courier": name}
    return [
        Notice(courier.pk, CLAIMS_SUSPENDED, courier, event_key),
        *(Notice(admin.pk, CLAIMS_SUSPENDED, courier, event_key, extra) for admin in active_admins()),
    ]


def of_lifting(courier: Courier) -> Notice:
    """Tell a courier that they can claim again."""
    event_key = f"courier:{courier.pk}:open:{courier.forgiven_at:%Y%m%dT%H%M%S%f}"
    return Notice(courier.pk, CLAIMS_OPEN, courier, event_key)


def _parcel_claimed(extra: Extra) -> str:
    return _("A courier is coming to pick up the parcel of order %(number)s.") % extra


def _order_shipped(extra: Extra) -> str:
    return (
        _("A parcel of your order %(number)s is on its way. The order's page has the PIN for the courier.")
        % extra
    )


def _courier_at_door(extra: Extra) -> str:
    told = _(
        "Your courier is at the door with a parcel of order %(number)s. Waiting is free for %(minutes)s minutes,"
        " then it costs %(fee)s a minute, %(most)s at most."
    )
    if not extra.get("minutes"):
        told = _(
            "Your courier is at the door with a parcel of order %(number)s. Waiting costs %(fee)s a minute,"
            " %(most)s at most."
        )
    return told % {
        "number": extra["number"],
        "minutes": extra.get("minutes"),
        "fee": format_money(extra.get("fee", 0)),
        "most": format_money(extra.get("most", 0)),
    }


def _order_delivered(extra: Extra) -> str:
    if extra.get("seller"):
        return _("The parcel of order %(number)s has arrived.") % extra
    if until := moment(extra.get("completes_at")):
        told = _("A parcel of your order %(number)s has arrived. Its seller is paid on %(until)s.")
        return told % {"number": extra["number"], "until": until}
    return _("A parcel of your order %(number)s has arrived.") % extra


def _why_failed(reason: object) -> str:
    """Why it could not be handed over (states.FailReason), as the middle of a sentence."""
    known = {
        "absent": _("nobody was there"),
        "refused": _("it was refused"),
        "wrong_address": _("the address is wrong"),
        "unsafe": _("it was not safe"),
        "damaged": _("the parcel is damaged"),
    }
    return known.get(str(reason), str(reason))


def _delivery_failed(extra: Extra) -> str:
    if reason := extra.get("reason"):
        told = _("A parcel of your order %(number)s could not be handed over: %(reason)s.")
        return told % {"number": extra["number"], "reason": _why_failed(reason)}
    return _("A parcel of your order %(number)s could not be handed over.") % extra


def _parcel_returning(extra: Extra) -> str:
    if extra.get("seller"):
        told = _(
            "The parcel of order %(number)s is coming back to you. Its page has the PIN for the courier."
        )
    else:
        told = _("A parcel of your order %(number)s goes back to its seller. You will get your money back.")
    return told % extra


def _parcel_returned(extra: Extra) -> str:
    if extra.get("seller"):
        return _("The parcel of order %(number)s is back. Its pieces are in your stock again.") % extra
    if "amount" not in extra:
        return _("A parcel of your order %(number)s is back with its seller.") % extra
    told = _(
        "A parcel of your order %(number)s is back with its seller. %(amount)s is free in your wallet again."
    )
    return told % {"number": extra["number"], "amount": format_money(extra["amount"])}


def _proof_locked(extra: Extra) -> str:
    if extra.get("seller"):
        told = _("Five wrong PINs were given for the parcel of order %(number)s. Make a new one on its page.")
    else:
        told = _("Five wrong PINs were given for your order %(number)s. Make a new one on the order's page.")
    return told % extra


def _proof_bypassed(extra: Extra) -> str:
    if extra.get("returned"):
        told = _(
            "The store confirmed, without your PIN, that the parcel of order %(number)s is back with you."
        )
    elif extra.get("seller"):
        told = _("The store confirmed that the parcel of order %(number)s has arrived.")
    else:
        told = _("The store confirmed, without your PIN, that a parcel of your order %(number)s has arrived.")
    told %= extra
    if until := moment(extra.get("completes_at")):
        told = _("%(told)s It is paid on %(until)s.") % {"told": told, "until": until}
    return because(told, extra)


def _job_assigned(extra: Extra) -> str:
    return because(_("The store gave you a parcel to carry: %(job)s.") % _job(extra), extra)


def _address_changed(extra: Extra) -> str:
    if shipment := extra.get("shipment"):
        return _("Your parcel %(shipment)s goes to another address now.") % {"shipment": shipment}
    return _("A parcel of yours goes to another address now.")


def _job_taken(extra: Extra) -> str:
    return because(
        _("The store took your parcel %(job)s back: it is not yours to carry any more.") % _job(extra), extra
    )


def _job_cancelled(extra: Extra) -> str:
    return because(_("Your parcel %(job)s was cancelled. Please do not pick it up.") % _job(extra), extra)


def _job(extra: Extra) -> dict[str, object]:
    """What the courier knows the parcel by."""
    return {"job": extra.get("shipment") or extra["job"]}


def _claims_suspended(extra: Extra) -> str:
    if not extra.get("admin"):
        return _("Too many wrong PINs: you can claim no parcels until the store has looked into it.")
    if courier := extra.get("courier"):
        return _("%(courier)s gave too many wrong PINs and can claim no parcels.") % {"courier": courier}
    return _("A courier gave too many wrong PINs and can claim no parcels.")


def _claims_open(extra: Extra) -> str:
    return _("The store has looked into it: you can claim parcels again.")


# A parcel's way.
PARCEL_CLAIMED = Kind(
    "parcel_claimed",
    gettext_lazy("A courier took a parcel"),
    "truck",
    _parcel_claimed,
    needs={"number"},
    allows={"shipment"},
)
ORDER_SHIPPED = Kind(
    "order_shipped",
    gettext_lazy("Parcel on its way"),
    "truck",
    _order_shipped,
    needs={"number"},
    allows={"shipment"},
)
COURIER_AT_DOOR = Kind(
    "courier_at_door",
    gettext_lazy("Courier at the door"),
    "map-pin",
    _courier_at_door,
    needs={"number"},
    allows={"shipment", "minutes", "fee", "most"},
)
ORDER_DELIVERED = Kind(
    "order_delivered",
    gettext_lazy("Parcel arrived"),
    "check-circle",
    _order_delivered,
    needs={"number"},
    allows={"shipment", "seller", "completes_at"},
)
DELIVERY_FAILED = Kind(
    "delivery_failed",
    gettext_lazy("Parcel could not be handed over"),
    "alert",
    _delivery_failed,
    needs={"number"},
    allows={"shipment", "reason", "attempt"},
)
PARCEL_RETURNING = Kind(
    "parcel_returning",
    gettext_lazy("Parcel going back"),
    "return",
    _parcel_returning,
    needs={"number"},
    allows={"shipment", "seller", "reason"},
)
PARCEL_RETURNED = Kind(
    "parcel_returned",
    gettext_lazy("Parcel back with its seller"),
    "return",
    _parcel_returned,
    needs={"number"},
    allows={"shipment", "seller", "amount", "pieces"},
)
PROOF_LOCKED = Kind(
    "proof_locked",
    gettext_lazy("PIN locked"),
    "lock",
    _proof_locked,
    needs={"number"},
    allows={"shipment", "seller"},
)
PROOF_BYPASSED = Kind(
    "proof_bypassed",
    gettext_lazy("Delivery confirmed by the store"),
    "shield",
    _proof_bypassed,
    needs={"number"},
    allows={"shipment", "seller", "returned", "reason", "completes_at"},
)
# Couriers.
JOB_ASSIGNED = Kind(
    "job_assigned",
    gettext_lazy("Parcel given to a courier"),
    "truck",
    _job_assigned,
    needs={"job"},
    allows={"shipment", "reason"},
)
ADDRESS_CHANGED = Kind(
    "address_changed",
    gettext_lazy("Parcel goes to another address"),
    "map-pin",
    _address_changed,
    needs={"job"},
    allows={"shipment"},
)
JOB_TAKEN = Kind(
    "job_taken",
    gettext_lazy("Parcel taken from a courier"),
    "return",
    _job_taken,
    needs={"job"},
    allows={"shipment", "reason"},
)
JOB_CANCELLED = Kind(
    "job_cancelled",
    gettext_lazy("Parcel cancelled"),
    "close",
    _job_cancelled,
    needs={"job"},
    allows={"shipment", "reason"},
)
CLAIMS_SUSPENDED = Kind(
    "claims_suspended",
    gettext_lazy("Courier suspended"),
    "lock",
    _claims_suspended,
    allows={"admin", "courier"},
)
CLAIMS_OPEN = Kind("claims_open", gettext_lazy("Courier may claim again"), "check-circle", _claims_open)

KINDS = [
    PARCEL_CLAIMED,
    ORDER_SHIPPED,
    COURIER_AT_DOOR,
    ORDER_DELIVERED,
    DELIVERY_FAILED,
    PARCEL_RETURNING,
    PARCEL_RETURNED,
    PROOF_LOCKED,
    PROOF_BYPASSED,
    JOB_ASSIGNED,
    ADDRESS_CHANGED,
    JOB_TAKEN,
    JOB_CANCELLED,
    CLAIMS_SUSPENDED,
    CLAIMS_OPEN,
]
