"""Where a notification leads: always to a page that its reader may open."""

from collections.abc import Mapping

from django.urls import reverse

Extra = Mapping[str, object]


def to_order(extra: Extra) -> str:
    """The buyer's page of the order; a seller, who may not see it, goes to their parcel."""
    return to_parcel(extra) if extra.get("seller") else reverse("shop:order_detail", args=[extra["number"]])


def to_parcel(extra: Extra) -> str:
    """The seller's page of a shipment; their first page where the notification does not say which."""
    if shipment := extra.get("shipment"):
        return reverse("seller_dashboard:parcel", args=[shipment])
    return reverse("seller_dashboard:home")


def to_wallet(extra: Extra) -> str:
    return reverse("shop:wallet")


def to_job(extra: Extra) -> str:
    """The courier's page of one job."""
    return reverse("courier:job", args=[extra["job"]])


def to_jobs(extra: Extra) -> str:
    """The courier's list: the job that this is about is not theirs any more."""
    return reverse("courier:jobs")


def to_courier(extra: Extra) -> str:
    """What a courier may still do; for an admin, the page of the couriers."""
    return reverse("backoffice:couriers" if extra.get("admin") else "courier:home")


def to_sweeps(extra: Extra) -> str:
    return reverse("backoffice:sweeps")
