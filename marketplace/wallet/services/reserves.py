"""The reserve: a part of what a seller is paid stays held for some days, so that a refund or a dispute finds it.

It is a hold of its own in the seller's wallet (`HoldKind.RESERVE`), opened in the transaction that pays them. It ends
by the clock, or is taken from by `take_from_reserve`, and in no other way.
"""

from datetime import datetime, timedelta

from django.db.models import Model
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.common.authorisation import authorize
from marketplace.common.errors import Invalid, KeyReused
from marketplace.common.inserting import insert
from marketplace.common.money import BASIS_POINTS
from marketplace.common.shown import require_as_shown
from marketplace.common.sweeping import Swept, sweep_rows
from marketplace.common.texts import clean_reason
from marketplace.common.transactions import service
from marketplace.notifications.services import notify
from marketplace.wallet.ledger import Movement, lock_wallets, post, store_wallet
from marketplace.wallet.models import (
    Hold,
    HoldKind,
    Reserve,
    ReserveChange,
    StoreWallet,
    Transaction,
    TransactionKind,
    Wallet,
)
from marketplace.wallet.notices import RESERVE_CHANGED
from marketplace.wallet.reserves import terms_of
from marketplace.wallet.shown import mark_of_reserve
from marketplace.wallet.states import HoldStatus

from .holds import HoldRequest, _open, _opening, _reduce, capture, release_hold

MOST_DAYS = 365


@service
def pay_seller(*, open_key: str, seller_id: int, amount: int, fee: int, key: str, subject: Model) -> Hold:
    """Pay an open hold to a seller and the store, and hold the seller's reserve back of it, in one go.

    Where nothing is held back it is `capture_hold`, and not a statement more. The same `key` again changes nothing.
    Raises as that does. Internal.
    """
    locked = capture(open_key, {seller_id: amount} if amount else {}, fee=fee, key=key)
    if locked.was_used or not amount:
        return locked.hold
    wallet = locked.payees[seller_id]
    terms = terms_of(wallet)
    if part := terms.part_of(amount):
        [held] = _open(wallet, HoldKind.RESERVE, [HoldRequest(part, f"{open_key}:reserve", subject)])
        post([_opening(held, wallet, _("Kept in reserve"))])
        releases_at = held.created_at + timedelta(days=terms.days)
        insert([Reserve(hold=held, releases_at=releases_at)])
    return locked.hold


@service
def take_from_reserve(
    *, owner_id: int, payee_id: int | None, amount: int, key: str, subject: Model, memo: str = ""
) -> int:
    """Pay up to `amount` minor units out of what is held back of somebody's sales, the oldest first.

    To a person (what a buyer gets back), or to the store (`payee_id` None: what it has paid them already). Returns how
    much there was of it, 0 for nothing. The same `key` again changes nothing and returns the same; for another amount
    or payee it raises `KeyReused`. The one way in which a refund or a dispute touches a reserve. Internal: called by
    services that authorised, with `lock_wallets` where others are paid as well.
    """
    if amount < 1:
        raise ValueError("what is taken is at least one minor unit")
    people = [owner_id] if payee_id is None else [owner_id, payee_id]
    wallets = lock_wallets(owner_ids=people)
    payee = store_wallet(StoreWallet.FEES) if payee_id is None else wallets[payee_id]
    if done := Transaction.objects.filter(key=key).first():
        if done.wallet_id != payee.pk or done.balance_delta > amount:
            raise KeyReused(_("This was already used for another payment."))
        return done.balance_delta
    owner, left = wallets[owner_id], amount
    movements = []
    for hold in _held_back(owner):
        part = min(left, hold.outstanding)
        _reduce(hold, captured=part)
        movements.append(
            Movement(
                owner,
                TransactionKind.PAYMENT,
                key=f"{key}:{hold.pk}",
                held=-part,
                hold=hold,
                subject=subject,
                memo=memo,
            )
        )
        left -= part
        if not left:
            break
    taken = amount - left
    if taken:
        refund = Movement(payee, TransactionKind.REFUND, key=key, balance=taken, subject=subject, memo=memo)
        post([*movements, refund])
    return taken


def _held_back(wallet: Wallet) -> list[Hold]:
    rows = Hold.objects.filter(wallet=wallet, kind=HoldKind.RESERVE, status=HoldStatus.OPEN)
    return list(rows.order_by("reserve__releases_at", "pk"))


def release_reserves(now: datetime) -> Swept:
    """Sweep: sellers get what was held back of their sales and whose days are over."""
    due = Reserve.objects.filter(releases_at__lte=now, hold__status=HoldStatus.OPEN)
    return sweep_rows("release_reserves", due.order_by("releases_at", "pk"), _release, now=now)


@service
def _release(hold_id: int) -> bool:
    """Looked at under its wallet's lock: what was released or taken meanwhile is nothing to do."""
    lock_wallets(owner_ids=list(Hold.objects.filter(pk=hold_id).values_list("wallet__owner_id", flat=True)))
    hold = Hold.objects.filter(pk=hold_id, status=HoldStatus.OPEN).first()
    if hold is None or hold.open_key is None:
        return False
    release_hold(open_key=hold.open_key, key=f"{hold.open_key}:released")
    return True


@service
def change_reserve(
    *,
    owner_id: int,
    bps: int | None,
    days: int | None,
    reason: str,
    actor: User,
    expected: str | None = None,
) -> Wallet:
    """Set how much of a seller's sales is held back from now on, and for how many days; None for both: as the store's.

    What is held back already keeps its day. It is written down with its reason, and the seller is told. The same again
    changes nothing. Raises PermissionDenied, `Invalid` (fields "bps", "days", "reason"), `StaleState`.
    """
    authorize(actor, "wallet.change_reserve")
    _require_terms(bps, days)
    reason = clean_reason(reason)
    wallet = lock_wallets(owner_ids=[owner_id])[owner_id]
    if (wallet.reserve_bps, wallet.reserve_days) == (bps, days):
        return wallet
    require_as_shown(expected, mark_of_reserve(wallet))
    wallet.reserve_bps, wallet.reserve_days = bps, days
    wallet.save(update_fields=["reserve_bps", "reserve_days"])
    change = ReserveChange.objects.create(wallet=wallet, bps=bps, days=days, actor=actor, reason=reason)
    terms = terms_of(wallet)
    notify(
        recipient_id=owner_id,
        kind=RESERVE_CHANGED,
        subject=wallet,
        event_key=f"reserve_change:{change.pk}",
        bps=terms.bps,
        days=terms.days,
        reason=reason,
    )
    return wallet


def _require_terms(bps: int | None, days: int | None) -> None:
    if bps is None and days is None:
        return
    if bps is None or not 0 <= bps <= BASIS_POINTS:
        raise Invalid(_("A share lies between 0 and 100 percent."), field="bps")
    if days is None or not 1 <= days <= MOST_DAYS:
        raise Invalid(_("Choose between 1 and %(most)d days.") % {"most": MOST_DAYS}, field="days")
