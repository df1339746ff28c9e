"""The frame of sweeps: each row on its own, what fails rests, the others go on."""

from datetime import timedelta

import pytest
from django.db import connection

from marketplace.accounts.models import User
from marketplace.common import clock, sweeping
from marketplace.common.errors import Busy
from marketplace.common.locking import lock_row, lock_row_if_free
from marketplace.common.models import SweepRun, SweepTrouble
from marketplace.common.sweeping import clock_drift, delay_after, record_run, sweep_rows, troubles_to_tell
from marketplace.common.transactions import busy, service
from marketplace.wallet.models import Wallet

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(sweeping, "SQLITE_PAUSE", 0)


@pytest.fixture
def wallets(person):
    """Five wallets; what is due of them is whose `held_balance` is 0."""
    return [Wallet.objects.create(owner=person()) for _ in range(5)]


@pytest.fixture
def sweep(wallets):
    """`sweep(poison={pk}, at=…)`: run a sweep that marks wallets, and fails at those in `poison`."""

    @service
    def mark(pk: int) -> bool:
        wallet = lock_row_if_free(Wallet, pk)
        if not wallet or wallet.held_balance:
            return False
        Wallet.objects.filter(pk=pk).update(held_balance=1)
        if pk in poison:
            raise ZeroDivisionError("a name that nobody should read")
        return True

    poison: set[int] = set()

    def run(*, fails=(), at=None, one=mark):
        poison.clear()
        poison.update(wallet.pk for wallet in fails)
        due = Wallet.objects.filter(held_balance=0).order_by("pk")
        return sweep_rows("mark", due, one, now=at or clock.now())

    run.mark = mark
    return run


def done() -> list[int]:
    return list(Wallet.objects.filter(held_balance=1).order_by("pk").values_list("pk", flat=True))


def test_every_due_row_is_done_once(sweep, wallets):
    assert sweep() == (5, 0)
    assert sweep() == (0, 0)
    assert done() == [wallet.pk for wallet in wallets]


def test_a_row_that_fails_is_undone_and_noted_and_the_others_are_done(sweep, wallets, caplog):
    now = clock.now()

    assert sweep(fails=wallets[1:2], at=now) == (4, 1)

    assert done() == [wallet.pk for wallet in wallets if wallet != wallets[1]]
    [trouble] = SweepTrouble.objects.all()
    assert (trouble.sweep, trouble.object_id, trouble.errors) == ("mark", wallets[1].pk, 1)
    assert (trouble.first_at, trouble.next_try_at, trouble.told_at) == (now, now + MINUTE, None)
    # The kind only: the words of an error may name people. The log has them.
    assert trouble.last_error == "ZeroDivisionError"
    assert "a name that nobody should read" in caplog.text


def test_it_rests_for_a_minute_then_two_then_four_and_is_forgotten_once_it_worked(sweep, wallets):
    [poison, *_rest] = wallets
    now = clock.now()
    sweep(fails=[poison], at=now)

    for wait, errors in ((1, 2), (2, 3), (4, 4)):
        assert sweep(fails=[poison], at=now + wait * MINUTE - timedelta(seconds=1)) == (0, 0)
        now += wait * MINUTE
        assert sweep(fails=[poison], at=now) == (0, 1)
        assert SweepTrouble.objects.get().errors == errors
    assert sweep(at=now + 8 * MINUTE) == (1, 0)

    assert not SweepTrouble.objects.exists()
    assert len(done()) == 5


def test_the_delay_doubles_up_to_six_hours():
    assert [delay_after(errors) / MINUTE for errors in (1, 2, 3, 9, 10, 1_000)] == [1, 2, 4, 256, 360, 360]


def test_a_note_on_what_somebody_else_did_is_dropped(sweep, wallets):
    now = clock.now()
    sweep(fails=wallets[:2], at=now)
    Wallet.objects.filter(pk=wallets[0].pk).update(held_balance=1)  # its buyer was quicker

    assert sweep(fails=wallets[1:2], at=now + MINUTE) == (0, 1)

    assert [trouble.object_id for trouble in SweepTrouble.objects.all()] == [wallets[1].pk]


def test_notes_of_another_sweep_mean_nothing(sweep, wallets):
    now = clock.now()
    sweeping.note_trouble(sweep="other", object_id=wallets[0].pk, error=KeyError(), now=now)

    assert sweep(at=now) == (5, 0)
    assert SweepTrouble.objects.get().sweep == "other"


def test_a_run_has_an_end_however_much_is_due(sweep, wallets, monkeypatch):
    monkeypatch.setattr(sweeping, "BATCH", 2)
    assert sweep() == (2, 0)

    monkeypatch.setattr(sweeping, "BATCH_SECONDS", 0)
    assert sweep() == (0, 0)
    assert len(done()) == 2


def test_on_sqlite_others_get_a_chance_between_two_rows(sweep, monkeypatch):
    pauses = []
    monkeypatch.setattr(sweeping, "SQLITE_PAUSE", 0.05)
    monkeypatch.setattr(sweeping.time, "sleep", pauses.append)

    sweep()

    assert pauses == ([0.05] * 4 if connection.vendor == "sqlite" else [])


def test_a_busy_database_is_no_fault_of_the_row_and_three_times_in_a_row_ends_the_run(sweep, wallets):
    tried = []

    def one(pk):
        tried.append(pk)
        if len(tried) in (1, 2, 4, 5):
            raise busy()
        return True

    assert sweep(one=one) == (1, 0)
    assert not SweepTrouble.objects.exists()

    def always(pk):
        tried.append(pk)
        raise busy()

    tried.clear()
    with pytest.raises(Busy):
        sweep(one=always)
    assert len(tried) == 3


def test_inside_a_transaction_it_does_not_start(sweep):
    with pytest.raises(RuntimeError):
        service(sweep)()

    assert done() == []


def test_trouble_is_told_after_five_errors_once(wallets):
    now = clock.now()
    for _ in range(4):
        sweeping.note_trouble(sweep="mark", object_id=7, error=KeyError(), now=now)
    assert troubles_to_tell("mark") == []

    sweeping.note_trouble(sweep="mark", object_id=7, error=KeyError(), now=now)
    assert [trouble.errors for trouble in troubles_to_tell("mark")] == [5]
    sweeping.note_trouble(sweep="mark", object_id=7, error=KeyError(), now=now)
    assert troubles_to_tell("mark") == []


def test_the_last_run_has_one_row(db):
    for number in (1, 2):
        record_run("mark", done=number)

    assert [(run.name, run.done) for run in SweepRun.objects.all()] == [("mark", 2)]


def test_our_clock_is_compared_with_the_databases(db):
    assert clock_drift() < timedelta(seconds=5)
    for by in (timedelta(minutes=5), -timedelta(minutes=5)):
        with clock.moved(by):
            assert abs(clock_drift() - timedelta(minutes=5)) < timedelta(seconds=5)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_has_is_left_out_at_once(person, race, locks_rows, request):
    """And without "if free" the second one waits."""
    if not locks_rows:
        pytest.skip("SQLite locks the whole of itself")
    import threading

    wallet = Wallet.objects.create(owner=person())
    has_it, looked = threading.Event(), threading.Event()

    @service
    def hold(_):
        lock_row(Wallet, wallet.pk)
        has_it.set()
        assert looked.wait(timeout=20)

    @service
    def look(_):
        assert has_it.wait(timeout=20)
        found = lock_row_if_free(Wallet, wallet.pk)
        looked.set()
        return found

    results = race(lambda call: call(None), [hold, look])

    assert results == [None, None]
    assert User.objects.count() == 1
