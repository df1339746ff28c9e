import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from marketplace.common import clock, idempotency
from marketplace.common.models import SweepRun, SweepTrouble
from marketplace.common.sweeping import Sweep, Swept, note_trouble
from marketplace.common.transactions import service
from marketplace.notifications.models import Notification
from marketplace.web import clockwork
from marketplace.web.clockwork import SWEEPS, Ran, run_by_name, run_sweep
from site_config.management.commands import run_due


def sweep_of(name: str, run: Callable, **fields: bool) -> Sweep:
    return Sweep(name, f"Do {name}", run, turn=1, **fields)


@pytest.fixture
def ran(db, monkeypatch) -> list[str]:
    """Three sweeps that note that they ran; the second one breaks."""
    ran: list[str] = []

    def sweep(name: str, *, breaks: bool = False):
        def run(now) -> int:
            ran.append(name)
            if breaks:
                raise RuntimeError("this row is poison")
            return 2

        return sweep_of(name, run)

    monkeypatch.setattr(run_due, "SWEEPS", [sweep("first"), sweep("second", breaks=True), sweep("third")])
    return ran


def test_one_sweep_that_fails_is_told_and_the_others_still_run(ran, capsys, caplog):
    with pytest.raises(CommandError, match="second"):
        call_command("run_due")

    assert ran == ["first", "second", "third"]
    assert capsys.readouterr().out == "first: 2\nthird: 2\n"
    assert "this row is poison" in caplog.text


def test_only_the_sweep_that_is_named_runs(ran):
    call_command("run_due", only=["third"])

    assert ran == ["third"]


def test_a_name_that_does_not_exist_is_refused_with_the_list(ran):
    with pytest.raises(CommandError, match=r"no sweep nonsense\. There are: first, second, third"):
        call_command("run_due", only=["nonsense"])

    assert ran == []


def test_the_real_sweeps_run_on_an_empty_store_and_run_twice(db, capsys):
    for _ in range(2):
        call_command("run_due")

    assert capsys.readouterr().out == "".join(f"{sweep.name}: 0\n" for sweep in SWEEPS) * 2


def test_the_sweeps_of_all_domains_run_in_their_order():
    assert [sweep.name for sweep in SWEEPS] == [
        "refresh_prices",
        "complete_due",
        "release_earnings",
        "remind_of_completion",
        "cancel_overdue",
        "tell_who_is_back",
        "expire_top_ups",
        "release_reserves",
        "ask_by_plan",
        "write_invoices",
        "send_transfers",
        "forget_old_carts",
        "send_mail",
        "forget_old_keys",
        "run_imports",
        "refresh_popularity",
        "find_by_new_names",
        "forget_orphans",
        "forget_orphan_shop_pictures",
        "forget_orphan_photos",
        "forget_old_imports",
        "forget_old_windows",
        "forget_old_mail",
        "forget_old_sessions",
    ]


def test_every_sweep_has_a_name_and_a_turn_of_its_own():
    assert len({sweep.name for sweep in SWEEPS}) == len({sweep.turn for sweep in SWEEPS}) == len(SWEEPS)


def test_the_last_run_of_each_is_noted(ran):
    before = clock.now()
    for _ in range(2):
        with pytest.raises(CommandError):
            call_command("run_due")

    first, second, third = SweepRun.objects.order_by("pk")
    assert [first.name, second.name, third.name] == ["first", "second", "third"]
    assert (first.done, first.failed, first.error, first.runs) == (2, 0, "", 2)
    assert (second.done, second.error, second.runs) == (0, "RuntimeError", 2)
    assert before <= third.started_at <= third.finished_at <= clock.now()


def test_rows_that_failed_are_told_and_no_failure_of_the_sweep(db, capsys, monkeypatch):
    monkeypatch.setattr(run_due, "SWEEPS", [sweep_of("rows", lambda now: Swept(3, 1))])

    call_command("run_due")

    assert capsys.readouterr().out == "rows: 3 (1 failed)\n"
    run = SweepRun.objects.get()
    assert (run.done, run.failed, run.error) == (3, 1, "")


def told(**about) -> list[int]:
    rows = Notification.objects.filter(kind="sweep_trouble").order_by("recipient_id")
    return [row.recipient_id for row in rows if about.items() <= row.extra_data.items()]


def test_admins_are_told_once_of_a_row_that_fails_again_and_again(superadmin, admin, buyer):
    def poison(now):
        note_trouble(sweep="rows", object_id=7, error=KeyError(), now=now)
        return Swept(0, 1)

    staff = sorted([admin.pk, superadmin.pk])
    for errors in range(1, 8):
        run_sweep(sweep_of("rows", poison))
        assert told(object_id=7) == (staff if errors >= 5 else [])

    trouble = SweepTrouble.objects.get()
    assert (trouble.errors, trouble.told_at is not None) == (7, True)


class TestAClockThatLooksWrong:
    """What pays, ends or deletes by the clock stops; everything else goes on."""

    @pytest.fixture
    def paid(self) -> list:
        return []

    @pytest.fixture
    def pay(self, db, paid) -> Sweep:
        def run(now) -> int:
            paid.append(now)
            return 1

        return sweep_of("pay", run, moves_money=True)

    @pytest.fixture
    def both_clocks_moved(self, monkeypatch):
        """The database's clock goes with ours, as on the same machine."""

        @contextmanager
        def move(by: timedelta) -> Iterator[None]:
            drift = clockwork.clock_drift
            monkeypatch.setattr(clockwork, "clock_drift", lambda: abs(drift() - by))
            with clock.moved(by):
                yield
            monkeypatch.setattr(clockwork, "clock_drift", drift)

        return move

    def test_a_store_that_never_ran_begins(self, pay):
        assert run_sweep(pay) == Ran(done=1)

    def test_after_two_days_without_a_run_it_waits_for_somebody_to_say_so(
        self, pay, paid, admin, both_clocks_moved, caplog
    ):
        run_sweep(pay)

        with both_clocks_moved(timedelta(hours=49)):
            for _ in range(2):
                ran = run_sweep(pay)
                assert (ran.stopped, ran.went_well) == ("gap", False)
            run = SweepRun.objects.get()
            assert (run.stopped, run.runs, len(paid)) == ("gap", 1, 1)
            assert len(told(sweep="pay", stopped="gap")) == 2  # both of the staff, once
            assert caplog.text.count("pay is stopped (gap)") == 1  # not every ten seconds

            assert run_sweep(pay, confirm_clock=True) == Ran(done=1)
            assert run_sweep(pay) == Ran(done=1)

        run = SweepRun.objects.get()
        assert (run.stopped, run.runs, len(paid)) == ("", 3, 3)

    def test_two_days_are_not_too_long(self, pay, both_clocks_moved):
        run_sweep(pay)

        with both_clocks_moved(timedelta(hours=47)):
            assert run_sweep(pay) == Ran(done=1)

    @pytest.mark.parametrize("by", [timedelta(minutes=2), -timedelta(minutes=2)])
    def test_where_ours_and_the_databases_differ_nobody_is_paid(self, pay, paid, by):
        with clock.moved(by):
            assert run_sweep(pay).stopped == "drift"
            assert run_sweep(pay, confirm_clock=True) == Ran(done=1)

        assert len(paid) == 1

    def test_half_a_minute_is_nothing(self, pay):
        with clock.moved(timedelta(seconds=30)):
            assert run_sweep(pay) == Ran(done=1)

    def test_what_deletes_or_ends_something_stops_too_and_one_word_to_the_admins_is_enough(
        self, db, admin, caplog
    ):
        with clock.moved(timedelta(days=3)):
            for _twice in range(2):
                assert run_sweep(sweep_of("tidy", lambda now: 2)).stopped == "drift"

        assert caplog.text.count("tidy is stopped (drift)") == 1
        assert told(sweep="tidy") == []

    def test_what_is_right_by_any_clock_goes_on(self, db):
        with clock.moved(timedelta(days=400)):
            assert run_sweep(sweep_of("count", lambda now: 2, by_any_clock=True)) == Ran(done=2)

    def test_only_these_go_on(self):
        """A new sweep stops unless somebody has thought about it: can the next run right what it did?"""
        assert {sweep.name for sweep in SWEEPS if sweep.by_any_clock} == {
            "find_by_new_names",
            "refresh_prices",
            "refresh_popularity",
            "run_imports",
            "send_mail",
        }

    @pytest.mark.every_database
    def test_a_clock_that_jumps_leaves_the_form_keys(self, db, both_clocks_moved):
        """Three days ahead every key was forgotten, and the same form ordered twice."""
        key = idempotency.new_form_key(user_id=1, action="test")
        use = service(partial(idempotency.begin, user_id=1, action="test", payload="x", result="first"))
        assert use(form_key=key) is None
        assert run_by_name("forget_old_keys") == Ran(done=0)

        with clock.moved(timedelta(days=3)):
            assert run_by_name("forget_old_keys").stopped == "drift"
        with both_clocks_moved(timedelta(days=3)):
            assert run_by_name("forget_old_keys").stopped == "gap"
        with both_clocks_moved(timedelta(hours=47)):  # nothing tells that this is not so
            assert run_by_name("forget_old_keys") == Ran(done=0)

        assert use(form_key=key) == "first"

    @pytest.mark.parametrize("name", [sweep.name for sweep in SWEEPS if not sweep.by_any_clock])
    def test_no_other_sweep_of_ours_touches_anything(self, db, name, monkeypatch):
        sweep = clockwork.sweep_named(name)
        monkeypatch.setattr(clockwork, "SWEEPS", [replace(sweep, run=pytest.fail)])

        for by in (timedelta(days=3), -timedelta(days=3)):
            with clock.moved(by):
                assert run_by_name(name).stopped == "drift"

    def test_the_command_says_it_and_how_to_go_on(self, pay, paid, capsys, monkeypatch):
        tidy = sweep_of("tidy", lambda now: 2, by_any_clock=True)
        monkeypatch.setattr(run_due, "SWEEPS", [pay, tidy])

        with clock.moved(timedelta(minutes=2)):
            with pytest.raises(CommandError, match=r"Stopped: pay\..*run_due --confirm-clock"):
                call_command("run_due")
            assert paid == []
            call_command("run_due", confirm_clock=True)

        out = capsys.readouterr().out
        assert "pay: stopped. Our clock and the database's differ by more than a minute.\ntidy: 2\n" in out
        assert "pay: 1\ntidy: 2\n" in out

    def test_a_loop_believes_it_in_its_first_round_only(self, pay, monkeypatch):
        rounds = []

        def run(sweep, *, confirm_clock):
            rounds.append(confirm_clock)
            if len(rounds) == 3:
                signal.raise_signal(signal.SIGTERM)
            return Ran()

        monkeypatch.setattr(run_due, "run_sweep", run)
        monkeypatch.setattr(run_due, "SWEEPS", [pay])
        before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
        try:
            call_command("run_due", loop=0.01, confirm_clock=True)
        finally:
            for number, handler in zip((signal.SIGTERM, signal.SIGINT), before, strict=True):
                signal.signal(number, handler)

        assert rounds == [True, False, False]

    def test_what_pays_people_is_among_them(self):
        assert {sweep.name for sweep in SWEEPS if sweep.moves_money} >= {"complete_due"}


def test_a_sweep_is_run_by_its_name_too(ran, monkeypatch):
    monkeypatch.setattr(clockwork, "SWEEPS", run_due.SWEEPS)

    assert run_by_name("first") == Ran(done=2)
    with pytest.raises(KeyError):
        run_by_name("nonsense")

    assert ran == ["first"]


def test_admins_see_every_sweep_and_run_one_now(ran, monkeypatch):
    monkeypatch.setattr(clockwork, "SWEEPS", run_due.SWEEPS)
    note_trouble(sweep="second", object_id=7, error=KeyError(), now=clock.now())

    assert run_by_name("third") == Ran(done=2)

    lines = clockwork.sweep_lines()
    assert [(line.sweep.name, line.run and line.run.done, line.in_trouble) for line in lines] == [
        ("first", None, 0),
        ("second", None, 1),
        ("third", 2, 0),
    ]
    assert [row.object_id for row in clockwork.sweep_troubles()] == [7]


def test_the_loop_ends_when_it_is_told_to():
    command = [sys.executable, "manage.py", "run_due", "--loop", "30", "--only", SWEEPS[0].name]
    environ = {**os.environ, "DATABASE_URL": "sqlite://:memory:", "DEBUG": "true", "SECRET_KEY": "x"}
    loop = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environ, stderr=subprocess.PIPE, text=True)
    # Its first round fails (the database is empty) and says so: from then on it waits for the next.
    assert "failed" in loop.stderr.readline()
    time.sleep(0.3)
    loop.send_signal(signal.SIGTERM)

    loop.communicate(timeout=10)
    assert loop.returncode == 0
