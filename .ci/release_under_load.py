"""A release while people buy: .ci/release-under-load starts this in the tree of the code of before.

NEW KIND SECONDS: that code serves under the storm's load; NEW's `migrate` runs meanwhile; the code of before goes on
on the new tables; both take requests in turn; then the new one alone. Counted as every storm is, and audited.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")
sys.path.insert(0, os.getcwd())  # noqa: PTH109  the tree of before, which this file is not in
django.setup()

from site_config.management.commands.storm import DATABASES  # noqa: E402
from site_config.storm import report  # noqa: E402
from site_config.storm.run import Storm  # noqa: E402
from site_config.storm.servers import Sweeps, Web  # noqa: E402
from site_config.storm.troubles import Stage, Trouble, again  # noqa: E402

NEW, KIND, SECONDS = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
TRIES = 8  # a migrate that met a lock is run again, as production.md says


def launch_new(program: Web | Sweeps) -> None:
    with program.log.open("ab") as output:
        program.process = subprocess.Popen(
            program.command(),
            cwd=NEW,
            env=program.environ(),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


class NewWeb(Web):
    launch = launch_new


class NewSweeps(Sweeps):
    launch = launch_new


def manage(*words: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, cwd=NEW, env=environ, capture_output=True, text=True, check=False)


def release(stage: Stage, seconds: float) -> int:
    begun = time.monotonic()
    for number in range(1, TRIES + 1):
        done = manage("migrate", "--noinput", environ=stage.web.store | {"REDIS_URL": ""})
        if not done.returncode:
            break
        print(f"migrate, try {number}: {done.stderr.strip().splitlines()[-1]}")
        time.sleep(1)
    else:
        raise SystemExit(done.stderr)
    print(f"migrate: {number} tries, {time.monotonic() - begun:.1f} s, {done.stdout.count('OK')} migrations")
    time.sleep(seconds)
    old = stage.web
    new, sweeps = NewWeb(old.folder, "web-new", old.store), NewSweeps(old.folder, "sweeps-new", old.store)
    new.start()
    turns = 0
    for turns, _ in enumerate(again(seconds, 0.25), 1):
        stage.to_people.target = (old.port, new.port)[turns % 2]
    stage.to_people.target = new.port
    time.sleep(2)  # what the code of before has begun is answered
    stage.sweeps.stop()
    old.stop()
    sweeps.start()
    stage.web, stage.sweeps = new, sweeps
    time.sleep(seconds)
    return turns


storm = Storm(DATABASES[KIND], clients=8, seconds=SECONDS, say=print)
with storm.set_up():
    try:
        row = storm.weather(Trouble("release", "a release while people buy", release), 0)
        print(report.line(row))
        for fault in row.faults:
            print("FAULT", fault)
        audit = manage("audit_books", environ=storm.own)
        print(audit.stdout.strip().splitlines()[-1] if audit.stdout.strip() else audit.stderr)
    finally:
        storm.stage.web.stop()
        storm.stage.sweeps.stop()
sys.exit(bool(row.faults or audit.returncode))
