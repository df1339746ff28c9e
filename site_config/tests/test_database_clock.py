"""A machine whose clock is wrong: the database's counts, and off by more than a minute it moves no money."""

from datetime import timedelta

import pytest
from django.db import DatabaseError

from marketplace.common import clock, database_clock
from marketplace.common.database_clock import ClockOff
from marketplace.common.models import FormKey
from marketplace.delivery.models import Delivery
from marketplace.delivery.services import cancel_shipment
from marketplace.orders.models import Order, Settlement, Shipment
from marketplace.orders.services import complete_due
from marketplace.wallet.models import Transaction
from marketplace.web.clockwork import run_by_name
from shop.tests.test_checkout import URL, filled_in, form_key_of

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

DAYS, SECONDS = timedelta(days=3), timedelta(seconds=30)


@pytest.fixture(autouse=True)
def forgotten(monkeypatch):
    """No test knows what another one has measured."""
    for name, value in (("at", float("-inf")), ("set_to", 0.0)):
        monkeypatch.setattr(database_clock._Measured, name, value)
    monkeypatch.setattr(database_clock, "MOST_TRIP", 10)  # however busy the machine of the tests is
    yield
    clock.go_by(timedelta())


@pytest.fixture
def machine_is(settings, monkeypatch, forgotten):
    """`machine_is(-DAYS)`: this machine's clock is so much ahead (or behind) of what it was."""
    right = clock.machine

    def set_to(by: timedelta) -> None:
        settings.FOLLOW_DATABASE_CLOCK = True
        monkeypatch.setattr(clock, "machine", lambda: right() + by)
        monkeypatch.setattr(database_clock, "_set_to", lambda: by.total_seconds())

    return set_to


def off_the_database(moment) -> timedelta:
    return abs(moment - database_clock.ask())


@pytest.mark.parametrize("by", [DAYS, -DAYS, SECONDS, -SECONDS, timedelta()], ids=str)
def test_the_present_moment_is_the_databases(machine_is, by):
    machine_is(by)
    database_clock.keep()

    assert off_the_database(clock.now()) < timedelta(seconds=1)
    assert database_clock.is_off() is (abs(by) > timedelta(minutes=1))


def test_it_is_asked_twice_a_minute_and_at_once_when_the_clock_was_set(machine_is, monkeypatch):
    asked, ask = [], database_clock.ask
    monkeypatch.setattr(database_clock, "ask", lambda: asked.append(True) or ask())
    machine_is(timedelta())
    for _turn in range(5):
        database_clock.keep()
    assert len(asked) == 1

    machine_is(SECONDS)
    for _turn in range(5):
        database_clock.keep()
    assert len(asked) == 2

    monkeypatch.setattr(database_clock, "ASK_EVERY", 0)
    database_clock.keep()
    assert len(asked) == 3


def test_a_database_that_is_away_leaves_it_as_it_was(machine_is, monkeypatch):
    machine_is(-DAYS)
    database_clock.keep()

    def away():
        raise DatabaseError

    monkeypatch.setattr(database_clock, "ask", away)
    monkeypatch.setattr(database_clock, "ASK_EVERY", 0)
    database_clock.keep()

    assert clock.ahead() > DAYS / 2


@pytest.mark.parametrize("by", [DAYS, -DAYS], ids=str)
def test_a_machine_that_is_off_hands_nothing_over(machine_is, on_its_way, pin_of, courier, confirm, by):
    job = on_its_way()
    before = rows()
    machine_is(by)

    with pytest.raises(ClockOff):
        confirm(job)

    assert rows() == before
    machine_is(timedelta())
    confirm(job)
    shipment = Shipment.objects.get()
    assert shipment.completes_at - shipment.delivered_at == DAYS


def rows() -> tuple:
    return (
        list(Shipment.objects.values_list("pk", "status", "delivered_at")),
        list(Delivery.objects.values_list("pk", "status")),
        Transaction.objects.count(),
        FormKey.objects.count(),
    )


def test_control_a_machine_behind_that_nobody_asked_pays_at_once(delivered):
    with clock.moved(-DAYS - timedelta(hours=1)):
        delivered()

    assert complete_due(clock.now()).done == 1
    assert Settlement.objects.exists()


def test_half_a_minute_behind_the_seller_is_paid_by_the_databases_clock(machine_is, delivered):
    machine_is(-SECONDS)
    database_clock.keep()

    delivered()

    shipment = Shipment.objects.get()
    assert off_the_database(shipment.delivered_at) < timedelta(seconds=10)
    assert off_the_database(shipment.completes_at - DAYS) < timedelta(seconds=10)


@pytest.mark.parametrize("way", ["confirmed", "failed and back", "bypassed", "cancelled"])
def test_moments_stay_in_order_between_machines_that_differ(
    way, placed, carry, confirm, fail, bypass, courier, audit
):
    """Each step on a machine that is half a minute behind the one before (I21, I29): nobody has asked yet."""
    steps = iter(range(4, -5, -1))

    def next_machine():
        return clock.moved(next(steps) * SECONDS)

    with next_machine():
        shipment = placed()
    if way == "cancelled":
        with next_machine():
            cancel_shipment(shipment_id=shipment.pk, actor=shipment.order.buyer)
    else:
        with next_machine():
            job = carry(shipment, courier)
        if way == "failed and back":
            for _try in range(3):
                with next_machine():
                    fail(job)
        with next_machine():
            bypass(shipment) if way == "bypassed" else confirm(job)

    assert audit() == []


def test_the_form_may_be_sent_again_where_the_clock_is_right(
    client, buyer, fund, goods, seller, fill_cart, machine_is
):
    client.force_login(fund(buyer, 10_000))
    fill_cart(buyer, {goods(seller, price=2500, stock=5): 1})
    form = filled_in(client)

    machine_is(-DAYS)
    answer = client.post(URL, form)

    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert form_key_of(answer) == form["form_key"]
    assert not Order.objects.exists()
    assert client.get("/").status_code == 200
    machine_is(timedelta())
    for _turn in range(2):
        assert client.post(URL, form).status_code == 303
    assert Order.objects.count() == 1


def test_health_says_so(client, machine_is):
    machine_is(-DAYS)
    assert (
        "this machine's clock is more than a minute off: money is refused"
        in client.get("/healthz").content.decode()
    )

    machine_is(timedelta())
    assert client.get("/healthz").content == b"ok\n"


def test_a_sweep_on_a_machine_that_is_off_still_stops(machine_is, delivered):
    delivered()
    machine_is(DAYS)

    assert run_by_name("complete_due").stopped == "drift"
    assert not Settlement.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_somebody_who_has_looked_is_believed_instead_of_the_database(machine_is, delivered):
    """It is the database's clock that is wrong."""
    delivered()
    machine_is(DAYS + timedelta(hours=1))

    assert run_by_name("complete_due", confirm_clock=True).done == 1
