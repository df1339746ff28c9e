"""Being paid out by oneself: every week, from an amount on."""

from datetime import datetime

from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.common.authorisation import SYSTEM, authorize, may
from marketplace.common.errors import Invalid
from marketplace.common.ids import new_public_id
from marketplace.common.locking import lock_row, lock_row_if_free
from marketplace.common.money import MAX_MONEY
from marketplace.common.shown import require_as_shown
from marketplace.common.sweeping import Swept, sweep_rows
from marketplace.common.transactions import service
from marketplace.notifications.services import notify
from marketplace.payouts.amounts import WEEK, payout_range
from marketplace.payouts.models import Payout, PayoutPlan
from marketplace.payouts.notices import PAYOUT_PLANNED
from marketplace.payouts.selectors import address_of, earned
from marketplace.payouts.shown import mark_of_plan
from marketplace.payouts.states import Every
from marketplace.wallet.services import lock_wallets

from .asking import open_payout, require_askable, step_of


@service
def change_plan(*, actor: User, every: str, above: int, expected: str | None = None) -> PayoutPlan:
    """Say how one wants to be paid out by oneself: `every` week or never, from `above` minor units on.

    The first time is a week from now. Raises PermissionDenied, `Invalid` (fields "every", "above"), `StaleState`.
    """
    authorize(actor, "payouts.request")
    if every not in Every.values:
        raise Invalid(_("Please choose one of these."), field="every")
    if not 0 <= above <= MAX_MONEY:
        raise Invalid(_("This is not an amount that a wallet can hold."), field="above")
    PayoutPlan.objects.bulk_create([PayoutPlan(owner=actor)], ignore_conflicts=True)
    plan = lock_row(PayoutPlan, actor.pk)
    if (plan.every, plan.above) == (every, above):
        return plan
    require_as_shown(expected, mark_of_plan(plan))
    if plan.every != every:
        plan.next_at = None if every == Every.NEVER else clock.now() + WEEK
    plan.every, plan.above = every, above
    plan.save(update_fields=["every", "above", "next_at"])
    return plan


def ask_by_plan(now: datetime) -> Swept:
    """Sweep: ask for the payouts that people planned for `now` or before."""
    due = PayoutPlan.objects.filter(next_at__lte=now).order_by("next_at", "pk")
    return sweep_rows("ask_by_plan", due, lambda owner_id: _ask_if_due(owner_id, now), now=now)


@service
def _ask_if_due(owner_id: int, now: datetime) -> bool:
    plan = lock_row_if_free(PayoutPlan, owner_id)
    if plan is None or plan.next_at is None or plan.next_at > now:
        return False
    plan.next_at += WEEK * ((now - plan.next_at) // WEEK + 1)
    plan.save(update_fields=["next_at"])
    payout = _ask(plan)
    if payout:
        notify(
            recipient_id=owner_id,
            kind=PAYOUT_PLANNED,
            subject=payout,
            event_key=f"{payout.hold_key}:planned",
            amount=payout.amount,
        )
    return payout is not None


def _ask(plan: PayoutPlan) -> Payout | None:
    """The payout of all that is there, as far as one may have and can be sent; or None where this week there is nothing
    to do: too little, or no address."""
    smallest, largest = payout_range()
    lock_wallets(owner_ids=[plan.owner_id])  # nobody spends what is found there
    available = earned(plan.owner_id).available
    amount = min(available, largest)
    amount -= amount % step_of(address_of(plan.owner_id))
    if available < plan.above or amount < smallest:
        return None
    if not may(require_askable, plan.owner):
        return None
    return open_payout(owner=plan.owner, amount=amount, public_id=new_public_id(), actor=SYSTEM, by_plan=True)
