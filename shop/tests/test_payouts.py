"""Earnings and payouts, as sellers and couriers meet them."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from marketplace.common import clock
from marketplace.common.idempotency import new_form_key
from marketplace.delivery.services import release_earnings
from marketplace.payouts.errors import NotEarned
from marketplace.payouts.models import Payout, PayoutAddress
from marketplace.payouts.selectors import address_of, earned, plan_of
from marketplace.rates.services import Rates, offer_free_delivery, publish_rates
from marketplace.wallet.models import Hold
from marketplace.wallet.selectors import WalletView, wallet_of

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def mark_in(answer):
    return re.search(r'name="shown" value="([0-9a-f]+)"', answer.content.decode())[1]


def ask(client, owner, amount="20.00"):
    return client.post(
        reverse("shop:payout_new"),
        {"form_key": new_form_key(user_id=owner.pk, action="payout"), "amount": amount},
    )


def test_the_way_of_money_to_the_bank(seller, earn, sure, admin, as_person):
    """Account, request, approval, sent: each on its page."""
    earn(seller, 3_000)
    browser, office = sure(seller), as_person(admin)
    page = browser.get(reverse("shop:payout_account"))
    typed = {"holder": "Sam", "number": "DE89 3704 0044 0532 0130 00", "shown": mark_in(page)}
    assert browser.post(reverse("shop:payout_account"), typed).status_code == 303
    assert "This account is new" in text_of(browser.get(reverse("shop:earnings")))
    PayoutAddress.objects.update(usable_from="2020-01-01T00:00:00Z")

    assert ask(browser, seller).status_code == 303

    payout = Payout.objects.get()
    case = reverse("backoffice:payout", args=[payout.public_id])
    office.post(f"{case}approve/", {"shown": mark_in(office.get(case))})
    office.post(f"{case}sent/", {"shown": mark_in(office.get(case)), "reference": "BANK-7"})
    shown = text_of(browser.get(reverse("shop:payout", args=[payout.public_id])))
    assert all(words in shown for words in ("Sent", "BANK-7", "DE…3000", "€20.00", "of €30.00"))
    assert wallet_of(seller.pk) == WalletView(1_000)


def test_a_line_of_the_wallet_leads_to_its_payout(seller, ready, payouts, as_person):
    payout = payouts.ask(ready(seller, 3_000), 2_000)

    page = as_person(seller).get(reverse("shop:wallet")).content.decode()

    assert reverse("shop:payout", args=[payout.public_id]) in page


@pytest.mark.parametrize("name", ["payout_new", "payout_account"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_moves_money_out_shows_first_that_it_is_them(seller, ready, as_person, name, method):
    ready(seller, 3_000)

    answer = getattr(as_person(seller), method)(reverse(f"shop:{name}"), {"amount": "20.00"})

    assert answer.url.startswith("/accounts/reauthenticate/")
    assert not Payout.objects.exists()


def test_what_is_still_to_come_says_when_and_why(seller, placed, delivered, buyer, as_person):
    placed(buyer, seller, price=1_000)
    delivered(buyer, None, price=2_500)

    page = as_person(seller).get(reverse("shop:earnings"))

    shown = text_of(page)
    assert "It is not picked up yet." in shown
    assert "Delivered: its buyer may look it over. Yours on" in shown
    assert page.context["view"].pending_total == 3_500


def test_what_comes_back_is_no_money_to_come(seller, placed, walk, as_person):
    walk(placed(seller=seller, price=1_000), "processing", "shipped", "returning")

    page = as_person(seller).get(reverse("shop:earnings"))

    assert "It comes back to you: its buyer gets the money again." in text_of(page)
    assert page.context["view"].pending_total == 0


def test_a_couriers_is_theirs_with_the_handing_over(courier, on_its_way, settings, as_person):
    settings.COURIER_FEE = 300
    on_its_way()

    page = as_person(courier).get(reverse("shop:earnings"))

    assert "Yours as soon as the parcel is handed over." in text_of(page)
    assert page.context["view"].pending_total == 300


@pytest.fixture
def held(courier, delivered, admin, fund, buyer):
    """A delivery of 2.90 that the courier has earned, and that is still held for disputes."""
    publish_rates(rates=Rates(base=290), actor=admin, expected_version=0)
    fund(buyer, 1_000)
    return delivered()


def test_what_is_held_for_disputes_is_still_to_come_with_its_day(courier, held, as_person, settings):
    page = as_person(courier).get(reverse("shop:earnings"))

    view = page.context["view"]
    [item] = view.pending
    assert (view.pending_total, view.earned.available, item.subject) == (290, 0, held)
    assert item.at == Hold.objects.get(kind="earning").created_at + timedelta(hours=24)
    assert "It stays held for a while" in text_of(page)
    assert "Yours on" in text_of(page)

    release_earnings(clock.now() + timedelta(hours=25))

    view = as_person(courier).get(reverse("shop:earnings")).context["view"]
    assert (view.pending, view.pending_total, view.earned.available) == ([], 0, 290)


def test_money_that_was_paid_in_does_not_make_what_is_held_payable(courier, held, ready, fund, payouts):
    """The balance holds 10.00 of their own: none of it is paid out in the place of what is held."""
    ready(courier, 1_000)
    fund(courier, 1_000)
    assert (earned(courier.pk).unsettled, earned(courier.pk).pending) == (1_290, 290)

    with pytest.raises(NotEarned):
        payouts.ask(courier, 1_001)
    assert not Payout.objects.exists()
    assert payouts.ask(courier, 1_000).amount == 1_000


def test_what_a_seller_will_get_is_of_the_goods_alone(
    seller, placed, fund, buyer, admin, as_person, settings
):
    settings.COMMISSION_BPS = 1000
    publish_rates(rates=Rates(base=290), actor=admin, expected_version=0)
    fund(buyer, 2_000)
    placed(price=1_000)
    assert as_person(seller).get(reverse("shop:earnings")).context["view"].pending_total == 900

    offer_free_delivery(actor=seller, free_from=1_000)
    placed(price=1_000)

    assert as_person(seller).get(reverse("shop:earnings")).context["view"].pending_total == 900 + 610


def test_each_day_stands_in_a_table_beside_the_chart(seller, earn, as_person):
    earn(seller, 3_000, 500)

    page = as_person(seller).get(reverse("shop:earnings")).content.decode()

    chart = page[page.index("earnings-chart") :]
    assert chart[: chart.index("</figure>")].count("<rect") == 30
    table = page[page.index('data-testid="days"') :]
    assert "€35.00" in table[: table.index("</table>")]


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("", "This field is required."),
        ("nonsense", "amount"),
        ("4.99", "The smallest amount is €5.00."),
        ("30.01", "You can be paid out €30.00 at the moment."),
    ],
)
def test_a_bad_amount_is_said_beside_the_field(seller, ready, sure, amount, sentence):
    ready(seller, 3_000)

    answer = ask(sure(seller), seller, amount)

    assert (answer.status_code, sentence in text_of(answer)) == (422, True)
    assert f'value="{amount}"' in answer.content.decode() or not amount
    assert not Payout.objects.exists()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"number": "DE88 3704 0044 0532 0130 00"}, "This is no IBAN"),
        ({"holder": ""}, "This field is required."),
        ({"number": "\x00"}, "Null characters are not allowed."),
    ],
)
def test_a_bad_account_is_said_beside_the_field(seller, sure, typed, sentence):
    browser = sure(seller)
    page = browser.get(reverse("shop:payout_account"))
    form = {"holder": "Sam", "number": "DE89370400440532013000", "shown": mark_in(page)} | typed

    answer = browser.post(reverse("shop:payout_account"), form)

    assert (answer.status_code, sentence in text_of(answer)) == (422, True)
    assert address_of(seller.pk) is None


def test_a_page_of_before_does_not_change_the_account(seller, sure, payouts):
    browser = sure(seller)
    mark = mark_in(browser.get(reverse("shop:payout_account")))
    payouts.give_account(seller)

    form = {"holder": "Sam", "number": "NL91ABNA0417164300", "shown": mark}
    assert browser.post(reverse("shop:payout_account"), form).status_code == 409

    assert address_of(seller.pk).last4 == "3000"


def test_somebody_plans_to_be_paid_out_every_week(seller, as_person):
    browser = as_person(seller)
    page = browser.get(reverse("shop:payout_plan"))

    browser.post(reverse("shop:payout_plan"), {"every": "week", "above": "50", "shown": mark_in(page)})

    assert (plan_of(seller.pk).every, plan_of(seller.pk).above) == ("week", 5_000)
    assert "from €50.00 on" in text_of(browser.get(reverse("shop:earnings")))


def test_a_payout_is_cancelled(seller, ready, as_person, payouts):
    payout = payouts.ask(ready(seller, 3_000), 2_000)
    browser = as_person(seller)
    page = reverse("shop:payout", args=[payout.public_id])

    assert browser.post(f"{page}cancel/", {"shown": "of before"}).status_code == 409
    assert browser.post(f"{page}cancel/", {"shown": mark_in(browser.get(page))}).status_code == 303

    assert wallet_of(seller.pk) == WalletView(3_000)


def test_the_full_number_stands_on_no_page(seller, ready, sure, as_person, admin, payouts):
    payout = payouts.ask(ready(seller, 3_000), 2_000)
    pages = [("shop:earnings", []), ("shop:payout_account", []), ("shop:payout", [payout.public_id])]
    answers = [sure(seller).get(reverse(name, args=args)) for name, args in pages]
    answers.append(as_person(admin).get(reverse("backoffice:payout", args=[payout.public_id])))

    for answer in answers:
        assert answer.status_code == 200
        assert "0532" not in answer.content.decode()


@pytest.mark.parametrize("entries", [2, 12])
def test_the_page_of_a_payout_asks_as_little_for_many_entries(
    seller, ready, as_person, entries, django_assert_num_queries, payouts
):
    payout = payouts.ask(ready(seller, *[500] * entries), 500 * entries)
    browser = as_person(seller)

    with django_assert_num_queries(10):
        browser.get(reverse("shop:payout", args=[payout.public_id]))


@pytest.mark.parametrize("parcels", [1, 6])
def test_the_earnings_page_asks_as_little_for_many(
    seller, ready, placed, buyer, as_person, parcels, django_assert_num_queries, payouts
):
    ready(seller, *[500] * parcels)
    for _parcel in range(parcels):
        placed(buyer, seller, price=1_000)
    payouts.ask(seller, 500)
    browser = as_person(seller)
    browser.get(reverse("shop:earnings"))

    with django_assert_num_queries(14):
        browser.get(reverse("shop:earnings"))


def test_earnings_are_a_step_away_from_where_people_work(seller, courier, as_person):
    for person, page in ((seller, "seller_dashboard:home"), (courier, "courier:me")):
        shown = as_person(person).get(reverse(page)).content.decode()
        assert f'href="{reverse("shop:earnings")}"' in shown


class TestAnAccountAtStripe:
    def test_it_is_given_where_an_iban_is(self, seller, sure, pays_by_stripe):
        browser, here = sure(seller), reverse("shop:payout_account")
        page = browser.get(here)
        assert "IBAN, or your account at Stripe" in text_of(page)
        typed = {"holder": "Sam", "number": "acct_youngOne1234", "shown": mark_in(page)}

        refused = browser.post(here, typed)

        assert (refused.status_code, "cannot be paid to yet" in text_of(refused)) == (422, True)
        assert "acct_youngOne1234" in refused.content.decode()
        assert browser.post(here, typed | {"number": "acct_1SellersOwn4242"}).status_code == 303
        assert "Stripe…4242" in text_of(browser.get(reverse("shop:earnings")))

    def test_a_stripe_that_does_not_answer_is_said_and_nothing_is_kept(
        self, seller, sure, pays_by_stripe, settings, monkeypatch
    ):
        monkeypatch.setattr("stripe.HTTPClient._sleep_time_seconds", lambda *args, **kwargs: 0)
        settings.STRIPE_API_BASE = "http://127.0.0.1:9"
        browser, here = sure(seller), reverse("shop:payout_account")
        typed = {"holder": "Sam", "number": "acct_1SellersOwn4242", "shown": mark_in(browser.get(here))}

        answer = browser.post(here, typed)

        assert (answer.status_code, address_of(seller.pk)) == (503, None)


class TestTheReserve:
    def test_a_store_that_keeps_nothing_says_nothing_of_it(self, seller, as_person):
        assert "In reserve" not in text_of(as_person(seller).get(reverse("shop:earnings")))

    def test_what_is_kept_is_listed_with_its_day(self, seller, reserve_of, as_person):
        shipment = reserve_of(seller, 2_022)
        browser = as_person(seller)

        page = browser.get(reverse("shop:earnings"))

        shown = text_of(page)
        assert "10% of each sale is kept for 30 days" in shown
        assert f"Shipment {shipment.number}" in shown
        assert re.search(r'data-testid="reserve">\s*€2.02', page.content.decode())
        assert re.search(r'data-testid="available">\s*€18.20', page.content.decode())
        assert "Your earnings say until when" in text_of(browser.get(reverse("shop:wallet")))
