"""A payment into a wallet, from the click to the provider's word. Nothing here speaks to a provider:
that is `marketplace.wallet.payments.desk`, between these transactions."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.common import clock, idempotency
from marketplace.common.authorisation import authorize
from marketplace.common.database_clock import require_right
from marketplace.common.errors import Invalid
from marketplace.common.ids import new_public_id
from marketplace.common.limits import limited
from marketplace.common.locking import lock_row
from marketplace.common.money import format_money
from marketplace.common.moving import move
from marketplace.common.transactions import service
from marketplace.notifications.services import notify
from marketplace.wallet.amounts import top_up_range, top_up_step
from marketplace.wallet.errors import PaymentMismatch
from marketplace.wallet.ledger import open_wallets
from marketplace.wallet.models import PaymentEvent, TopUp
from marketplace.wallet.notices import WALLET_TOPPED_UP
from marketplace.wallet.payments import PaymentReport, PaymentState
from marketplace.wallet.states import TOP_UP_NEXT, TopUpStatus, top_up_not_possible

from .cash import top_up_wallet

logger = logging.getLogger(__name__)

ACTION = "top_up"
TOP_UP_LASTS = timedelta(hours=1)
"""How long somebody has to pay a top-up; then the sweep ends it, here and at the provider."""

_STATUS_OF = {
    PaymentState.PENDING: TopUpStatus.PENDING,
    PaymentState.SUCCEEDED: TopUpStatus.SUCCEEDED,
    PaymentState.FAILED: TopUpStatus.FAILED,
    PaymentState.CANCELLED: TopUpStatus.CANCELLED,
}


@limited("top_up", by="actor")
@service
def start_top_up(*, actor: User, amount: int, form_key: str, next_url: str = "") -> TopUp:
    """Note down that somebody means to pay `amount` minor units into their wallet; nothing is credited yet.

    The same form again returns the first top-up. `next_url` is where they wanted to go (already
    checked to be ours). Raises `PermissionDenied`, `Invalid` outside the allowed range or for a part of the
    currency that the provider cannot take, `KeyReused` and `TooMany`.
    """
    authorize(actor, "wallet.top_up")
    smallest, largest = top_up_range()
    step = top_up_step()
    if amount % step:
        raise Invalid(
            _("Choose a multiple of %(step)s: other amounts cannot be paid in.")
            % {"step": format_money(step)},
            field="amount",
        )
    if not smallest <= amount <= largest:
        raise Invalid(
            _("Choose an amount between %(smallest)s and %(largest)s.")
            % {"smallest": format_money(smallest), "largest": format_money(largest)},
            field="amount",
        )
    public_id = new_public_id()
    first = idempotency.begin(
        form_key=form_key,
        user_id=actor.pk,
        action=ACTION,
        payload={"amount": amount, "next": next_url},
        result=public_id,
    )
    if first:
        return TopUp.objects.get(public_id=first)
    require_right()
    now = clock.now()
    return TopUp.objects.create(
        public_id=public_id,
        wallet_id=open_wallets([actor.pk])[actor.pk],
        amount=amount,
        currency=settings.STORE_CURRENCY,
        provider=settings.PAYMENT_PROVIDER,
        next_url=next_url,
        created_at=now,
        expires_at=now + TOP_UP_LASTS,
    )


@service
def remember_payment(*, top_up_id: int, reference: str) -> TopUp:
    """Note the provider's reference of a started payment. Starting twice gave the same reference.

    Internal: the payment desk has authorised.
    """
    top_up = lock_row(TopUp, top_up_id)
    if top_up.provider_reference not in (None, reference):
        logger.error("%s was started twice: %s and %s", top_up, top_up.provider_reference, reference)
        raise PaymentMismatch
    top_up.provider_reference = reference
    top_up.save(update_fields=["provider_reference"])
    return top_up


@service
def settle_top_up(*, top_up_id: int, report: PaymentReport) -> TopUp:
    """Act on what the provider says of a payment: credit it, or end it.

    However often and from wherever it comes, a payment is credited once; one that arrives after it
    was given up is credited all the same, it is the person's money. What no longer changes anything
    returns the row as it is. Raises `PaymentMismatch` where reference, amount or currency differ.
    Internal: what counts is the provider's word, whoever made the payment desk ask for it.
    """
    top_up = lock_row(TopUp, top_up_id)
    status = _STATUS_OF[report.state]
    if status == top_up.status or status not in TOP_UP_NEXT[TopUpStatus(top_up.status)]:
        return top_up
    asked = (top_up.provider_reference, top_up.amount, top_up.currency)
    if (report.reference, report.amount, report.currency) != asked:
        logger.error("%s does not match what its provider reports: %s", top_up, report)
        raise PaymentMismatch
    _move(top_up, status)
    if status == TopUpStatus.SUCCEEDED:
        _credit(top_up)
    return top_up


@service
def expire_top_up(*, top_up_id: int, now: datetime) -> TopUp:
    """Give up on a payment whose time is over. One that ended meanwhile stays as it is.

    Internal: a step of the payment desk's sweep.
    """
    top_up = lock_row(TopUp, top_up_id)
    if top_up.is_open and top_up.expires_at <= now:
        _move(top_up, TopUpStatus.EXPIRED)
    return top_up


@service
def postpone_top_up(*, top_up_id: int, until: datetime) -> None:
    """Let the sweep pass over a payment that could not be ended until then. Internal, as `expire_top_up`."""
    TopUp.objects.filter(pk=top_up_id, status=TopUpStatus.PENDING).update(expires_at=until)


@service
def record_event(*, provider: str, event_id: str, kind: str, top_up_id: int) -> None:
    """Keep that a provider's message was acted on; once however often it came.

    Internal: the payment desk has looked at the message.
    """
    row = PaymentEvent(
        provider=provider, event_id=event_id, kind=kind, top_up_id=top_up_id, received_at=clock.now()
    )
    PaymentEvent.objects.bulk_create([row], ignore_conflicts=True)


def _move(top_up: TopUp, status: TopUpStatus) -> None:
    move(top_up, status, steps=TOP_UP_NEXT, refuse=top_up_not_possible, settled_at=clock.now())


def _credit(top_up: TopUp) -> None:
    owner_id = top_up.wallet.owner_id
    assert owner_id, "the store's own wallets are not topped up"
    top_up_wallet(owner_id=owner_id, amount=top_up.amount, key=f"top_up:{top_up.pk}", subject=top_up)
    notify(
        recipient_id=owner_id,
        kind=WALLET_TOPPED_UP,
        subject=top_up,
        event_key=f"top_up:{top_up.pk}",
        amount=top_up.amount,
        number=top_up.public_id,
    )
