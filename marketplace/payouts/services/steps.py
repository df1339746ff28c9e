"""Inner steps of payouts: they join the transaction there is, and expect its locks."""

from marketplace.common import clock
from marketplace.common.authorisation import Actor
from marketplace.common.cleaning import clean_text
from marketplace.common.locking import lock_row
from marketplace.common.moving import move
from marketplace.payouts.models import Payout, PayoutEvent
from marketplace.payouts.states import NEXT, PayoutStatus, not_possible


def lock_payout(payout_id: int) -> Payout:
    """A payout as it is now, under its lock. Raises `Payout.DoesNotExist`."""
    return lock_row(Payout, payout_id)


def advance(
    payout: Payout, status: PayoutStatus, *, actor: Actor, reason: str = "", **changes: object
) -> None:
    """Move a locked payout on and write the step down: the one writer of its status. Raises `InvalidTransition`."""
    move(payout, status, steps=NEXT, refuse=not_possible, **changes)
    note(payout, status, actor=actor, reason=reason)


def note(payout: Payout, status: PayoutStatus, *, actor: Actor, reason: str = "") -> None:
    """Write a step of a payout down."""
    PayoutEvent.objects.create(
        payout=payout,
        status=status,
        actor_id=actor.pk,
        reason=reason,
        at=clock.not_before(payout.requested_at),
    )


def was_done(payout: Payout, status: PayoutStatus, actor: Actor, *, reason: str | None = None) -> bool:
    """Whether a locked payout stands where `actor` themselves brought it, for this `reason`: a double click."""
    if payout.status != status:
        return False
    step = payout.events.get(status=status)
    return step.actor_id == actor.pk and (reason is None or step.reason == clean_text(reason))
