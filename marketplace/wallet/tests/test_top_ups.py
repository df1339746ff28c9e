import logging
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from marketplace.accounts.models import Role
from marketplace.common import clock
from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import Invalid, KeyReused, TooMany
from marketplace.common.idempotency import new_form_key
from marketplace.common.transactions import service
from marketplace.notifications.models import Notification
from marketplace.wallet.errors import PaymentMismatch
from marketplace.wallet.models import DemoPayment, PaymentEvent, TopUp, Transaction
from marketplace.wallet.payments import (
    Callback,
    ForgedCallback,
    PaymentReport,
    PaymentState,
    ProviderDown,
    demo,
    desk,
    provider,
)
from marketplace.wallet.selectors import wallet_of
from marketplace.wallet.services import settle_top_up, start_top_up
from marketplace.wallet.services.top_ups import expire_top_up, record_event, remember_payment
from marketplace.wallet.states import TOP_UP_NEXT, TOP_UP_TONES, DemoState, TopUpStatus

pytestmark = pytest.mark.usefixtures("books_balance")

HERE = "https://store.test/back"


@pytest.fixture
def start(buyer):
    """Begin a top-up of the buyer and go to the provider's page."""

    def make(amount=5_000, *, paying=True):
        key = new_form_key(user_id=buyer.pk, action="top_up")
        top_up = start_top_up(actor=buyer, amount=amount, form_key=key)
        if paying:
            desk.payment_page(actor=buyer, top_up_id=top_up.pk, return_url=HERE)
        return TopUp.objects.get(pk=top_up.pk)

    return make


def decide(top_up, state):
    demo.decide(reference=top_up.provider_reference, state=state)
    return desk.look_at(actor=top_up.wallet.owner, top_up_id=top_up.pk)


def report(top_up, state=PaymentState.SUCCEEDED, **other):
    values = {"reference": top_up.provider_reference, "amount": top_up.amount, "currency": top_up.currency}
    return PaymentReport(state=state, **(values | other))


def test_a_started_payment_credits_nothing(buyer, start):
    top_up = start()

    assert (top_up.status, top_up.provider_reference) == ("pending", f"demo_{top_up.public_id}")
    assert desk.look_at(actor=buyer, top_up_id=top_up.pk).status == TopUpStatus.PENDING
    assert wallet_of(buyer.pk).balance == 0


def test_an_approved_payment_is_credited_and_told_once(buyer, start):
    top_up = start()

    for _ in range(3):
        assert decide(top_up, DemoState.APPROVED).status == TopUpStatus.SUCCEEDED

    assert wallet_of(buyer.pk).balance == 5_000
    notice = Notification.objects.get(recipient=buyer)
    assert (notice.kind, notice.content_object) == ("wallet_topped_up", top_up)
    assert Transaction.objects.filter(wallet__owner=buyer).get().subject == top_up


@pytest.mark.parametrize(
    ("state", "status"), [(DemoState.DECLINED, "failed"), (DemoState.CANCELLED, "cancelled")]
)
def test_a_refused_payment_credits_nothing(buyer, start, state, status):
    top_up = decide(start(), state)

    assert (top_up.status, wallet_of(buyer.pk).balance) == (status, 0)
    assert top_up.settled_at
    assert not Notification.objects.exists()


def test_a_slow_payment_arrives_later(buyer, start, time_machine):
    time_machine.move_to("2026-05-01 10:00Z", tick=False)
    top_up = start()
    assert decide(top_up, DemoState.SLOW).status == TopUpStatus.PENDING

    time_machine.shift(demo.SLOW_TAKES)

    assert desk.look_at(actor=buyer, top_up_id=top_up.pk).status == TopUpStatus.SUCCEEDED
    assert wallet_of(buyer.pk).balance == 5_000


def test_a_payment_that_was_started_twice_with_two_references_is_looked_into(start, caplog):
    top_up = start()

    assert remember_payment(top_up_id=top_up.pk, reference=top_up.provider_reference) == top_up
    with pytest.raises(PaymentMismatch):
        remember_payment(top_up_id=top_up.pk, reference="demo_other")

    top_up.refresh_from_db()
    assert top_up.provider_reference == f"demo_{top_up.public_id}"
    assert "was started twice" in caplog.text


def test_the_same_form_twice_is_one_payment(buyer):
    key = new_form_key(user_id=buyer.pk, action="top_up")

    first, second = (start_top_up(actor=buyer, amount=5_000, form_key=key) for _ in range(2))
    pages = {
        desk.payment_page(actor=buyer, top_up_id=top_up.pk, return_url=HERE) for top_up in (first, second)
    }

    assert (first.pk, len(pages)) == (second.pk, 1)
    assert DemoPayment.objects.count() == 1
    with pytest.raises(KeyReused):
        start_top_up(actor=buyer, amount=6_000, form_key=key)


@pytest.mark.parametrize("role", [Role.DELIVERY, Role.ADMIN])
def test_who_may_not_buy_pays_nothing_in(person, role):
    somebody = person(role)
    key = new_form_key(user_id=somebody.pk, action="top_up")

    with pytest.raises(PermissionDenied):
        start_top_up(actor=somebody, amount=5_000, form_key=key)

    assert not TopUp.objects.exists()


def test_a_payment_is_made_and_looked_at_by_whose_it_is_or_by_the_store(start, stranger, admin, monkeypatch):
    top_up, asked = start(), []
    monkeypatch.setattr(demo.DemoProvider, "ask", lambda self, top_up: asked.append(top_up) or report(top_up))

    for somebody in (stranger, admin):
        with pytest.raises(PermissionDenied):
            desk.payment_page(actor=somebody, top_up_id=top_up.pk, return_url=HERE)
        with pytest.raises(PermissionDenied):
            desk.look_at(actor=somebody, top_up_id=top_up.pk)

    assert asked == []
    assert desk.look_at(actor=SYSTEM, top_up_id=top_up.pk).status == TopUpStatus.SUCCEEDED


def test_who_tops_up_or_asks_too_often_waits_and_the_store_does_not(buyer, start, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"top_up": (2, 3600), "payment_check": (2, 3600)}
    top_up = start()
    start()

    for _ in range(2):
        desk.look_at(actor=buyer, top_up_id=top_up.pk)
    for call in (start, lambda: desk.look_at(actor=buyer, top_up_id=top_up.pk)):
        with pytest.raises(TooMany):
            call()
    assert desk.look_at(actor=SYSTEM, top_up_id=top_up.pk) == top_up


@pytest.mark.parametrize("amount", [0, -1, 99, 1_000_001])
def test_an_amount_out_of_range_is_refused(buyer, start, amount):
    with pytest.raises(Invalid) as refused:
        start(amount)

    assert refused.value.field == "amount"
    assert not TopUp.objects.exists()


@pytest.mark.parametrize(
    "other",
    [{"amount": 4_999}, {"currency": "USD"}, {"reference": "demo_other"}],
    ids=lambda o: next(iter(o)),
)
def test_what_the_provider_reports_must_be_what_was_asked(buyer, start, other, caplog):
    top_up = start()

    with pytest.raises(PaymentMismatch):
        settle_top_up(top_up_id=top_up.pk, report=report(top_up, **other))

    assert wallet_of(buyer.pk).balance == 0
    assert TopUp.objects.get().status == TopUpStatus.PENDING
    assert "does not match" in caplog.text


@pytest.mark.parametrize("before", TopUpStatus.values)
@pytest.mark.parametrize("state", PaymentState)
def test_every_word_of_a_provider_in_every_state(buyer, start, before, state):
    top_up = start()
    if before == TopUpStatus.SUCCEEDED:
        settle_top_up(top_up_id=top_up.pk, report=report(top_up))
    elif before != TopUpStatus.PENDING:
        TopUp.objects.update(status=before, settled_at=clock.now())

    after = settle_top_up(top_up_id=top_up.pk, report=report(top_up, state)).status

    allowed = TOP_UP_NEXT[TopUpStatus(before)]
    assert after == (state.value if state.value in allowed else before)
    assert wallet_of(buyer.pk).balance == (5_000 if after == TopUpStatus.SUCCEEDED else 0)


def test_a_late_success_is_still_the_persons_money(buyer, start):
    top_up = start()
    TopUp.objects.update(status=TopUpStatus.EXPIRED, settled_at=clock.now())

    assert decide(top_up, DemoState.APPROVED).status == TopUpStatus.SUCCEEDED
    assert wallet_of(buyer.pk).balance == 5_000


def test_the_sweep_ends_what_was_never_paid(buyer, start):
    paid_unseen, left_alone, never_started = start(), start(), start(paying=False)
    demo.decide(reference=paid_unseen.provider_reference, state=DemoState.APPROVED)
    on_its_way = start()
    demo.decide(reference=on_its_way.provider_reference, state=DemoState.SLOW)

    assert desk.expire_top_ups(clock.now()) == 0
    assert desk.expire_top_ups(clock.now() + timedelta(minutes=61)) == 3
    assert desk.expire_top_ups(clock.now() + timedelta(minutes=61)) == 0

    statuses = dict(TopUp.objects.values_list("pk", "status"))
    assert statuses == {
        paid_unseen.pk: "succeeded",
        left_alone.pk: "expired",
        never_started.pk: "expired",
        on_its_way.pk: "pending",
    }
    assert wallet_of(buyer.pk).balance == 5_000
    assert desk.payment_page(actor=buyer, top_up_id=left_alone.pk, return_url=HERE) == ""
    assert not demo.decide(reference=left_alone.provider_reference, state=DemoState.APPROVED)


def test_a_payment_expires_when_its_time_has_come_and_not_once_it_has_ended(start):
    early, paid = start(), start()
    decide(paid, DemoState.APPROVED)
    second = timedelta(seconds=1)

    assert expire_top_up(top_up_id=early.pk, now=early.expires_at - second).is_open
    assert expire_top_up(top_up_id=early.pk, now=early.expires_at).status == TopUpStatus.EXPIRED
    assert expire_top_up(top_up_id=paid.pk, now=paid.expires_at).status == TopUpStatus.SUCCEEDED


@pytest.mark.parametrize("error", [ProviderDown(), RuntimeError("boom")], ids=["down", "broken"])
def test_one_payment_that_cannot_be_ended_does_not_keep_the_others_open(start, monkeypatch, caplog, error):
    stuck, other = start(), start()
    ask = demo.DemoProvider.ask

    def sometimes(self, top_up):
        if top_up.pk == stuck.pk:
            raise error
        return ask(self, top_up)

    monkeypatch.setattr(demo.DemoProvider, "ask", sometimes)

    with caplog.at_level(logging.WARNING):
        assert desk.expire_top_ups(clock.now() + timedelta(minutes=61)) == 1
    assert TopUp.objects.get(pk=stuck.pk).is_open
    assert not TopUp.objects.get(pk=other.pk).is_open
    assert "stays open" in caplog.text


@pytest.mark.parametrize("error", [None, ProviderDown(), RuntimeError("odd")])
def test_payments_that_are_long_on_their_way_do_not_keep_the_sweep_from_the_others(start, monkeypatch, error):
    """A bank transfer takes days: it is looked at again later, not by every sweep before all others."""
    monkeypatch.setattr(desk, "BATCH", 1)
    promised, forgotten = start(), start()
    decide(promised, DemoState.SLOW)
    ask = demo.DemoProvider.ask

    def still_on_its_way(self, top_up):
        if top_up.pk != promised.pk:
            return ask(self, top_up)
        if error:
            raise error
        return report(top_up, PaymentState.PENDING)

    monkeypatch.setattr(demo.DemoProvider, "ask", still_on_its_way)
    late = clock.now() + timedelta(hours=2)

    for _ in range(2):
        desk.expire_top_ups(late)

    assert TopUp.objects.get(pk=promised.pk).status == TopUpStatus.PENDING
    assert TopUp.objects.get(pk=forgotten.pk).status == TopUpStatus.EXPIRED
    monkeypatch.setattr(demo.DemoProvider, "ask", lambda self, top_up: report(top_up))
    assert desk.expire_top_ups(late) == 0
    assert desk.expire_top_ups(late + desk.LOOK_AGAIN_AFTER) == 1


def test_a_provider_is_never_asked_inside_a_transaction(buyer, start):
    top_up = start()

    @service
    def wrong():
        desk.look_at(actor=buyer, top_up_id=top_up.pk)

    with pytest.raises(RuntimeError, match="inside a transaction"):
        wrong()


def test_a_callback_is_kept_once_and_acted_on_once(buyer, start):
    top_up = start()
    demo.decide(reference=top_up.provider_reference, state=DemoState.APPROVED)
    callback = Callback(event_id="evt_1", kind="paid", public_id=top_up.public_id)

    for _ in range(2):
        desk.take_callback("demo", callback)

    assert wallet_of(buyer.pk).balance == 5_000
    assert PaymentEvent.objects.get().top_up == top_up


def test_a_callback_about_somebody_elses_payment_is_left_alone(start):
    top_up = start()

    for name, public_id in (("stripe", top_up.public_id), ("demo", "unknown"), ("demo", "")):
        assert desk.take_callback(name, Callback("evt_1", "paid", public_id)) is None
    assert not PaymentEvent.objects.exists()


def test_the_demo_provider_sends_no_callbacks():
    with pytest.raises(ForgedCallback):
        provider("demo").read_callback(b"{}", {})


def test_an_unknown_provider_is_a_bug():
    with pytest.raises(LookupError):
        provider("bank")


def test_every_state_of_a_payment_has_a_colour():
    assert set(TOP_UP_TONES) == set(TopUpStatus.values)


@pytest.mark.every_database
def test_what_a_provider_calls_two_things_is_two_on_every_database(start):
    """Stripe's names differ by their letters' case, which MariaDB's usual collation does not see."""
    top_up, other = start(paying=False), start(paying=False)
    remember_payment(top_up_id=top_up.pk, reference="cs_A1b")
    remember_payment(top_up_id=other.pk, reference="cs_a1B")
    for event_id in ("evt_A1b", "evt_a1B", "evt_A1b"):
        record_event(provider="stripe", event_id=event_id, kind="paid", top_up_id=top_up.pk)

    assert TopUp.objects.get(provider_reference="cs_a1B") == other
    assert set(PaymentEvent.objects.values_list("event_id", flat=True)) == {"evt_A1b", "evt_a1B"}
