import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from site_config.management.commands import run_due
from site_config.sweeps import SWEEPS, Sweep


@pytest.fixture
def ran(monkeypatch) -> list[str]:
    """Three sweeps that note that they ran; the second one breaks."""
    ran: list[str] = []

    def sweep(name: str, *, breaks: bool = False):
        def run(now) -> int:
            ran.append(name)
            if breaks:
                raise RuntimeError("this row is poison")
            return 2

        return Sweep(name, run)

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


def test_every_sweep_has_a_name_of_its_own():
    assert len({sweep.name for sweep in SWEEPS}) == len(SWEEPS)


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
