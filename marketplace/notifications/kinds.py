"""What each kind of notification may carry, and where it finds its words and its way.

A new kind: a member of `models.Kind`, an entry here, its sentence in sentences.py and a test of that.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from . import links, sentences
from .models import Kind

Extra = Mapping[str, object]


@dataclass(frozen=True)
class KindOfNotice:
    """How one kind is shown. `needs` must be in its extra data, `allows` may be, nothing else is taken."""

    icon: str
    sentence: Callable[[Extra], str]
    link: Callable[[Extra], str]
    needs: frozenset[str]
    allows: frozenset[str] = frozenset()

    def check(self, extra: Extra) -> None:
        """Raise ValueError unless `extra` has what this kind needs and nothing that it does not know."""
        missing, unknown = self.needs - extra.keys(), extra.keys() - self.needs - self.allows
        if missing or unknown:
            raise ValueError(f"extra data: missing {sorted(missing)}, unknown {sorted(unknown)}")


def _kind(
    icon: str, sentence: Callable[[Extra], str], link: Callable[[Extra], str], needs: str, allows: str = ""
) -> KindOfNotice:
    return KindOfNotice(icon, sentence, link, frozenset(needs.split()), frozenset(allows.split()))


# "number" is the order's, "shipment" the shipment's, "job" the delivery's; amounts are minor units, moments
# ISO 8601. `seller=True` says the same thing to the seller, with a link to where sellers may go.
KINDS: dict[str, KindOfNotice] = {
    Kind.ORDER_CREATED: _kind(
        "box", sentences.order_created, links.to_order, needs="number total", allows="shipments"
    ),
    Kind.SALE_MADE: _kind(
        "tag", sentences.sale_made, links.to_parcel, needs="number total", allows="shipment pieces"
    ),
    Kind.WALLET_TOPPED_UP: _kind(
        "wallet", sentences.wallet_topped_up, links.to_wallet, needs="amount", allows="number"
    ),
    Kind.SHIPMENT_CANCELLED: _kind(
        "return",
        sentences.shipment_cancelled,
        links.to_order,
        needs="number amount",
        allows="shipment seller reason pieces",
    ),
    # A parcel's way.
    Kind.PARCEL_CLAIMED: _kind(
        "truck", sentences.parcel_claimed, links.to_parcel, needs="number", allows="shipment"
    ),
    Kind.ORDER_SHIPPED: _kind(
        "truck", sentences.order_shipped, links.to_order, needs="number", allows="shipment"
    ),
    Kind.ORDER_DELIVERED: _kind(
        "check-circle",
        sentences.order_delivered,
        links.to_order,
        needs="number",
        allows="shipment seller completes_at",
    ),
    Kind.DELIVERY_FAILED: _kind(
        "alert",
        sentences.delivery_failed,
        links.to_order,
        needs="number",
        allows="shipment reason attempt",
    ),
    Kind.PARCEL_RETURNING: _kind(
        "return", sentences.parcel_returning, links.to_order, needs="number", allows="shipment seller reason"
    ),
    Kind.PARCEL_RETURNED: _kind(
        "return",
        sentences.parcel_returned,
        links.to_order,
        needs="number",
        allows="shipment seller amount pieces",
    ),
    Kind.PROOF_LOCKED: _kind(
        "lock", sentences.proof_locked, links.to_order, needs="number", allows="shipment seller"
    ),
    Kind.PROOF_BYPASSED: _kind(
        "shield",
        sentences.proof_bypassed,
        links.to_order,
        needs="number",
        allows="shipment seller returned reason completes_at",
    ),
    # Settlement.
    Kind.ORDER_COMPLETED: _kind(
        "check-circle", sentences.order_completed, links.to_order, needs="number", allows="shipment"
    ),
    Kind.SELLER_PAYMENT: _kind(
        "wallet", sentences.seller_payment, links.to_parcel, needs="number amount", allows="shipment fee"
    ),
    Kind.COMPLETION_SOON: _kind(
        "clock", sentences.completion_soon, links.to_order, needs="number", allows="shipment completes_at"
    ),
    # Couriers.
    Kind.JOB_ASSIGNED: _kind(
        "truck", sentences.job_assigned, links.to_job, needs="job", allows="shipment reason"
    ),
    Kind.JOB_TAKEN: _kind(
        "return", sentences.job_taken, links.to_jobs, needs="job", allows="shipment reason"
    ),
    Kind.JOB_CANCELLED: _kind(
        "close", sentences.job_cancelled, links.to_jobs, needs="job", allows="shipment reason"
    ),
    # `admin=True` tells an admin, who may read in `courier` who it is.
    Kind.CLAIMS_SUSPENDED: _kind(
        "lock", sentences.claims_suspended, links.to_courier, needs="", allows="admin courier"
    ),
    Kind.CLAIMS_OPEN: _kind("check-circle", sentences.claims_open, links.to_courier, needs=""),
    # Admins.
    Kind.SWEEP_TROUBLE: _kind(
        "alert",
        sentences.sweep_trouble,
        links.to_sweeps,
        needs="sweep",
        allows="object_id errors stopped",
    ),
}
