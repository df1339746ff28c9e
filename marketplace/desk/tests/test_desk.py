"""What the back office reads: what is under way, what is wrong with it, one shipment's whole story, the couriers."""

from datetime import timedelta

import pytest

from marketplace.common import clock
from marketplace.delivery.models import Courier, Proof, ProofTry
from marketplace.delivery.services import (
    cancel_shipment,
    claim_shipment,
    complete_shipment,
    lift_suspension,
    note_address_read,
    reissue_proof,
)
from marketplace.delivery.states import Purpose
from marketplace.desk.case import case_for
from marketplace.desk.couriers import (
    count_suspended,
    courier_with_email,
    couriers_page,
    couriers_to_choose,
)
from marketplace.desk.shipments import DeskQuery, Trouble, desk_page, trouble_counts, trouble_queues
from marketplace.orders.models import Shipment
from marketplace.orders.states import ShipmentStatus

pytestmark = pytest.mark.usefixtures("books_balance")


@pytest.fixture
def lock(confirm, wrong_pin):
    """`lock(job)`: five wrong PINs."""

    def run(job):
        for other in range(1, 6):
            confirm(job, pin=wrong_pin(job.shipment, other))
        return job

    return run


@pytest.fixture
def long_ago():
    return lambda: clock.moved(timedelta(days=-3))


@pytest.fixture
def everywhere(
    placed, claimed, on_its_way, going_back, delivered, lock, fail, buyer, other_courier, long_ago
):
    """A shipment in every state and with every trouble, by its name."""
    with long_ago():
        there = {"waiting": placed(), "slow": on_its_way().shipment}
    there |= {"placed": placed(), "claimed": claimed().shipment, "delivered": delivered().shipment}
    locked, failed = lock(on_its_way()), on_its_way()
    fail(failed)
    there |= {"locked": locked.shipment, "failed": failed.shipment}
    there["returning"] = going_back(buyer, other_courier).shipment
    done = delivered(buyer, other_courier).shipment
    complete_shipment(shipment_id=done.pk, actor=buyer)
    gone = placed()
    cancel_shipment(shipment_id=gone.pk, actor=buyer)
    return there | {"completed": done, "cancelled": gone}


def names(page, there) -> list[str]:
    by_pk = {shipment.pk: name for name, shipment in there.items()}
    return [by_pk[row.shipment.pk] for row in page.rows]


UNDER_WAY = ["waiting", "slow", "placed", "claimed", "locked", "failed", "returning"]


def test_all_that_is_under_way_is_listed_oldest_first(everywhere, admin):
    page = desk_page(admin, DeskQuery())

    assert names(page, everywhere) == UNDER_WAY
    assert page.next_after == ""
    troubles = {name: row.troubles for name, row in zip(UNDER_WAY, page.rows, strict=True)}
    assert troubles == {
        "waiting": [Trouble.WAITING],
        "slow": [Trouble.WAITING],
        "placed": [],
        "claimed": [],
        "locked": [Trouble.LOCKED],
        "failed": [Trouble.FAILED],
        "returning": [Trouble.FAILED],
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (DeskQuery(trouble="locked"), ["locked"]),
        (DeskQuery(trouble="failed"), ["failed", "returning"]),
        (DeskQuery(trouble="waiting"), ["waiting", "slow"]),
        (DeskQuery(trouble="returning"), ["returning"]),
        (DeskQuery(status="placed"), ["waiting", "placed"]),
        (DeskQuery(status="delivered"), ["delivered"]),
        (DeskQuery(status="shipped", trouble="waiting"), ["slow"]),
        (DeskQuery(status="completed"), UNDER_WAY),  # what is over is found by its number only
        (DeskQuery(trouble="nothing like this"), UNDER_WAY),
    ],
    ids=str,
)
def test_it_is_filtered_by_state_and_trouble(everywhere, admin, query, found):
    assert names(desk_page(admin, query), everywhere) == found


def test_a_number_finds_its_shipment_or_its_orders_whatever_became_of_it(everywhere, admin):
    for name in ("completed", "cancelled", "placed"):
        shipment = Shipment.objects.select_related("order").get(pk=everywhere[name].pk)
        for text in (shipment.number, shipment.order.number, f" #{shipment.number.upper()} "):
            assert names(desk_page(admin, DeskQuery(search=text)), everywhere) == [name]

    assert desk_page(admin, DeskQuery(search="nothing")).rows == []


def test_pages_follow_each_other_without_a_gap(everywhere, admin):
    seen, after = [], ""
    while True:
        page = desk_page(admin, DeskQuery(), after=after, size=3)
        seen += names(page, everywhere)
        if not (after := page.next_after):
            break

    assert seen == UNDER_WAY
    assert names(desk_page(admin, DeskQuery(), after="forged"), everywhere) == UNDER_WAY


def test_the_counts_and_the_inbox(everywhere, admin):
    assert {name: count.number for name, count in trouble_counts(admin).items()} == {
        "locked": 1,
        "failed": 2,
        "waiting": 2,
        "returning": 1,
    }
    oldest = {queue.trouble: queue.oldest for queue in trouble_queues(admin)}
    assert oldest[Trouble.WAITING] == Shipment.objects.get(pk=everywhere["waiting"].pk).placed_at


def test_nobody_but_staff_reads_any_of_it(everywhere, buyer, seller, courier):
    for person in (buyer, seller, courier):
        assert desk_page(person, DeskQuery()).rows == []
        assert desk_page(person, DeskQuery(search=everywhere["placed"].number)).rows == []
        assert {count.number for count in trouble_counts(person).values()} == {0}
        assert case_for(person, everywhere["locked"].number) is None
        assert couriers_page(person).rows == []
        assert courier_with_email(person, courier.email) is None
        assert couriers_to_choose(person, everywhere["locked"]) == []
        assert count_suspended(person).number == 0


@pytest.mark.parametrize("parcels", [1, 4])
def test_what_the_lists_cost_does_not_grow(parcels, on_its_way, admin, lock, django_assert_num_queries):
    for _ in range(parcels):
        lock(on_its_way())

    with django_assert_num_queries(1):
        assert len(desk_page(admin, DeskQuery()).rows) == parcels
    with django_assert_num_queries(4):
        trouble_counts(admin)
    with django_assert_num_queries(8):
        trouble_queues(admin)
    with django_assert_num_queries(1):
        couriers_page(admin)


class TestACase:
    MAY = {
        "placed": {"cancel"},
        "claimed": {"reassign", "take_back", "cancel"},
        "locked": {"reassign", "bypass", "send_back", "reissue"},
        "failed": {"reassign", "bypass", "send_back", "reissue", "void"},
        "returning": {"reassign", "bypass", "reissue", "void"},
        "delivered": {"complete"},
        "completed": set(),
        "cancelled": set(),
    }

    def test_what_can_be_done_depends_on_where_it_is(self, everywhere, admin):
        assert {name: set(case_for(admin, everywhere[name].number).may) for name in self.MAY} == self.MAY

    @pytest.mark.parametrize("party", ["buyer", "seller", "courier"])
    def test_who_had_a_hand_in_it_is_not_offered_what_the_service_would_refuse(
        self, party, on_its_way, buyer, seller, courier, superadmin
    ):
        job, person = on_its_way(), {"buyer": buyer, "seller": seller, "courier": courier}[party]
        person.role = "admin"
        person.save(update_fields=["role"])

        assert case_for(person, job.shipment.number).may == {"reassign", "send_back", "reissue"}

    def test_a_new_pin_is_offered_while_the_day_allows_one_whose_it_is_now(self, going_back, seller, admin):
        """Those of the buyer, who waits for it no more, do not count."""
        job = going_back()
        case = case_for(admin, job.shipment.number)
        assert ("reissue" in case.may, case.pin_again_at) == (True, None)
        for minutes in (1, 2):
            with clock.moved(timedelta(minutes=minutes)):
                reissue_proof(shipment_id=job.shipment_id, purpose=Purpose.RETURN, actor=seller)

        case = case_for(admin, job.shipment.number)

        first = Proof.objects.filter(purpose=Purpose.RETURN).earliest("pk")
        assert ("reissue" in case.may, case.pin_again_at) == (False, first.issued_at + timedelta(days=1))
        with clock.moved(timedelta(days=1)):
            assert "reissue" in case_for(admin, job.shipment.number).may

    def test_what_is_frozen_cannot_be_completed(self, delivered, admin):
        shipment = delivered().shipment
        Shipment.objects.filter(pk=shipment.pk).update(frozen=1)

        assert "complete" not in case_for(admin, shipment.number).may

        Shipment.objects.filter(pk=shipment.pk).update(frozen=0)

    def test_it_tells_the_whole_story(self, everywhere, admin, courier):
        case = case_for(admin, everywhere["failed"].number)

        assert [event.to_status for event in case.events] == ["shipped", "processing", "placed"]
        assert [job.courier for job in case.jobs] == [courier]
        assert case.live_job == case.last_job == case.jobs[0]
        assert [(attempt.number, attempt.reason) for attempt in case.attempts] == [(1, "absent")]
        assert (case.failed, case.is_locked) == (1, False)
        assert (case.held, case.settlement) == (case.shipment.total, None)
        assert case_for(admin, everywhere["locked"].number).is_locked

    def test_the_money_of_what_is_over(self, everywhere, admin):
        done = case_for(admin, everywhere["completed"].number)
        gone = case_for(admin, everywhere["cancelled"].number)

        assert (done.held, done.settlement.net, done.live_job) == (0, done.shipment.total, None)
        assert (gone.held, gone.hold.released) == (0, gone.hold.amount)

    def test_no_secret_is_read(self, everywhere, admin):
        proof = case_for(admin, everywhere["locked"].number).proofs[0]

        assert "nonce" in proof.get_deferred_fields()

    def test_the_address_opens_for_the_rest_of_the_hour_once_it_is_written_down(
        self, on_its_way, placed, admin, superadmin
    ):
        job, nobodys = on_its_way(), placed()
        number = job.shipment.number
        assert not case_for(admin, number).address
        assert not case_for(admin, nobodys.number).address  # nobody claimed it: nothing to write it at

        note_address_read(delivery_id=job.pk, actor=admin)

        assert case_for(admin, number).address
        assert not case_for(superadmin, number).address
        with clock.moved(timedelta(hours=1)):
            assert not case_for(admin, number).address

    @pytest.mark.parametrize("tries", [0, 2])
    def test_it_takes_ten_queries_however_much_happened(
        self, on_its_way, admin, fail, tries, django_assert_max_num_queries
    ):
        job = on_its_way()
        for _ in range(tries):
            fail(job)

        with django_assert_max_num_queries(10):
            case = case_for(admin, job.shipment.number)
            for told in (*case.attempts, *case.jobs):
                str(getattr(told, "courier", None) or told.delivery.courier.profile)
            assert [str(event.actor.profile) for event in case.events]


class TestCouriers:
    def test_the_list_says_who_carries_what_and_who_types_wrong_pins(
        self, everywhere, admin, courier, other_courier
    ):
        rows = {row.user: row for row in couriers_page(admin).rows}

        cara, carl = rows[courier], rows[other_courier]
        assert (cara.active, cara.done, cara.wrong, cara.suspended_at) == (4, 1, 5, None)
        assert (carl.active, carl.done, carl.wrong) == (1, 1, 0)
        assert carl.last_ended_at is not None

    def test_scanned_codes_wrong_pins_of_yesterday_and_forgiven_ones_do_not_count(
        self, on_its_way, lock, admin, courier
    ):
        with clock.moved(timedelta(hours=-25)):
            lock(on_its_way())
        ProofTry.objects.create(courier=courier, method="qr", right=False)
        assert couriers_page(admin).rows[0].wrong == 0
        lock(on_its_way())
        assert couriers_page(admin).rows[0].wrong == 5

        Courier.objects.filter(pk=courier.pk).update(claims_suspended_at=clock.now())
        lift_suspension(courier_id=courier.pk, actor=admin)

        assert couriers_page(admin).rows[0].wrong == 0

    def test_they_are_found_by_name_address_and_suspension(self, admin, courier, other_courier):
        Courier.objects.create(pk=courier.pk, claims_suspended_at=clock.now())

        def found(**asked):
            return [row.user for row in couriers_page(admin, **asked).rows]

        assert found() == [other_courier, courier]
        assert found(search="CARL") == [other_courier]
        assert found(search=courier.email) == [courier]
        assert found(suspended=True) == [courier]
        assert count_suspended(admin).number == 1
        assert courier_with_email(admin, f" {courier.email.upper()} ") == courier
        first = couriers_page(admin, size=1)
        assert [row.user for row in couriers_page(admin, after=first.next_after, size=1).rows] == [courier]

    def test_only_who_could_take_it_is_suggested_the_least_busy_first(
        self, placed, on_its_way, person, admin, courier, other_courier, settings
    ):
        settings.COURIER_MAX_ACTIVE = 2
        busy, suspended, closed, free = (person("delivery", name=name) for name in ("A", "B", "C", "D"))
        for _ in range(2):
            claim_shipment(shipment_id=placed().pk, actor=busy)
        claim_shipment(shipment_id=placed().pk, actor=other_courier)
        Courier.objects.create(pk=suspended.pk, claims_suspended_at=clock.now())
        closed.is_active = False
        closed.save(update_fields=["is_active"])

        shipment = Shipment.objects.select_related("order").get(pk=on_its_way().shipment_id)

        assert shipment.status == ShipmentStatus.SHIPPED
        assert couriers_to_choose(admin, shipment) == [free, other_courier]
