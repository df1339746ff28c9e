"""What each kind of notification says, in the language of whoever reads it now. Never a PIN or a token."""

from collections.abc import Mapping

from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.common.money import format_money

Extra = Mapping[str, object]


def order_created(extra: Extra) -> str:
    return _("Your order %(number)s is placed. %(total)s is held until it has arrived.") % {
        "number": extra["number"],
        "total": format_money(extra["total"]),
    }


def sale_made(extra: Extra) -> str:
    pieces = int(extra.get("pieces", 0))
    if not pieces:
        return _("You sold something for %(total)s.") % {"total": format_money(extra["total"])}
    return ngettext(
        "You sold %(pieces)d piece for %(total)s. Please pack it.",
        "You sold %(pieces)d pieces for %(total)s. Please pack them.",
        pieces,
    ) % {"pieces": pieces, "total": format_money(extra["total"])}


def wallet_topped_up(extra: Extra) -> str:
    return _("%(amount)s arrived in your wallet.") % {"amount": format_money(extra["amount"])}


def shipment_cancelled(extra: Extra) -> str:
    amount = format_money(extra["amount"])
    if extra.get("seller"):
        told = _("Goods of yours for %(amount)s in order %(number)s were cancelled.")
    else:
        told = _("Part of your order %(number)s was cancelled. %(amount)s is free in your wallet again.")
    return _because(told % {"number": extra["number"], "amount": amount}, extra)


def parcel_claimed(extra: Extra) -> str:
    return _("A courier is coming to pick up the parcel of order %(number)s.") % extra


def order_shipped(extra: Extra) -> str:
    return (
        _("A parcel of your order %(number)s is on its way. The order's page has the PIN for the courier.")
        % extra
    )


def order_delivered(extra: Extra) -> str:
    if extra.get("seller"):
        return _("The parcel of order %(number)s has arrived.") % extra
    if until := _moment(extra.get("completes_at")):
        told = _("A parcel of your order %(number)s has arrived. Its seller is paid on %(until)s.")
        return told % {"number": extra["number"], "until": until}
    return _("A parcel of your order %(number)s has arrived.") % extra


def order_completed(extra: Extra) -> str:
    return _("A parcel of your order %(number)s is completed, and its seller was paid. Thank you!") % extra


def seller_payment(extra: Extra) -> str:
    values = {"number": extra["number"], "amount": format_money(extra["amount"])}
    if fee := extra.get("fee"):
        told = _("%(amount)s for order %(number)s arrived in your wallet. The store kept %(fee)s.")
        return told % (values | {"fee": format_money(fee)})
    return _("%(amount)s for order %(number)s arrived in your wallet.") % values


def completion_soon(extra: Extra) -> str:
    if until := _moment(extra.get("completes_at")):
        told = _("Is all fine with your order %(number)s? A seller of it is paid on %(until)s.")
        return told % {"number": extra["number"], "until": until}
    return _("Is all fine with your order %(number)s? A seller of it will be paid soon.") % extra


# Why a courier could not hand a parcel over (marketplace.delivery.states.FailReason).
def _why_failed(reason: object) -> str:
    known = {
        "absent": _("nobody was there"),
        "refused": _("it was refused"),
        "wrong_address": _("the address is wrong"),
        "unsafe": _("it was not safe"),
        "damaged": _("the parcel is damaged"),
    }
    return known.get(str(reason), str(reason))


def delivery_failed(extra: Extra) -> str:
    if reason := extra.get("reason"):
        told = _("A parcel of your order %(number)s could not be handed over: %(reason)s.")
        return told % {"number": extra["number"], "reason": _why_failed(reason)}
    return _("A parcel of your order %(number)s could not be handed over.") % extra


def parcel_returning(extra: Extra) -> str:
    if extra.get("seller"):
        told = _(
            "The parcel of order %(number)s is coming back to you. Its page has the PIN for the courier."
        )
    else:
        told = _("A parcel of your order %(number)s goes back to its seller. You will get your money back.")
    return told % extra


def parcel_returned(extra: Extra) -> str:
    if extra.get("seller"):
        return _("The parcel of order %(number)s is back. Its pieces are in your stock again.") % extra
    if "amount" not in extra:
        return _("A parcel of your order %(number)s is back with its seller.") % extra
    told = _(
        "A parcel of your order %(number)s is back with its seller. %(amount)s is free in your wallet again."
    )
    return told % {"number": extra["number"], "amount": format_money(extra["amount"])}


def proof_locked(extra: Extra) -> str:
    if extra.get("seller"):
        told = _("Five wrong PINs were given for the parcel of order %(number)s. Make a new one on its page.")
    else:
        told = _("Five wrong PINs were given for your order %(number)s. Make a new one on the order's page.")
    return told % extra


def proof_bypassed(extra: Extra) -> str:
    if extra.get("returned"):
        told = _(
            "The store confirmed, without your PIN, that the parcel of order %(number)s is back with you."
        )
    elif extra.get("seller"):
        told = _("The store confirmed that the parcel of order %(number)s has arrived.")
    else:
        told = _("The store confirmed, without your PIN, that a parcel of your order %(number)s has arrived.")
    told %= extra
    if until := _moment(extra.get("completes_at")):
        told = _("%(told)s It is paid on %(until)s.") % {"told": told, "until": until}
    return _because(told, extra)


def job_assigned(extra: Extra) -> str:
    return _because(_("The store gave you a parcel to carry: %(job)s.") % _job(extra), extra)


def job_taken(extra: Extra) -> str:
    return _because(
        _("The store took your parcel %(job)s back: it is not yours to carry any more.") % _job(extra), extra
    )


def job_cancelled(extra: Extra) -> str:
    return _because(_("Your parcel %(job)s was cancelled. Please do not pick it up.") % _job(extra), extra)


def claims_suspended(extra: Extra) -> str:
    if not extra.get("admin"):
        return _("Too many wrong PINs: you can claim no parcels until the store has looked into it.")
    if courier := extra.get("courier"):
        return _("%(courier)s gave too many wrong PINs and can claim no parcels.") % {"courier": courier}
    return _("A courier gave too many wrong PINs and can claim no parcels.")


def claims_open(extra: Extra) -> str:
    return _("The store has looked into it: you can claim parcels again.")


def sweep_trouble(extra: Extra) -> str:
    if extra.get("stopped"):
        return _("“%(sweep)s” is stopped: the store's clock looks wrong. Please look at it.") % extra
    values = {
        "sweep": extra["sweep"],
        "errors": int(extra.get("errors", 0)),
        "object": extra.get("object_id"),
    }
    return (
        ngettext(
            "“%(sweep)s” failed %(errors)d time at number %(object)s. It is tried again, ever more rarely.",
            "“%(sweep)s” failed %(errors)d times at number %(object)s. It is tried again, ever more rarely.",
            values["errors"],
        )
        % values
    )


def _because(told: str, extra: Extra) -> str:
    reason = extra.get("reason")
    return _("%(told)s Reason: %(reason)s") % {"told": told, "reason": reason} if reason else told


def _job(extra: Extra) -> dict[str, object]:
    """What the courier knows the parcel by."""
    return {"job": extra.get("shipment") or extra["job"]}


def _moment(at: object) -> str:
    """An ISO 8601 moment in the reader's zone; "" for none."""
    moment = parse_datetime(at) if isinstance(at, str) else None
    return formats.date_format(timezone.localtime(moment), "DATETIME_FORMAT") if moment else ""
