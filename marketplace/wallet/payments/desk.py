"""The payment desk: speaks to providers between transactions, never inside one.

Whatever makes us look (the person's return, a webhook, the sweep), the answer is settled by the same
service, `settle_top_up`, once. Who asks for a payment must be whose it is, or the store itself.
"""

import logging
from datetime import datetime, timedelta

from django.db.models import Q

from marketplace.common.authorisation import SYSTEM, Actor, authorize
from marketplace.common.errors import Busy, CannotSave
from marketplace.common.limits import limited
from marketplace.common.transactions import is_outermost
from marketplace.wallet.models import TopUp
from marketplace.wallet.services.top_ups import (
    expire_top_up,
    postpone_top_up,
    record_event,
    remember_payment,
    settle_top_up,
)
from marketplace.wallet.states import TopUpStatus

from . import Callback, PaymentState, ProviderDown, provider

logger = logging.getLogger(__name__)

BATCH = 200
LOOK_AGAIN_AFTER = timedelta(hours=1)


def _outside() -> None:
    if not is_outermost():
        raise RuntimeError("a provider is never asked inside a transaction")


def payment_page(*, actor: Actor, top_up_id: int, return_url: str) -> str:
    """Where the person pays this top-up; starts the payment if that did not happen yet.

    Returns "" when there is nothing left to pay. Raises `PermissionDenied` and `ProviderDown`.
    """
    _outside()
    top_up = _authorized(actor, top_up_id)
    if not top_up.is_open:
        return ""
    if top_up.provider_reference:
        return provider(top_up.provider).resume(top_up)
    started = provider(top_up.provider).start(top_up, return_url)
    remember_payment(top_up_id=top_up.pk, reference=started.reference)
    return started.url


@limited("payment_check", by="actor", cached=True)
def look_at(*, actor: Actor, top_up_id: int) -> TopUp:
    """Ask the provider what became of a payment and settle what it says; returns the fresh row.

    A payment that was never started, or that already came, is returned as it is. Raises `PermissionDenied`,
    `TooMany` and `ProviderDown`.
    """
    _outside()
    top_up = _authorized(actor, top_up_id)
    if top_up.status == TopUpStatus.SUCCEEDED or not top_up.provider_reference:
        return top_up
    return settle_top_up(top_up_id=top_up.pk, report=provider(top_up.provider).ask(top_up))


def _authorized(actor: Actor, top_up_id: int) -> TopUp:
    top_up = TopUp.objects.select_related("wallet").get(pk=top_up_id)
    authorize(actor, "wallet.pay", top_up)
    return top_up


def take_callback(name: str, callback: Callback) -> TopUp | None:
    """Act on a provider's genuine message. One that is not about a payment of ours is left alone.

    No person acts here: the message's signature was checked, and it is only a reason to look for ourselves.
    """
    top_up = TopUp.objects.filter(public_id=callback.public_id, provider=name).first()
    if top_up is None:
        return None
    top_up = look_at(actor=SYSTEM, top_up_id=top_up.pk)
    record_event(provider=name, event_id=callback.event_id, kind=callback.kind, top_up_id=top_up.pk)
    return top_up


def expire_top_ups(now: datetime) -> int:
    """Sweep: end the payments whose time is over, once their provider has had the last word.

    One that is still on its way, or whose provider does not answer, is looked at again an hour later and
    keeps no other waiting. Returns how many ended.
    """
    _outside()
    overdue = Q(status=TopUpStatus.PENDING, expires_at__lte=now)
    ended = 0
    for top_up in TopUp.objects.filter(overdue).order_by("expires_at", "pk")[:BATCH]:
        try:
            if _end(top_up, now):
                ended += 1
                continue
        except ProviderDown:
            logger.warning("%s stays open: its provider does not answer", top_up)
        except (Busy, CannotSave):
            raise  # the database's trouble, not this payment's
        except Exception:  # one payment that cannot be ended must not keep the others open
            logger.exception("%s stays open", top_up)
        postpone_top_up(top_up_id=top_up.pk, until=now + LOOK_AGAIN_AFTER)
    return ended


def _end(top_up: TopUp, now: datetime) -> bool:
    if top_up.provider_reference:
        port = provider(top_up.provider)
        port.cancel(top_up)
        report = port.ask(top_up)
        if report.state == PaymentState.PENDING:
            return False  # promised and on its way: the provider will say how it ended
        if report.state != PaymentState.CANCELLED:
            return not settle_top_up(top_up_id=top_up.pk, report=report).is_open
    return not expire_top_up(top_up_id=top_up.pk, now=now).is_open
