"""What a courier has done."""

from datetime import timedelta

import pytest
from django.urls import reverse

from courier.views.me import HEIGHT, bars
from marketplace.accounts.models import Role
from marketplace.common import clock
from marketplace.delivery.models import AddressRead, Courier, ProofTry
from marketplace.delivery.services import release_earnings
from marketplace.rates.services import Rates, publish_rates

ME = reverse("courier:me")


def test_a_new_courier_has_nothing_done_and_a_way_to_begin(client):
    page = client.get(ME).content.decode()

    assert '<dd data-testid="today">0</dd>' in page
    assert "€" not in page.partition("<main")[2]
    assert "See what is available" in page
    assert reverse("account_logout") in page


def test_what_was_done_and_earned_is_counted_without_the_buyer(
    client, delivered, settings, tells_nothing_of_the_buyer
):
    settings.COURIER_FEE, settings.COMMISSION_BPS = 450, 5_000
    with clock.moved(-timedelta(days=40)):
        delivered(price=2_000)
    delivered(price=2_000)

    answer = client.get(ME)

    page = answer.content.decode()
    assert '<dd data-testid="today">1</dd>' in page
    assert '<dd data-testid="total">2</dd>' in page
    assert "€9.00" in page
    tells_nothing_of_the_buyer(answer)


@pytest.mark.every_database
def test_the_map_of_the_round_is_a_reading_of_addresses(client, claimed, on_its_way, going_back, courier):
    jobs = [make(None, courier) for make in (claimed, on_its_way)]
    going_back(None, courier)

    for _ in range(2):
        client.get(ME)

    assert sorted(AddressRead.objects.values_list("delivery", flat=True)) == sorted(job.pk for job in jobs)


def test_many_wrong_pins_are_warned_of_and_few_are_not(client, courier):
    ProofTry.objects.bulk_create(ProofTry(courier=courier, method="pin", right=False) for _ in range(4))
    assert "wrong PIN" not in client.get(ME).content.decode()

    ProofTry.objects.create(courier=courier, method="pin", right=False)
    ProofTry.objects.create(courier=courier, method="pin", right=False, at=clock.now() - timedelta(days=2))
    ProofTry.objects.create(courier=courier, method="qr", right=False)
    page = client.get(ME).content.decode()

    assert "5 wrong PINs within a day. With 20" in page


def test_a_suspended_courier_is_told(client, courier):
    Courier.objects.create(user=courier, claims_suspended_at=clock.now())

    assert 'data-testid="suspended"' in client.get(ME).content.decode()


def test_the_page_costs_nine_queries_however_much_was_done(
    client, delivered, claimed, django_assert_num_queries
):
    delivered()
    claimed()
    client.get(ME)
    with django_assert_num_queries(9):
        client.get(ME)
    delivered()
    claimed()
    client.get(ME)

    with django_assert_num_queries(9):
        client.get(ME)


def test_the_bars_fill_the_chart_and_an_empty_day_is_a_line():
    today = clock.now().date()
    drawn = bars([(today, 0), (today, 2), (today, 4)])

    assert [bar.height for bar in drawn] == [2, HEIGHT // 2, HEIGHT]
    assert all(bar.y + bar.height == HEIGHT for bar in drawn)
    assert {bar.height for bar in bars([(today, 0)] * 14)} == {2}


def test_each_job_says_what_its_fee_is_for_and_what_is_held_is_apart(
    client, person, courier, placed, delivery, buyer, fund
):
    rates = Rates(base=500, store_bps=1_000, back_bps=5_000, again_fee=150)
    publish_rates(rates=rates, actor=person(Role.ADMIN), expected_version=0)
    fund(buyer, 5_000)
    at_once, again, back = (delivery.carry(placed(price=2_000), courier) for _ in range(3))
    delivery.prove(at_once)
    delivery.fail(again)
    delivery.prove(again)
    delivery.fail(back, "refused")
    back.refresh_from_db()
    delivery.prove(back)

    page = " ".join(client.get(ME).content.decode().split())

    assert "€4.50 for the way there</small>" in page or "€4.50 for the way there <" in page
    assert "€6.00 for the way there, further tries and waiting" in page
    assert "€6.75 for the way there and back" in page
    assert '<dd class="money" data-testid="pending">€17.25</dd>' in page
    release_earnings(clock.now() + timedelta(hours=25))
    page = client.get(ME).content.decode()
    assert 'data-testid="pending"' not in page
    assert '<dd class="money" data-testid="earned">€17.25</dd>' in page
