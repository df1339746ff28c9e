"""A provider that takes no money: a local page asks what the bank should say.

It keeps its own record (DemoPayment), as a bank would, so that the rest of the wallet meets it through
the port alone: late answers, repeated answers and lost answers can all be played.
"""

from collections.abc import Mapping
from datetime import timedelta

from django.urls import reverse

from marketplace.common import clock
from marketplace.common.transactions import service
from marketplace.wallet.models import DemoPayment, TopUp
from marketplace.wallet.states import DemoState

from . import Callback, ForgedCallback, PaymentReport, PaymentState, StartedPayment

SLOW_TAKES = timedelta(seconds=20)
"""How long a payment "on its way" takes to arrive."""

_STATES = {
    DemoState.OPEN: PaymentState.PENDING,
    DemoState.SLOW: PaymentState.PENDING,
    DemoState.APPROVED: PaymentState.SUCCEEDED,
    DemoState.DECLINED: PaymentState.FAILED,
    DemoState.CANCELLED: PaymentState.CANCELLED,
}


@service
def decide(*, reference: str, state: DemoState) -> bool:
    """The "bank's" decision, once; False when it was decided before.

    Internal: whoever plays the bank has looked up whose payment it is.
    """
    undecided = DemoPayment.objects.filter(reference=reference, state=DemoState.OPEN)
    return bool(undecided.update(state=state, decided_at=clock.now()))


class DemoProvider:
    name = "demo"
    hosts = ()

    def step(self, currency: str) -> int:
        return 1

    def start(self, top_up: TopUp, return_url: str) -> StartedPayment:
        reference = f"demo_{top_up.public_id}"
        self._open(top_up, reference, return_url)
        return StartedPayment(reference, reverse("shop:demo_payment", args=[reference]))

    @service
    def _open(self, top_up: TopUp, reference: str, return_url: str) -> None:
        row = DemoPayment(
            reference=reference,
            amount=top_up.amount,
            currency=top_up.currency,
            return_url=return_url,
            created_at=clock.now(),
        )
        DemoPayment.objects.bulk_create([row], ignore_conflicts=True)

    def resume(self, top_up: TopUp) -> str:
        payment = DemoPayment.objects.get(reference=top_up.provider_reference)
        return reverse("shop:demo_payment", args=[payment.reference]) if payment.state == "open" else ""

    def ask(self, top_up: TopUp) -> PaymentReport:
        payment = DemoPayment.objects.get(reference=top_up.provider_reference)
        state = _STATES[DemoState(payment.state)]
        is_slow = payment.state == DemoState.SLOW
        if is_slow and payment.decided_at and clock.now() >= payment.decided_at + SLOW_TAKES:
            state = PaymentState.SUCCEEDED
        return PaymentReport(payment.reference, state, payment.amount, payment.currency)

    def cancel(self, top_up: TopUp) -> None:
        assert top_up.provider_reference, "a payment that was started has one"
        decide(reference=top_up.provider_reference, state=DemoState.CANCELLED)

    def read_callback(self, body: bytes, headers: Mapping[str, str]) -> Callback | None:
        """The demo sends none: whatever arrives is not from it."""
        raise ForgedCallback
