"""Where a notification leads: always to a page that its reader may open."""

from collections.abc import Mapping

from django.urls import NoReverseMatch, reverse

Extra = Mapping[str, object]


def to_order(extra: Extra) -> str:
    """The buyer's page of the order; a seller, who may not see it, goes to their parcel."""
    return to_parcel(extra) if extra.get("seller") else reverse("shop:order_detail", args=[extra["number"]])


def to_parcel(extra: Extra) -> str:
    """The seller's page of a shipment."""
    return _first(("seller_dashboard:parcel", extra.get("shipment")), ("seller_dashboard:home", None))


def to_wallet(extra: Extra) -> str:
    return reverse("shop:wallet")


def to_job(extra: Extra) -> str:
    """The courier's page of one job."""
    return _first(("courier:job", extra["job"]), ("courier:home", None))


def to_jobs(extra: Extra) -> str:
    """The courier's list: the job that this is about is not theirs any more."""
    return _first(("courier:jobs", None), ("courier:home", None))


def to_courier(extra: Extra) -> str:
    """What a courier may still do; for an admin, the page of the couriers."""
    if extra.get("admin"):
        return _first(("backoffice:couriers", None), ("backoffice:home", None))
    return reverse("courier:home")


def to_sweeps(extra: Extra) -> str:
    return _first(("backoffice:sweeps", None), ("backoffice:home", None))


def _first(*routes: tuple[str, object]) -> str:
    """The address of the first of these pages that is there: the one meant, or else the reader's home.

    A notification lives longer than an address: one that leads nowhere any more must not break the inbox.
    """
    *wanted, (home, _none) = routes
    for name, argument in wanted:
        try:
            return reverse(name, args=[] if argument is None else [argument])
        except NoReverseMatch:
            continue
    return reverse(home)
