"""Buyer, admin, clock and eight runners at once: a shipment is paid once.

Each race has a control without its locks; there the second line (the conditional UPDATE of `advance`,
unique keys) refuses whoever comes second, which the locks spare everybody.
"""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from threading import Barrier, BrokenBarrierError, Event, local

import pytest
from django.db import DatabaseError, connection

from marketplace.accounts.models import Role
from marketplace.common import clock, sweeping
from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import InvalidTransition
from marketplace.common.failures import is_transient
from marketplace.common.invariants import find_breaches
from marketplace.common.locking import lock_row
from marketplace.common.models import SweepTrouble
from marketplace.common.transactions import service
from marketplace.delivery.services import complete_shipment
from marketplace.notifications import invariants as of_notifications
from marketplace.orders import invariants as of_orders
from marketplace.orders.models import Order, Settlement, Shipment, ShipmentEvent
from marketplace.orders.services import complete_due, settlement
from marketplace.orders.services.shipments import lock_shipment_if_free
from marketplace.orders.states import ShipmentStatus
from marketplace.points import invariants as of_points
from marketplace.wallet import invariants as of_wallets
from marketplace.wallet.selectors import wallet_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

S = ShipmentStatus
WAY = (S.PLACED, S.PROCESSING, S.SHIPPED, S.DELIVERED)
RUNNERS = 8


@pytest.fixture(autouse=True)
def quick(monkeypatch, settings):
    monkeypatch.setattr(sweeping, "SQLITE_PAUSE", 0)
    settings.COMMISSION_BPS = 250


@pytest.fixture
def due(person, goods, fund, fill_cart, check_out):
    """`due(buyers, sellers)`: shipments whose time is up, each with its own hold, `sellers` to an order.

    Bought by the real services four days ago; the courier's part is written by two statements, so there
    is no job and no proof of it, and the audit is asked by `ours_balance` alone.
    """

    def make(buyers: int, sellers: int) -> list[Shipment]:
        things = {goods(person(Role.SELLER), price=1_000 + n, stock=99): 1 for n in range(sellers)}
        with clock.moved(timedelta(days=-4)):
            for _ in range(buyers):
                buyer = fund(person(), 1_100 * sellers)
                fill_cart(buyer, things)
                check_out(buyer)
            carried()
        return list(Shipment.objects.order_by("pk"))

    return make


@service
def carried() -> None:
    now = clock.now()
    Shipment.objects.update(
        status=S.DELIVERED,
        claimed_at=now,
        picked_up_at=now,
        delivered_at=now,
        completes_at=now + timedelta(days=3),
    )
    ShipmentEvent.objects.bulk_create(
        ShipmentEvent(shipment_id=pk, from_status=before, to_status=to, at=now)
        for pk in Shipment.objects.values_list("pk", flat=True)
        for before, to in pairwise(WAY)
    )
    Order.objects.update(status="delivered")


def ours_balance() -> None:
    """Everything but what is asked of couriers' jobs and proofs."""
    domains = (of_orders, of_wallets, of_points, of_notifications)
    assert find_breaches([one for domain in domains for one in domain.INVARIANTS]) == []


def refusals(results) -> list[Exception]:
    return [result for result in results if isinstance(result, Exception)]


class TestTheBuyerAnAdminAndTheClockAtOnce:
    @pytest.fixture
    def everybody(self, due, admin):
        [shipment] = due(1, 1)
        buyer = shipment.order.buyer
        return [
            lambda: complete_shipment(shipment_id=shipment.pk, actor=buyer),
            lambda: complete_shipment(shipment_id=shipment.pk, actor=admin, reason="asked for"),
            lambda: complete_due(clock.now()),
            lambda: complete_shipment(shipment_id=shipment.pk, actor=SYSTEM),
            lambda: complete_due(clock.now()),
            lambda: complete_shipment(shipment_id=shipment.pk, actor=buyer),
        ]

    @pytest.mark.breaks_books  # no job, no proof: `ours_balance` asks the rest
    @pytest.mark.parametrize("time", range(3))
    def test_pay_once_and_nobody_is_refused(self, everybody, race, time):
        results = race(lambda call: call(), everybody)

        assert refusals(results) == []
        paid = Settlement.objects.get()
        assert (paid.gross, paid.fee, paid.net) == (1_000, 25, 975)
        assert wallet_of(Shipment.objects.get().seller_id).balance == 975
        assert wallet_of(Order.objects.get().buyer_id).held_balance == 0
        assert not SweepTrouble.objects.exists()
        ours_balance()

    @pytest.mark.breaks_books
    def test_control_without_the_locks_all_begin_to_pay_and_the_second_line_stops_them(
        self, everybody, race, locks_rows, without_locks, monkeypatch
    ):
        if not locks_rows:
            pytest.skip("SQLite's BEGIN IMMEDIATE locks everything")
        without_locks()
        all_pay = Barrier(3)
        percent_of = settlement.percent_of

        def wait_then_say(*given):
            all_pay.wait(timeout=20)
            return percent_of(*given)

        monkeypatch.setattr(settlement, "percent_of", wait_then_say)

        buyer, admin, sweep = race(lambda call: call(), everybody[:3])

        lost = [isinstance(buyer, InvalidTransition), isinstance(admin, InvalidTransition), sweep == (0, 1)]
        assert lost.count(True) == 2, (buyer, admin, sweep)
        assert Settlement.objects.count() == 1
        ours_balance()


@dataclass
class Begun:
    """Shipments that were begun to be paid, one key a time. Lists, for a thread's `append` is never lost."""

    all: list[int] = field(default_factory=list)
    undone: list[int] = field(default_factory=list)
    """Of these, what the database undid as a deadlock: `service` begins it anew."""

    @property
    def kept(self) -> Counter:
        """How often each was begun and not undone."""
        return Counter(self.all) - Counter(self.undone)


class TestEightRunners:
    @pytest.fixture
    def begun(self, monkeypatch) -> Begun:
        """Counts how often each shipment was begun to be paid, in any runner."""
        begun, settle, advance = Begun(), settlement.settle, settlement.advance

        def count(shipment, *given, **more):
            begun.all.append(shipment.pk)
            return advance(shipment, *given, **more)

        def count_back(shipment, **more):
            try:
                return settle(shipment, **more)
            except DatabaseError as error:
                if is_transient(error):
                    begun.undone.append(shipment.pk)
                raise

        monkeypatch.setattr(settlement, "advance", count)
        monkeypatch.setattr(settlement, "settle", count_back)
        return begun

    @staticmethod
    def run_like_a_loop(_number) -> tuple[int, int]:
        """As `run_due --loop`: until nothing is due any more."""
        done = failed = 0
        while Shipment.objects.filter(status=S.DELIVERED).exists():
            swept = complete_due(clock.now())
            done, failed = done + swept.done, failed + swept.failed
            if swept.failed:
                break
        return done, failed

    @pytest.mark.breaks_books
    def test_complete_two_hundred_due_shipments_once_each(self, due, race, begun):
        shipments = due(25, 8) if connection.vendor != "sqlite" else due(5, 8)

        results = race(self.run_like_a_loop, range(RUNNERS))

        assert refusals(results) == []
        assert sum(done for done, _failed in results) == len(shipments)
        assert sum(failed for _done, failed in results) == 0
        assert begun.kept == dict.fromkeys([shipment.pk for shipment in shipments], 1)
        assert Settlement.objects.count() == len(shipments)
        assert not Shipment.objects.exclude(status=S.COMPLETED).exists()
        assert not Order.objects.exclude(status="completed").exists()
        earned = {seller_id: wallet_of(seller_id).balance for seller_id in {s.seller_id for s in shipments}}
        owed: Counter = Counter()
        for paid in Settlement.objects.select_related("shipment"):
            owed[paid.shipment.seller_id] += paid.net
        assert earned == owed
        ours_balance()

    @pytest.mark.breaks_books
    def test_control_without_the_locks_they_begin_to_pay_the_same_one(
        self, due, race, begun, locks_rows, without_locks, monkeypatch
    ):
        if not locks_rows:
            pytest.skip("SQLite's BEGIN IMMEDIATE locks everything")
        shipments = due(2, 8)
        without_locks()
        all_have_read, mine = Barrier(RUNNERS), local()
        percent_of = settlement.percent_of

        def wait_the_first_time(*given):
            if not getattr(mine, "waited", False):
                mine.waited = True
                with suppress(BrokenBarrierError):
                    all_have_read.wait(timeout=20)
            return percent_of(*given)

        monkeypatch.setattr(settlement, "percent_of", wait_the_first_time)

        race(self.run_like_a_loop, range(RUNNERS))

        # (MariaDB ends some of them as deadlocks: Busy, or tried again and then found done.)
        assert begun.all.count(shipments[0].pk) > 1
        assert SweepTrouble.objects.filter(sweep="complete_due").exists()


def test_a_shipment_is_left_alone_while_somebody_has_its_order(
    buyer, goods, fund, fill_cart, check_out, race, locks_rows
):
    """The order's lock is the first of the two: without it the shipment's alone is worth nothing."""
    if not locks_rows:
        pytest.skip("SQLite locks the whole of itself")
    fill_cart(fund(buyer, 1_000), {goods(price=1_000): 1})
    shipment = check_out(buyer).shipments.get()
    has_it, looked = Event(), Event()

    @service
    def hold():
        lock_row(Order, shipment.order_id)
        has_it.set()
        assert looked.wait(timeout=20)

    @service
    def look():
        assert has_it.wait(timeout=20)
        found = lock_shipment_if_free(shipment.pk)
        looked.set()
        return found

    assert race(lambda call: call(), [hold, look]) == [None, None]
    assert service(lock_shipment_if_free)(shipment.pk) == shipment
