"""`make run`'s command: one sentence for what is wrong, and nothing left over when it ends."""

import contextlib
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from site_config.demo import world
from site_config.demo.people import PASSWORD as DEMO_PASSWORD
from site_config.demo.people import PEOPLE
from site_config.management.commands import up

PATIENCE = 200  # seconds, on a slow machine that runs the rest of the suite beside


class Store:
    """A started `manage.py up`, on a port and a database of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder = folder
        self.mark = f"ECS_TEST_{uuid.uuid4().hex}"
        self.environ = {
            "PATH": os.environ["PATH"],
            "DEBUG": "true",
            "SECRET_KEY": "only-for-this-test",
            "DATABASE_URL": f"sqlite:///{folder / 'store.sqlite3'}",
            "MEDIA_ROOT": str(folder / "media"),
            self.mark: "1",
        }

    def start(self, *where: str) -> subprocess.Popen:
        where = where or ("--port", str(self.port))
        return subprocess.Popen(
            [sys.executable, "manage.py", "up", "--no-demo", *where],
            cwd=settings.BASE_DIR,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def processes(self) -> list[int]:
        """All that live of what was started, however far down."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark in (folder / "environ").read_text(errors="replace"):
                    found.append(int(folder.name))
            except OSError:
                continue
        return found

    def wait_until_nothing_lives(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while self.processes() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert self.processes() == []

    def kill_all(self) -> None:
        for left in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(left, signal.SIGKILL)


@pytest.fixture
def store(tmp_path) -> Iterator[Store]:
    store = Store(tmp_path)
    yield store
    store.kill_all()


@pytest.fixture(autouse=True)
def nothing_waits_for_ever(store) -> Iterator[None]:
    """Whoever reads from a program that says nothing more gets an end of file after `PATIENCE`."""
    watchdog = threading.Timer(PATIENCE, store.kill_all)
    watchdog.start()
    yield
    watchdog.cancel()


def read_until(program: subprocess.Popen, word: str) -> str:
    text = ""
    while word not in text:
        line = program.stdout.readline()
        assert line, f"it ended before it said {word!r}:\n{text}"
        text += line
    return text


@pytest.fixture
def started_before(store, migrated) -> None:
    """The store's database is there already."""
    shutil.copyfile(migrated, store.folder / "store.sqlite3")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda s: s.name)
@pytest.mark.usefixtures("started_before")
def test_whatever_ends_it_ends_all_of_it(store, number):
    program = store.start()
    with program:
        said = read_until(program, "Ctrl-C")
        with urllib.request.urlopen(f"http://127.0.0.1:{store.port}/healthz") as answer:
            assert answer.read() == b"ok\n"
        assert len(store.processes()) >= 3  # us, the server, the loop

        program.send_signal(number)
        program.stdout.read()

    assert f"http://localhost:{store.port}" in said
    assert program.returncode == (-signal.SIGKILL if number == signal.SIGKILL else 0)
    store.wait_until_nothing_lives()


def test_a_port_in_use_is_told_in_a_sentence_with_a_way_out(store):
    with socket.socket() as other:
        other.bind(("127.0.0.1", store.port))
        other.listen()
        program = store.start()
        said, _ = program.communicate(timeout=PATIENCE)

    assert program.returncode == 1
    assert f"Port {store.port} on 127.0.0.1 cannot be used: address already in use." in said
    assert f"make run PORT={store.port + 1}" in said
    assert "Traceback" not in said


def test_a_database_that_does_not_answer_is_told_in_a_sentence(store):
    store.environ["DATABASE_URL"] = "postgres://nobody@127.0.0.1:1/nothing"
    program = store.start()
    said, _ = program.communicate(timeout=PATIENCE)

    assert program.returncode == 1
    assert "The database does not answer" in said
    assert "Traceback" not in said


@pytest.mark.costly("starts the store twice, in processes of their own", seconds=60)
def test_a_second_start_prepares_nothing_again_and_listens_where_the_environment_says(store):
    store.environ |= {"PORT": str(store.port), "HOST": "127.0.0.2"}
    said = []
    for _ in range(2):
        with store.start("--verbosity=1") as program:
            said.append(read_until(program, "Ctrl-C"))
            with urllib.request.urlopen(f"http://127.0.0.2:{store.port}/healthz") as answer:
                assert answer.read() == b"ok\n"
            program.send_signal(signal.SIGINT)
            program.stdout.read()

    assert "Preparing the database" in said[0]
    assert "Preparing the database" not in said[1]
    assert f"The store is open at http://127.0.0.2:{store.port}" in said[1]


@pytest.mark.parametrize(
    ("begun", "complete", "people", "wanted"),
    [
        (False, False, False, True),  # the first start
        (True, False, True, True),  # it was interrupted
        (True, True, True, False),  # every later one
        (False, False, True, False),  # somebody's own store
    ],
)
def test_a_store_is_stocked_once_and_never_somebodys_own(
    db, person, monkeypatch, settings, begun, complete, people, wanted
):
    settings.DEBUG = True
    monkeypatch.setattr(world, "has_begun", lambda: begun)
    monkeypatch.setattr(world, "is_complete", lambda: complete)
    if people:
        person()

    assert up.wants_stock() is wanted


def test_a_store_without_debug_is_never_stocked_by_itself(db):
    assert not up.wants_stock()


@pytest.mark.parametrize("begun", [True, False])
def test_accounts_are_told_where_the_demos_people_live(monkeypatch, begun):
    monkeypatch.setattr(world, "has_begun", lambda: begun)
    told = io.StringIO()

    up.Command(stdout=told).tell_accounts()

    told = told.getvalue()
    assert (DEMO_PASSWORD in told) is begun
    assert all((person.email in told) is begun for person in PEOPLE if person.says)
