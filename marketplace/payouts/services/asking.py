"""Asking for a payout: its money is held, its entries are settled, an admin is to say yes."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.common import clock, idempotency
from marketplace.common.authorisation import Actor, authorize
from marketplace.common.database_clock import require_right
from marketplace.common.errors import Invalid, InvalidTransition, TooMany
from marketplace.common.ids import new_public_id
from marketplace.common.inserting import insert
from marketplace.common.limits import limited
from marketplace.common.money import format_money
from marketplace.common.shown import require_as_shown
from marketplace.common.transactions import service
from marketplace.payouts.amounts import DAY, most_a_day, payout_range
from marketplace.payouts.errors import AddressWaits, NoPayoutAddress, NotEarned
from marketplace.payouts.models import Payout, PayoutAddress, PayoutLine
from marketplace.payouts.providers import payout_provider
from marketplace.payouts.selectors import address_of, earned, unsettled_entries
from marketplace.payouts.shown import mark_of_payout
from marketplace.payouts.states import NEXT, PayoutStatus, Provider, not_possible
from marketplace.wallet.models import HoldKind
from marketplace.wallet.services import HoldRequest, lock_wallets, place_holds, release_hold

from .steps import advance, lock_payout, note

ACTION = "payout"


def require_askable(owner: User) -> PayoutAddress:
    """The address that a payout of `owner` goes to, if they may ask for one now.

    Raises PermissionDenied, `NoPayoutAddress`, `AddressWaits` and `TooMany`.
    """
    authorize(owner, "payouts.request")
    address = address_of(owner.pk)
    if address is None:
        raise NoPayoutAddress
    if address.provider not in (Provider.MANUAL, settings.PAYOUT_PROVIDER):
        raise NoPayoutAddress(
            _("This store sends nothing to such an account any more. Please give another one.")
        )
    if not address.is_usable:
        raise AddressWaits(address)
    _require_not_too_often(owner.pk)
    return address


def _require_not_too_often(owner_id: int) -> None:
    now, most = clock.now(), most_a_day()
    lately = Payout.objects.filter(owner_id=owner_id, requested_at__gt=now - DAY).order_by("-requested_at")
    asked = list(lately.values_list("requested_at", flat=True)[:most])
    if len(asked) == most:
        raise TooMany(
            _("You can ask for %(most)d payouts within 24 hours. Please ask again tomorrow.")
            % {"most": most},
            retry_after=max(1, round((asked[-1] + DAY - now).total_seconds())),
        )


@limited("payout", by="actor")
@service
def request_payout(*, actor: User, amount: int, form_key: str) -> Payout:
    """Ask for `amount` minor units of what one earned; they are held until it is sent, or ends before.

    It settles the oldest entries that are not settled yet, and of the last one as much as it takes
    (docs/decisions/0024). The same form again returns the first payout. Raises PermissionDenied, `Invalid` (field
    "amount") outside the allowed range, `NotEarned` for more than is there, `NoPayoutAddress`, `AddressWaits`,
    `TooMany`, `KeyReused`.
    """
    authorize(actor, "payouts.request")
    public_id = new_public_id()
    first = idempotency.begin(
        form_key=form_key, user_id=actor.pk, action=ACTION, payload={"amount": amount}, result=public_id
    )
    if first:
        return Payout.objects.get(public_id=first)
    return open_payout(owner=actor, amount=amount, public_id=public_id, actor=actor)


def open_payout(*, owner: User, amount: int, public_id: str, actor: Actor, by_plan: bool = False) -> Payout:
    """Write a payout with what it settles, and hold its money. An inner step: the caller has no wallet's lock yet."""
    require_right()
    wallet = lock_wallets(owner_ids=[owner.pk])[owner.pk]
    address = require_askable(owner)
    _require_in_range(amount, address)
    available = earned(owner.pk, balance=wallet.balance).available
    if amount > available:
        raise NotEarned(
            _("You can be paid out %(available)s at the moment.") % {"available": format_money(available)},
            field="amount",
        )
    payout = Payout.objects.create(
        public_id=public_id,
        owner=owner,
        address=address,
        amount=amount,
        currency=settings.STORE_CURRENCY,
        by_plan=by_plan,
        requested_at=clock.now(),
    )
    insert(_lines(payout))
    place_holds(
        owner_id=owner.pk, kind=HoldKind.PAYOUT, requests=[HoldRequest(amount, payout.hold_key, payout)]
    )
    note(payout, PayoutStatus.REQUESTED, actor=actor)
    return payout


def _require_in_range(amount: int, address: PayoutAddress) -> None:
    smallest, largest = payout_range()
    step = step_of(address)
    if amount % step:
        raise Invalid(
            _("Choose a multiple of %(step)s: other amounts cannot be sent.") % {"step": format_money(step)},
            field="amount",
        )
    if not smallest <= amount <= largest:
        raise Invalid(
            _("Choose an amount between %(smallest)s and %(largest)s.")
            % {"smallest": format_money(smallest), "largest": format_money(largest)},
            field="amount",
        )


def step_of(address: PayoutAddress | None) -> int:
    """What payouts to an address must be a multiple of, in minor units."""
    return payout_provider(address.provider).step(settings.STORE_CURRENCY) if address else 1


def _lines(payout: Payout) -> Iterator[PayoutLine]:
    """What a payout settles: the oldest entries first, and of the last one what it takes."""
    missing = payout.amount
    for entry_id, left in unsettled_entries(payout.owner_id):
        part = min(left, missing)
        yield PayoutLine(payout=payout, entry_id=entry_id, amount=part)
        missing -= part
        if not missing:
            return
    raise AssertionError("no more is paid out than was earned")


def require_cancellable(actor: Actor, payout: Payout) -> None:
    """Whether `actor` may call this payout off. Raises PermissionDenied, `InvalidTransition`."""
    authorize(actor, "payouts.cancel", payout)
    require_step(payout, PayoutStatus.CANCELLED)


def require_step(payout: Payout, to: PayoutStatus) -> None:
    """Raise `InvalidTransition` unless a payout can become `to` now."""
    if to not in NEXT[PayoutStatus(payout.status)]:
        raise InvalidTransition(not_possible(payout.status, to))


@service
def cancel_payout(*, payout_id: int, actor: Actor, expected: str | None = None) -> Payout:
    """Call one's payout off while nobody has approved it: its money and its entries are free again.

    One that is cancelled stays so. Raises PermissionDenied, `StaleState`.
    """
    payout = lock_payout(payout_id)
    authorize(actor, "payouts.cancel", payout)
    if payout.status == PayoutStatus.CANCELLED:
        return payout
    require_cancellable(actor, payout)
    require_as_shown(expected, mark_of_payout(payout))
    advance(payout, PayoutStatus.CANCELLED, actor=actor)
    release_hold(open_key=payout.hold_key, key=f"{payout.hold_key}:cancelled")
    return payout
