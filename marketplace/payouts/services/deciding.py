"""What admins do with a payout: approve or decline it, note that it was sent, and that it came back."""

from django.utils.translation import gettext as _

from marketplace.common.authorisation import Actor, System, authorize
from marketplace.common.cleaning import clean_line
from marketplace.common.errors import Invalid, StaleState
from marketplace.common.shown import require_as_shown
from marketplace.common.texts import clean_reason
from marketplace.common.transactions import service
from marketplace.notifications.kinds import Kind
from marketplace.notifications.services import notify
from marketplace.payouts.accounts import unseal_account
from marketplace.payouts.models import REFERENCE_LENGTH, Payout
from marketplace.payouts.notices import PAYOUT_CAME_BACK, PAYOUT_DECLINED, PAYOUT_SENT
from marketplace.payouts.selectors import transfer_of
from marketplace.payouts.shown import mark_of_payout
from marketplace.payouts.states import PayoutStatus, Provider
from marketplace.reviewing.conflicts import ConflictOfInterest, are_tied
from marketplace.wallet.services import pay_out_hold, release_hold, take_back_payout

from .asking import require_step
from .steps import advance, lock_payout, was_done


def require_impartial(actor: Actor, payout: Payout) -> None:
    """Raise PermissionDenied unless `actor` decides about payouts, `ConflictOfInterest` where they have a stake."""
    authorize(actor, "payouts.decide", payout)
    if isinstance(actor, System):
        return
    if actor.pk == payout.owner_id:
        raise ConflictOfInterest(_("This is your own. Another admin decides about it."))
    if are_tied(actor.pk, payout.owner_id):
        raise ConflictOfInterest(
            _(
                "You and the person who asked for this have an order, a parcel or money with each other."
                " Another admin decides about it."
            )
        )


def require_approvable(actor: Actor, payout: Payout) -> None:
    """Whether `actor` may approve this payout. Raises PermissionDenied, `ConflictOfInterest`, `StaleState`."""
    require_impartial(actor, payout)
    require_step(payout, PayoutStatus.APPROVED)
    if not payout.owner.is_active:
        raise StaleState(
            _("Its owner was shut out of the store since. Decline it, or let them in again first.")
        )
    if payout.address.current_for is None:
        raise StaleState(
            _("Its owner has changed their account since. Decline it: they can ask again, for the new one.")
        )
    if unseal_account(payout.address.sealed) is None:
        raise StaleState(
            _("No key of this store reads their account any more. Decline it: they can type it again.")
        )


def require_declinable(actor: Actor, payout: Payout) -> None:
    """Whether `actor` may decline this payout. Raises PermissionDenied, `ConflictOfInterest`, `StaleState`."""
    require_impartial(actor, payout)
    require_step(payout, PayoutStatus.DECLINED)
    transfer = transfer_of(payout)
    if transfer and transfer.is_asked:
        raise StaleState(
            _("%(provider)s was asked for it already, and has not answered yet: its money may have left.")
            % {"provider": payout.address.get_provider_display()}
        )


def require_sendable(actor: Actor, payout: Payout) -> None:
    """Whether `actor` may note that this payout was sent. Raises as `require_declinable`."""
    require_impartial(actor, payout)
    require_step(payout, PayoutStatus.SENT)
    _require_by_hand(payout)


def require_returnable(actor: Actor, payout: Payout) -> None:
    """Whether `actor` may note that this payout came back. Raises as `require_declinable`."""
    require_impartial(actor, payout)
    require_step(payout, PayoutStatus.CAME_BACK)
    _require_by_hand(payout)


def _require_by_hand(payout: Payout) -> None:
    if payout.address.provider != Provider.MANUAL:
        raise StaleState(
            _("What became of this one, %(provider)s says itself.")
            % {"provider": payout.address.get_provider_display()}
        )


@service
def approve_payout(*, payout_id: int, actor: Actor, expected: str | None = None) -> Payout:
    """Let a payout be sent. Of two admins one approves it, the other one finds that it has moved on.

    As with every step below: who has made it already (a double click) finds it as they left it.

    Raises PermissionDenied, `ConflictOfInterest`, `StaleState`.
    """
    payout = lock_payout(payout_id)
    authorize(actor, "payouts.decide", payout)
    if was_done(payout, PayoutStatus.APPROVED, actor):
        return payout
    require_approvable(actor, payout)
    require_as_shown(expected, mark_of_payout(payout))
    advance(payout, PayoutStatus.APPROVED, actor=actor)
    return payout


@service
def decline_payout(*, payout_id: int, reason: str, actor: Actor, expected: str | None = None) -> Payout:
    """End a payout that was not sent: its money and its entries are free again, and its owner is told why.

    Raises PermissionDenied, `ConflictOfInterest`, `StaleState`, `Invalid` (field "reason").
    """
    payout = lock_payout(payout_id)
    authorize(actor, "payouts.decide", payout)
    if was_done(payout, PayoutStatus.DECLINED, actor, reason=reason):
        return payout
    require_declinable(actor, payout)
    require_as_shown(expected, mark_of_payout(payout))
    book_as_declined(payout, reason=clean_reason(reason), actor=actor)
    return payout


def book_as_declined(payout: Payout, *, reason: str, actor: Actor) -> None:
    """End a locked payout that was not sent and give its money back. An inner step."""
    advance(payout, PayoutStatus.DECLINED, actor=actor, reason=reason)
    _tell(payout, PAYOUT_DECLINED, reason=reason)
    release_hold(open_key=payout.hold_key, key=f"{payout.hold_key}:declined")


@service
def send_payout(*, payout_id: int, reference: str, actor: Actor, expected: str | None = None) -> Payout:
    """Note that the bank has sent an approved payout, under its `reference`: what was held leaves the store.

    Raises PermissionDenied, `ConflictOfInterest`, `StaleState`, `Invalid` (field "reference").
    """
    payout = lock_payout(payout_id)
    authorize(actor, "payouts.decide", payout)
    if payout.reference == clean_line(reference) and was_done(payout, PayoutStatus.SENT, actor):
        return payout
    require_sendable(actor, payout)
    require_as_shown(expected, mark_of_payout(payout))
    book_as_sent(payout, reference=read_reference(reference), actor=actor)
    return payout


def read_reference(typed: str) -> str:
    """What the bank calls a transfer. Raises `Invalid` (field "reference") for none and for one that is too long."""
    reference = clean_line(typed)
    if not reference:
        raise Invalid(
            _("Please type the bank's reference: it proves that the money left."), field="reference"
        )
    if len(reference) > REFERENCE_LENGTH:
        raise Invalid(
            _("A reference has %(most)d letters at most.") % {"most": REFERENCE_LENGTH}, field="reference"
        )
    return reference


def book_as_sent(payout: Payout, *, reference: str, actor: Actor) -> None:
    """Move a locked, approved payout on and its money out. An inner step."""
    advance(payout, PayoutStatus.SENT, actor=actor, reference=reference)
    _tell(payout, PAYOUT_SENT)
    pay_out_hold(open_key=payout.hold_key, key=f"{payout.hold_key}:sent", memo=reference)


@service
def return_payout(*, payout_id: int, reason: str, actor: Actor, expected: str | None = None) -> Payout:
    """Note that the bank sent a payout back: a new journal puts it into its owner's wallet, and they are told why.

    What was booked when it was sent stays; its entries are free again. Raises as `decline_payout`.
    """
    payout = lock_payout(payout_id)
    authorize(actor, "payouts.decide", payout)
    if was_done(payout, PayoutStatus.CAME_BACK, actor, reason=reason):
        return payout
    require_returnable(actor, payout)
    require_as_shown(expected, mark_of_payout(payout))
    book_as_back(payout, reason=clean_reason(reason), actor=actor)
    return payout


def book_as_back(payout: Payout, *, reason: str, actor: Actor) -> None:
    """Move a locked payout that was sent on, and its money back in. An inner step."""
    advance(payout, PayoutStatus.CAME_BACK, actor=actor, reason=reason)
    _tell(payout, PAYOUT_CAME_BACK, reason=reason)
    take_back_payout(
        owner_id=payout.owner_id, amount=payout.amount, key=f"{payout.hold_key}:back", subject=payout
    )


def _tell(payout: Payout, kind: Kind, **extra: object) -> None:
    notify(
        recipient_id=payout.owner_id,
        kind=kind,
        subject=payout,
        event_key=f"{payout.hold_key}:{payout.status}",
        amount=payout.amount,
        **extra,
    )
