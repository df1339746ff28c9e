"""The Stripe side of the port against a local Stripe; nothing leaves this machine."""

import hashlib
import hmac
import json
import time
import urllib.request
from datetime import timedelta

import pytest
import stripe
from iso4217 import Currency

from marketplace.common import clock
from marketplace.common.errors import Invalid
from marketplace.common.idempotency import new_form_key
from marketplace.wallet.errors import PaymentMismatch
from marketplace.wallet.models import PaymentEvent, TopUp
from marketplace.wallet.payments import ForgedCallback, PaymentState, ProviderDown, desk, provider
from marketplace.wallet.payments import stripe as ours
from marketplace.wallet.payments.stripe_amounts import from_stripe, stripe_step, to_stripe
from marketplace.wallet.selectors import wallet_of
from marketplace.wallet.services import start_top_up
from marketplace.wallet.states import TopUpStatus

BACK = "https://store.test/back"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


def click(url, verb):
    """Press a button on the hosted page; returns where it sends the person."""
    try:
        urllib.request.build_opener(NoRedirect).open(f"{url}/{verb}", data=b"").close()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.headers["Location"]
    return None


@pytest.fixture
def start(buyer, with_stripe, books_balance):
    def make(amount=5_000):
        key = new_form_key(user_id=buyer.pk, action="top_up")
        top_up = start_top_up(actor=buyer, amount=amount, form_key=key)
        url = desk.payment_page(actor=buyer, top_up_id=top_up.pk, return_url=BACK)
        return TopUp.objects.get(pk=top_up.pk), url

    return make


def test_a_paid_checkout_is_credited_once(buyer, start):
    top_up, url = start()
    assert top_up.provider_reference.startswith("cs_")
    assert desk.look_at(actor=buyer, top_up_id=top_up.pk).is_open

    assert click(url, "approve") == BACK
    for _ in range(2):
        assert desk.look_at(actor=buyer, top_up_id=top_up.pk).status == TopUpStatus.SUCCEEDED

    assert wallet_of(buyer.pk).balance == 5_000


def test_a_declined_card_leaves_the_checkout_open_for_another(buyer, start):
    top_up, url = start()

    assert click(url, "decline") == BACK
    assert desk.look_at(actor=buyer, top_up_id=top_up.pk).is_open
    assert desk.payment_page(actor=buyer, top_up_id=top_up.pk, return_url=BACK) == url
    click(url, "approve")

    assert desk.look_at(actor=buyer, top_up_id=top_up.pk).status == TopUpStatus.SUCCEEDED
    assert wallet_of(buyer.pk).balance == 5_000


def test_starting_twice_makes_one_checkout(start):
    top_up, url = start()

    again = provider("stripe").start(top_up, BACK)

    assert (again.reference, again.url) == (top_up.provider_reference, url)


def test_the_sweep_ends_the_checkout_at_stripe_too(buyer, start):
    top_up, _url = start()
    paid, paid_url = start(1_000)
    click(paid_url, "approve")

    assert desk.expire_top_ups(clock.now() + timedelta(minutes=61)) == 2

    assert TopUp.objects.get(pk=top_up.pk).status == TopUpStatus.EXPIRED
    assert provider("stripe").ask(top_up).state == PaymentState.CANCELLED
    assert TopUp.objects.get(pk=paid.pk).status == TopUpStatus.SUCCEEDED
    assert wallet_of(buyer.pk).balance == 1_000


@pytest.mark.parametrize(
    ("currency", "amount", "at_stripe"),
    [
        ("EUR", 1_999, 1_999),
        ("JPY", 1_500, 1_500),
        ("UGX", 1_500, 150_000),
        ("ISK", 1_500, 150_000),
        ("KWD", 1_500, 1_500),
        ("MGA", 150_000, 1_500),
        ("RSD", 150_050, 150_050),
    ],
)
def test_what_stripe_takes_is_what_the_wallet_gets(
    buyer, start, settings, with_stripe, currency, amount, at_stripe
):
    settings.STORE_CURRENCY = currency
    top_up, url = start(amount)
    with urllib.request.urlopen(url) as page:
        assert f"<h1>{at_stripe} {currency.lower()}</h1>" in page.read().decode()

    click(url, "approve")
    desk.look_at(actor=buyer, top_up_id=top_up.pk)

    assert wallet_of(buyer.pk).balance == amount


@pytest.mark.parametrize(
    ("currency", "amount", "step"),
    [("KWD", 1_001, "KWD0.010"), ("KWD", 1_005, "KWD0.010"), ("MGA", 150_050, "MGA1")],
)
def test_a_part_that_stripe_cannot_take_is_refused_before_anything_is_written(
    start, settings, currency, amount, step
):
    settings.STORE_CURRENCY = currency

    with pytest.raises(Invalid) as refused:
        start(amount)

    assert refused.value.field == "amount"
    assert step in str(refused.value).replace("\xa0", "")
    assert not TopUp.objects.exists()


def test_a_payment_that_stripe_took_by_the_old_factor_is_not_credited(buyer, start, settings, monkeypatch):
    """It was asked for as 1500 hundredths of a shilling: 15.00, which is not 1500 of the books."""
    settings.STORE_CURRENCY = "UGX"
    with monkeypatch.context() as before:
        before.setattr(ours, "to_stripe", lambda minor, currency: minor)
        top_up, url = start(1_500)
    click(url, "approve")

    with pytest.raises(PaymentMismatch):
        desk.look_at(actor=buyer, top_up_id=top_up.pk)

    assert wallet_of(buyer.pk).balance == 0
    assert TopUp.objects.get(pk=top_up.pk).is_open


@pytest.mark.parametrize(("amount", "currency"), [(1_505, "UGX"), (1, "ISK"), (1_500, "IQD")])
def test_what_is_no_amount_of_the_books_is_never_rounded_to_one(amount, currency):
    with pytest.raises((ValueError, LookupError)):
        from_stripe(amount, currency)


def test_every_currency_goes_to_stripe_and_comes_back_as_it_was():
    for currency in (known.code for known in Currency if known.exponent is not None):
        try:
            step = stripe_step(currency)
        except LookupError:
            continue
        for minor in (step, 7 * step, 10_000 * step):
            assert from_stripe(to_stripe(minor, currency), currency) == minor
        if step > 1:
            with pytest.raises(ValueError):
                to_stripe(step + 1, currency)


def test_a_stripe_that_does_not_answer_is_said_so(buyer, with_stripe, settings, monkeypatch):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    monkeypatch.setattr(stripe.HTTPClient, "_sleep_time_seconds", lambda *args, **kwargs: 0)
    key = new_form_key(user_id=buyer.pk, action="top_up")
    top_up = start_top_up(actor=buyer, amount=5_000, form_key=key)

    with pytest.raises(ProviderDown):
        desk.payment_page(actor=buyer, top_up_id=top_up.pk, return_url=BACK)

    assert TopUp.objects.get().provider_reference is None


def signed(body, secret="whsec_12345", at=None):
    at = int(at or time.time())
    signature = hmac.new(secret.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={at},v1={signature}"}


def event(kind="checkout.session.completed", public_id="abc"):
    return json.dumps(
        {"id": "evt_1", "type": kind, "data": {"object": {"id": "cs_1", "client_reference_id": public_id}}}
    )


def test_a_signed_event_is_read(with_stripe):
    callback = provider("stripe").read_callback(event().encode(), signed(event()))

    assert (callback.event_id, callback.kind, callback.public_id) == (
        "evt_1",
        "checkout.session.completed",
        "abc",
    )


def test_events_about_other_things_are_left_alone(with_stripe):
    body = event("customer.created")

    assert provider("stripe").read_callback(body.encode(), signed(body)) is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Stripe-Signature": "nonsense"},
        signed(event(), secret="other"),
        signed(event(), at=time.time() - 3_600),
        signed(event(public_id="other")),
    ],
    ids=["unsigned", "garbled", "wrong secret", "old", "other body"],
)
def test_a_forged_event_is_refused(with_stripe, headers):
    with pytest.raises(ForgedCallback):
        provider("stripe").read_callback(event().encode(), headers)


def test_bytes_that_are_no_text_are_forged(with_stripe):
    with pytest.raises(ForgedCallback):
        provider("stripe").read_callback(b"\xff\xfe", {})


@pytest.mark.parametrize(
    ("status", "payment_status", "intent", "state"),
    [
        ("open", "unpaid", None, PaymentState.PENDING),
        ("complete", "paid", "succeeded", PaymentState.SUCCEEDED),
        ("complete", "unpaid", "processing", PaymentState.PENDING),
        ("complete", "unpaid", "requires_payment_method", PaymentState.FAILED),
        ("expired", "unpaid", None, PaymentState.CANCELLED),
    ],
)
def test_the_states_of_a_checkout(status, payment_status, intent, state):
    session = stripe.checkout.Session.construct_from(
        {
            "status": status,
            "payment_status": payment_status,
            "payment_intent": {"object": "payment_intent", "status": intent} if intent else None,
        },
        "sk_test_12345",
    )

    assert ours._state_of(session) == state


def odd(**changes):
    return json.dumps(json.loads(event()) | changes)


ODD = {
    "a list": "[]",
    "nothing": "null",
    "a word": '"event"',
    "no JSON": "{",
    "no type": json.dumps({"id": "evt_1"}),
    "a type that is a list": odd(type=[]),
    "no id": odd(id=None),
    "a long id": odd(id="e" * 200),
    "a NUL in the id": odd(id="evt\0"),
    "no letters of ours in the id": odd(id="é"),
    "no data": odd(data=None),
    "no object": odd(data={}),
    "an object that is a list": odd(data={"object": []}),
    "a NUL in the name": event(public_id="a\0b"),
    "half a letter in the name": event(public_id="\ud800"),
    "a name that is a number": event(public_id=12),
    "nested without end": "[" * 100_000,
}


@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
def test_a_genuine_event_with_an_odd_body_is_told_apart_and_books_nothing(
    client, start, with_stripe, body, caplog
):
    top_up, _url = start()

    answer = client.post(
        "/payments/stripe/callback/", body.encode(), content_type="application/json", headers=signed(body)
    )

    assert answer.status_code == 400
    assert "a genuine message of stripe cannot be read" in caplog.text
    assert not PaymentEvent.objects.exists()
    assert TopUp.objects.get(pk=top_up.pk).is_open
