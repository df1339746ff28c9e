"""What the forms about payouts were drawn for (marketplace/common/shown.py)."""

from marketplace.common.shown import mark_of

from .models import Payout, PayoutAddress, PayoutBatch, PayoutPlan


def mark_of_payout(payout: Payout) -> str:
    """A mark of where a payout stands."""
    return mark_of("payout", payout.pk, payout.status, payout.amount, payout.address_id, payout.batch_id)


def mark_of_address(address: PayoutAddress | None) -> str:
    """A mark of which address is somebody's."""
    return mark_of("payout address", address.pk if address else "")


def mark_of_plan(plan: PayoutPlan) -> str:
    """A mark of how somebody is paid out by themselves."""
    return mark_of("payout plan", plan.owner_id, plan.every, plan.above)


def mark_of_batch(batch: PayoutBatch) -> str:
    """A mark of whether a batch was sent or withdrawn."""
    return mark_of("payout batch", batch.pk, batch.sent_at, batch.withdrawn_at)
