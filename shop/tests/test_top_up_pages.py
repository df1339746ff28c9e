"""Paying in: the form, the demo bank, Stripe's page, and what providers call."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from marketplace.common.idempotency import new_form_key
from marketplace.wallet.models import DemoPayment, TopUp
from marketplace.wallet.payments import ProviderDown, demo, desk
from marketplace.wallet.selectors import wallet_of
from marketplace.wallet.states import DemoState, TopUpStatus
from shop.tests.wallet_forms import GARBAGE, form, page
from shop.views.wallet import WHY_NOTHING_CAME

pytestmark = pytest.mark.usefixtures("books_balance")

TOP_UP = "/wallet/top-up/"


def test_the_top_up_page_takes_an_amount_and_a_way_back(bea):
    shown = page(bea.get(TOP_UP, {"amount": "12.34", "next": "/cart/"}))

    assert 'value="12.34"' in shown
    assert 'value="/cart/"' in shown


@pytest.mark.parametrize("amount", GARBAGE)
def test_garbage_in_the_address_of_the_top_up_page_is_ignored(bea, amount):
    assert bea.get(TOP_UP, {"amount": amount, "next": amount}).status_code == 200


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.test/", "//evil.test/", "javascript:alert(1)", "evil" * 99]
)
def test_the_way_back_leads_nowhere_else(bea, buyer, elsewhere):
    assert elsewhere not in page(bea.get(TOP_UP, {"next": elsewhere}))

    bea.post(TOP_UP, form(buyer, next=elsewhere))

    assert TopUp.objects.get().next_url == ""


def test_a_way_back_that_is_too_long_is_forgotten(bea, buyer):
    bea.post(TOP_UP, form(buyer, next="/" + "a" * 300))

    assert TopUp.objects.get().next_url == ""


def test_a_tiny_amount_asked_for_becomes_the_smallest(bea):
    assert 'value="1.00"' in page(bea.get(TOP_UP, {"amount": "0.05"}))


def test_an_amount_asked_for_that_the_provider_cannot_take_is_rounded_up(bea, settings, with_stripe):
    """A checkout asks for what is missing, to the last fils; Stripe takes no single fils."""
    settings.STORE_CURRENCY = "KWD"

    assert 'value="12.350"' in page(bea.get(TOP_UP, {"amount": "12.341"}))


def test_thousands_that_could_be_decimals_are_asked_beside_the_field(bea, buyer, settings):
    settings.STORE_CURRENCY = "KWD"

    answer = bea.post(TOP_UP, form(buyer, amount="1,000"))

    assert answer.status_code == 422
    assert "Do you mean 1000 or 1.000?" in page(answer)
    assert not TopUp.objects.exists()


def test_an_approved_top_up_credits_and_leads_on(bea, buyer):
    response = bea.post(TOP_UP, form(buyer, next="/cart/"))
    assert response.status_code == 303
    assert bea.get(response["Location"]).status_code == 200

    response = bea.post(response["Location"], {"decision": "approved"}, follow=True)

    assert wallet_of(buyer.pk).balance == 5_000
    assert response.redirect_chain[-1][0] == "/cart/"
    assert "€50.00 is in your wallet." in page(response)
    shown = page(bea.get(reverse("shop:payment", args=[TopUp.objects.get().public_id])))
    assert 'data-status="succeeded"' in shown
    assert 'href="/cart/"' in shown


@pytest.mark.parametrize(("decision", "status"), [("declined", "failed"), ("slow", "pending")])
def test_other_answers_credit_nothing(bea, buyer, open_payment, decision, status):
    path = reverse("shop:demo_payment", args=[open_payment.provider_reference])

    response = bea.post(path, {"decision": decision}, follow=True)

    assert f'data-status="{status}"' in page(response)
    assert wallet_of(buyer.pk).balance == 0


@pytest.mark.every_database
def test_nonsense_to_the_demo_bank_is_refused(bea, open_payment):
    path = reverse("shop:demo_payment", args=[open_payment.provider_reference])

    assert bea.post(path, {"decision": "gimme"}).status_code == 422
    assert DemoPayment.objects.get().state == DemoState.OPEN


def test_the_demo_bank_closes_when_a_real_provider_is_in_use(bea, open_payment, settings):
    settings.PAYMENT_PROVIDER = "stripe"
    path = reverse("shop:demo_payment", args=[open_payment.provider_reference])

    assert bea.post(path, {"decision": "approved"}).status_code == 404
    assert DemoPayment.objects.get().state == DemoState.OPEN


def test_a_decided_demo_payment_leads_to_its_result(bea, buyer, open_payment):
    demo.decide(reference=open_payment.provider_reference, state=DemoState.APPROVED)
    desk.look_at(actor=buyer, top_up_id=open_payment.pk)

    response = bea.get(reverse("shop:demo_payment", args=[open_payment.provider_reference]))

    assert response["Location"] == reverse("shop:payment", args=[open_payment.public_id])


@pytest.mark.parametrize("amount", ["", "0", "0.99", "10000.01", "abc", "1e3", "-5", "\x00", "9" * 30])
def test_a_bad_amount_is_refused_beside_its_field_and_kept(bea, buyer, amount):
    response = bea.post(TOP_UP, form(buyer, amount=amount, next="/cart/"))

    assert response.status_code == 422
    assert "is-invalid" in page(response)
    assert 'value="/cart/"' in page(response)
    if amount and "\x00" not in amount and len(amount) < 25:
        assert f'value="{amount}"' in page(response)
    assert not TopUp.objects.exists()


def test_a_form_key_that_is_not_ours_is_refused_and_the_amount_kept(bea, buyer, stranger):
    for key in ("", "forged", new_form_key(user_id=stranger.pk, action="top_up")):
        response = bea.post(TOP_UP, {"form_key": key, "amount": "50"})

        assert response.status_code == 422
        assert 'value="50"' in page(response)
    assert not TopUp.objects.exists()


def test_a_double_click_is_one_payment(bea, buyer):
    fields = form(buyer)

    first, second = bea.post(TOP_UP, fields), bea.post(TOP_UP, fields)

    assert first["Location"] == second["Location"]
    assert TopUp.objects.count() == 1


def test_too_many_top_ups_have_to_wait(bea, buyer, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "top_up": (2, 3600)}

    answers = [bea.post(TOP_UP, form(buyer)) for _ in range(2)]
    last = form(buyer)
    refused = bea.post(TOP_UP, last)

    assert [answer.status_code for answer in (*answers, refused)] == [303, 303, 429]
    assert int(refused["Retry-After"]) > 0
    assert f'value="{last["form_key"]}"' in page(refused)
    assert TopUp.objects.count() == 2


def test_a_provider_that_is_down_leaves_a_page_to_try_again(bea, buyer, monkeypatch):
    def down(self, top_up, return_url):
        raise ProviderDown

    monkeypatch.setattr(demo.DemoProvider, "start", down)

    response = bea.post(TOP_UP, form(buyer))

    assert response.status_code == 503
    assert response["Retry-After"]
    assert reverse("shop:payment_pay", args=[TopUp.objects.get().public_id]) in page(response)
    monkeypatch.undo()
    assert bea.post(reverse("shop:payment_pay", args=[TopUp.objects.get().public_id])).status_code == 303


def test_the_payment_page_asks_again_by_itself_until_the_end(bea, buyer, open_payment):
    path = reverse("shop:payment", args=[open_payment.public_id])
    check = reverse("shop:payment_check", args=[open_payment.public_id])
    assert f'hx-post="{check}"' in page(bea.get(path))

    demo.decide(reference=open_payment.provider_reference, state=DemoState.APPROVED)
    part = page(bea.post(check, headers={"HX-Request": "true"}))

    assert 'data-status="succeeded"' in part
    assert "hx-post" not in part
    assert "<html" not in part


def test_checking_works_without_javascript(bea, buyer, open_payment):
    demo.decide(reference=open_payment.provider_reference, state=DemoState.APPROVED)

    response = bea.post(reverse("shop:payment_check", args=[open_payment.public_id]), follow=True)

    assert 'data-status="succeeded"' in page(response)


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["plain", "htmx"])
def test_who_checks_too_often_reads_so_and_the_provider_is_left_alone(
    bea, open_payment, settings, monkeypatch, headers
):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "payment_check": (1, 300)}
    check, asked = reverse("shop:payment_check", args=[open_payment.public_id]), []
    ask = demo.DemoProvider.ask
    monkeypatch.setattr(
        demo.DemoProvider, "ask", lambda self, top_up: asked.append(top_up) or ask(self, top_up)
    )
    bea.post(check)
    before = TopUp.objects.values().get()

    refused = bea.post(check, headers=headers)

    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert ("<html" in page(refused)) is not bool(headers)
    assert "That was too often" in page(refused)
    assert f'action="{check}"' in page(refused), "it can be asked again by hand"
    assert "hx-post" not in page(refused), "it stops asking by itself"
    assert len(asked) == 1
    assert TopUp.objects.values().get() == before


@pytest.mark.parametrize("status", ["failed", "cancelled", "expired"])
def test_an_ended_payment_says_so_and_offers_another(bea, open_payment, status):
    TopUp.objects.update(status=status, settled_at=datetime(2026, 5, 1, tzinfo=UTC))

    shown = page(bea.get(reverse("shop:payment", args=[open_payment.public_id])))

    assert "No money was taken" in shown
    assert "?amount=50.00&amp;next=%2Fcart%2F" in shown


def test_forms_may_lead_to_stripe_only_where_they_have_to(bea, with_stripe):
    assert with_stripe in bea.get(TOP_UP)["Content-Security-Policy"]
    assert with_stripe not in bea.get("/wallet/")["Content-Security-Policy"]


def test_a_top_up_through_stripe_leads_to_its_page(bea, buyer, with_stripe):
    response = bea.post(TOP_UP, form(buyer))

    assert response.status_code == 303
    assert response["Location"].startswith(f"{with_stripe}/_config/pay/cs_")


# --- callbacks ----------------------------------------------------------------------------------


def test_a_forged_callback_is_refused(client, with_stripe, db):
    response = client.post("/payments/stripe/callback/", b"{}", content_type="application/json")

    assert response.status_code == 400


@pytest.mark.parametrize("name", ["stripe", "bank"])
def test_a_provider_that_is_not_in_use_has_no_callback(client, db, name):
    assert (
        client.post(f"/payments/{name}/callback/", b"{}", content_type="application/json").status_code == 404
    )


def test_a_payment_that_came_to_nothing_says_why():
    assert set(WHY_NOTHING_CAME) == set(TopUpStatus) - {TopUpStatus.PENDING, TopUpStatus.SUCCEEDED}


def test_who_was_on_the_way_somewhere_is_led_there_once_by_a_paid_top_up(bea, buyer):
    bea.post(TOP_UP, form(buyer, next="/checkout/"))
    top_up = TopUp.objects.get()
    here = reverse("shop:payment", args=[top_up.public_id])
    assert bea.get(here).status_code == 200  # not paid yet

    demo.decide(reference=top_up.provider_reference, state=DemoState.APPROVED)
    answer = bea.post(f"{here}check/", headers={"HX-Request": "true"})

    assert (answer.status_code, answer["HX-Redirect"]) == (200, "/checkout/")
    assert bea.get(here).status_code == 200  # looked at again later


def test_a_refused_top_up_leads_nowhere(bea, buyer):
    bea.post(TOP_UP, form(buyer, next="/checkout/"))
    top_up = TopUp.objects.get()
    demo.decide(reference=top_up.provider_reference, state=DemoState.DECLINED)
    desk.look_at(actor=buyer, top_up_id=top_up.pk)

    assert bea.get(reverse("shop:payment", args=[top_up.public_id])).status_code == 200
