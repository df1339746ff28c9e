"""Limits count exactly, and what is over is forgotten."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection

from marketplace.common import clock, idempotency, limits
from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import Busy, TooMany
from marketplace.common.models import FormKey, RateWindow
from marketplace.common.transactions import service

BOTH = pytest.mark.parametrize("hit", [limits.hit, limits.hit_cached], ids=["database", "cache"])


@pytest.fixture(autouse=True)
def three_a_minute(settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"checkout": (3, 60), "top_up": (3, 60)}


@BOTH
def test_the_last_one_allowed_passes_and_the_next_one_waits(db, time_machine, hit):
    time_machine.move_to("2026-05-01 10:00:20Z", tick=False)
    for _ in range(3):
        hit("checkout", 7)

    for _ in range(2):
        with pytest.raises(TooMany) as refusal:
            hit("checkout", 7)
    assert refusal.value.retry_after == 40
    assert "40 seconds" in str(refusal.value)


@BOTH
def test_everybody_and_everything_is_counted_apart(db, time_machine, hit):
    time_machine.move_to("2026-05-01 10:00:20Z", tick=False)
    for _ in range(3):
        hit("checkout", 7)

    hit("checkout", 8)
    hit("top_up", 7)


@BOTH
def test_the_next_window_starts_at_none(db, time_machine, hit):
    time_machine.move_to("2026-05-01 10:00:59Z", tick=False)
    for _ in range(3):
        hit("checkout", 7)
    time_machine.move_to("2026-05-01 10:01:00Z", tick=False)

    for _ in range(3):
        hit("checkout", 7)


@pytest.mark.django_db(transaction=True)
def test_a_hit_is_one_statement_and_committed_at_once(django_assert_num_queries):
    for _ in range(3):
        with django_assert_num_queries(1):
            limits.hit("checkout", 7)
    assert not connection.in_atomic_block
    connection.close()  # whatever was not committed is gone

    assert RateWindow.objects.get().count == 3


@pytest.mark.django_db(transaction=True)
def test_sixty_four_at_once_are_counted_exactly(race, settings, time_machine):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"checkout": (40, 3600)}
    time_machine.move_to("2026-05-01 10:00Z")

    answers = race(lambda _rival: limits.hit("checkout", 7), range(64))

    assert answers.count(None) == 40
    assert sum(isinstance(answer, TooMany) for answer in answers) == 24
    assert RateWindow.objects.get().count == 64


def test_a_database_that_cannot_count_is_busy(db, monkeypatch):
    def gone(*_args):
        raise OperationalError(2006, "gone away")

    monkeypatch.setattr(limits, "_count", gone)

    with pytest.raises(Busy):
        limits.hit("checkout", 7)


def test_a_window_that_has_ended_is_forgotten_and_one_that_runs_is_kept(db):
    now = clock.now()
    RateWindow.objects.bulk_create(
        RateWindow(key=f"checkout:{n}:1", count=1, ends_at=now - timedelta(seconds=n))
        for n in range(1, 2_001)
    )
    RateWindow.objects.create(key="checkout:0:2", count=2, ends_at=now + timedelta(seconds=1))

    assert limits.forget_old_windows(now) == 2_000
    assert limits.forget_old_windows(now) == 0
    assert RateWindow.objects.get().count == 2


def test_a_form_key_is_kept_while_its_form_can_be_sent(db):
    now = clock.now()
    for days in (0, 1, 3, 4, 5):
        FormKey.objects.create(
            key=str(days),
            nonce="",
            action="test",
            input_sha256="",
            created_at=now - timedelta(days=days, hours=1),
        )

    assert idempotency.forget_old_keys(now) == 2
    assert set(FormKey.objects.values_list("key", flat=True)) == {"0", "1", "3"}


# --- counted by the service ---------------------------------------------------------------------


@pytest.fixture
def counted():
    """A service that counts its callers, and what it did."""
    done = []

    @limits.limited("checkout", by="actor", when=lambda **asked: asked.get("photo", True))
    @service
    def do(*, actor, photo=True):
        done.append(actor)

    return do, done


@pytest.mark.django_db(transaction=True)
def test_a_service_counts_whoever_calls_it_and_refuses_before_it_begins(counted, buyer, stranger):
    do, done = counted
    for _ in range(3):
        do(actor=buyer)
    do(actor=stranger)

    with pytest.raises(TooMany):
        do(actor=buyer)
    assert done == [buyer] * 3 + [stranger]


@pytest.mark.django_db(transaction=True)
def test_what_is_cheap_may_be_counted_in_the_cache(buyer, stranger):
    do = limits.limited("checkout", cached=True)(service(lambda *, actor: "done"))
    for _ in range(3):
        do(actor=buyer)

    with pytest.raises(TooMany):
        do(actor=buyer)
    assert do(actor=stranger) == "done"
    assert not RateWindow.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_refused_service_is_counted_all_the_same(buyer):
    @limits.limited("checkout")
    @service
    def refuse(*, actor):
        raise Busy("No.")

    for _ in range(3):
        with pytest.raises(Busy):
            refuse(actor=buyer)
    with pytest.raises(TooMany):
        refuse(actor=buyer)


@pytest.mark.django_db(transaction=True)
def test_neither_the_store_itself_nor_the_demo_is_counted(counted, buyer):
    do, done = counted
    for _ in range(5):
        do(actor=SYSTEM)
        do(actor=buyer, photo=False)
        with limits.unlimited():
            do(actor=buyer)

    assert len(done) == 15
    assert not RateWindow.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_service_that_another_one_calls_is_not_counted(counted, buyer):
    do, _done = counted

    @service
    def outer():
        do(actor=buyer)

    for _ in range(5):
        outer()

    assert not RateWindow.objects.exists()
