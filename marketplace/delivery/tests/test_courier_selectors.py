"""What a courier's jobs tell, to whom, and how much of it was done when."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from marketplace.common import clock
from marketplace.delivery.models import Courier, ProofTry
from marketplace.delivery.selectors.couriers import courier_state, courier_summary, done_by_day, wrong_tries
from marketplace.delivery.selectors.job_page import job_view
from marketplace.delivery.selectors.jobs import done_jobs, jobs_of
from marketplace.delivery.selectors.rounds import active_jobs
from marketplace.delivery.services import give_back, note_address_read, sort_jobs

A_WEDNESDAY = datetime(2026, 11, 18, 12, 30, tzinfo=UTC)


def test_a_job_is_its_couriers_alone(claimed, other_courier, courier, admin):
    job = claimed()

    assert job_view(courier, job.number).delivery == job
    for person in (other_courier, admin):
        assert job_view(person, job.number) is None
        assert not jobs_of(person).exists()


def test_a_job_tells_where_it_goes_until_it_ends(on_its_way, confirm, courier):
    job = on_its_way()
    view = job_view(courier, job.number)
    assert (view.drop.name, view.drop.address) == ("Bea", "Torstraße 1, 10119 Berlin")
    assert view.goal == view.drop

    confirm(job)

    after = job_view(courier, job.number)
    assert (after.pick_up, after.drop, after.lines, after.attempts) == (None, None, [], [])


def test_on_the_way_back_the_buyers_door_is_nobodys_business(going_back, courier):
    view = job_view(courier, going_back().number)

    assert view.drop is None
    assert view.goal == view.pick_up
    assert active_jobs(courier, None).jobs[0].goes_to == view.pick_up.name


def test_tries_and_the_state_of_the_pin_are_told_never_the_pin(
    on_its_way, fail, confirm, wrong_pin, pin_of, courier
):
    job = on_its_way()
    fail(job, note="Rang twice")
    confirm(job, pin=wrong_pin(job.shipment))

    view = job_view(courier, job.number)

    assert (view.attempt_number, view.is_last_attempt, view.tries_left) == (2, False, 4)
    assert [attempt.note for attempt in view.attempts] == ["Rang twice"]
    assert pin_of(job.shipment) not in repr(view)


def test_a_read_address_is_known_to_be_noted_for_this_hour(claimed, courier, time_machine):
    job = claimed()
    time_machine.move_to(clock.now().replace(minute=10), tick=False)
    assert not job_view(courier, job.number).address_is_noted

    note_address_read(delivery_id=job.pk, actor=courier)

    assert job_view(courier, job.number).address_is_noted
    time_machine.shift(3600)
    assert not job_view(courier, job.number).address_is_noted


def test_the_round_follows_the_courier_once_they_sorted_it(claimed, courier):
    for _ in range(3):
        claimed(None, courier)
    suggested = active_jobs(courier, None)
    numbers = [job.number for job in suggested.jobs]
    assert not suggested.by_hand
    assert len(suggested.stops) == 6

    sort_jobs(actor=courier, numbers=numbers[::-1])
    sorted_ = active_jobs(courier, None)

    assert sorted_.by_hand
    assert [job.number for job in sorted_.jobs] == numbers[::-1]


def test_a_round_is_one_query(claimed, courier, django_assert_num_queries):
    for _ in range(3):
        claimed(None, courier)

    with django_assert_num_queries(1):
        active_jobs(courier, None)


def test_a_new_courier_has_the_whole_bag(courier, settings):
    settings.COURIER_MAX_ACTIVE = 3

    state = courier_state(courier)

    assert (state.active, state.limit, state.suspended_at, state.is_full) == (0, 3, None, False)
    assert state.slots == [False] * 3


def test_a_full_bag_and_a_suspension_are_told(claimed, courier, settings):
    settings.COURIER_MAX_ACTIVE = 1
    claimed(None, courier)
    now = clock.now()
    Courier.objects.filter(user=courier).update(claims_suspended_at=now)

    state = courier_state(courier)

    assert (state.active, state.is_full, state.suspended_at) == (1, True, now)


def test_days_and_weeks_are_the_courier_s_own(
    delivered, going_back, confirm, claimed, courier, settings, time_machine
):
    """Seen on a Wednesday in Berlin: one on Sunday night, one just after midnight, one on Monday, one today."""
    settings.COURIER_FEE, settings.COMMISSION_BPS = 300, 5_000
    time_machine.move_to(A_WEDNESDAY, tick=False)
    for at in (
        datetime(2026, 11, 15, 22, 30, tzinfo=UTC),
        datetime(2026, 11, 15, 23, 30, tzinfo=UTC),
        datetime(2026, 11, 16, 9, 0, tzinfo=UTC),
    ):
        with clock.moved(at - A_WEDNESDAY):
            delivered(price=2_000)
    confirm(going_back(price=2_000))
    give_back(delivery_id=claimed().pk, actor=courier, reason="Flat tyre")
    claimed()

    with timezone.override("Europe/Berlin"):
        summary, days = courier_summary(courier), done_by_day(courier)

    assert asdict(summary) == {
        "today": 1,
        "week": 3,
        "total": 4,
        "earned_today": 300,
        "earned_week": 900,
        "earned_total": 1_200,
        "active": 1,
        "pending": 0,
    }
    assert summary.earns
    assert len(days) == 14
    assert [number for _day, number in days[-4:]] == [1, 2, 0, 1]


def test_what_is_over_is_listed_newest_first_without_people(
    delivered, claimed, courier, django_assert_num_queries
):
    first = delivered()
    second = claimed()
    give_back(delivery_id=second.pk, actor=courier, reason="Flat tyre")
    claimed()

    with django_assert_num_queries(1):
        ended = done_jobs(courier)

    assert [job.number for job in ended] == [second.number, first.number]
    assert "Bea" not in repr(ended)
    assert "Torstra" not in repr(ended)


@pytest.mark.parametrize(
    ("forgiven_before", "counted"), [(None, 2), (timedelta(hours=2), 1), (timedelta(0), 0)]
)
def test_wrong_pins_count_for_a_day_unless_forgiven(courier, other_courier, forgiven_before, counted):
    now = clock.now()
    forgiven_at = now - forgiven_before if forgiven_before is not None else None
    Courier.objects.create(user=courier, forgiven_at=forgiven_at)
    for whose, hours, right in (
        (courier, 1, False),
        (courier, 3, False),
        (courier, 25, False),
        (courier, 1, True),
    ):
        ProofTry.objects.create(courier=whose, method="pin", right=right, at=now - timedelta(hours=hours))
    ProofTry.objects.create(courier=other_courier, method="pin", right=False)
    ProofTry.objects.create(courier=courier, method="qr", right=False)

    assert wrong_tries(courier) == counted
