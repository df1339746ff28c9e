"""The real server: what hangs gets no request and is replaced, what dies is there again, one has the port."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.conf import settings

from site_config.management.commands import run_due

TIMEOUT = 8  # seconds: the server's own, in these tests; a worker needs two to begin, on a busy machine more
PATIENCE = 60  # on a machine that does much else; nothing waits for that long if all is well
COMMAND = [sys.executable, "-m", "gunicorn", "-c", "python:site_config.gunicorn_conf"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """gunicorn as docs/deploy/ecs-web.service starts it, with two workers."""

    def __init__(self, database: str, **environ: str) -> None:
        self.port = free_port()
        self.environ = {
            "PATH": os.environ["PATH"],
            "DEBUG": "true",
            "SECRET_KEY": "only-for-this-test",
            "DATABASE_URL": f"sqlite:///{database}",
            "WEB_BIND": f"127.0.0.1:{self.port}",
            "WEB_WORKERS": "2",
            "WEB_TIMEOUT": str(TIMEOUT),
            **environ,
        }
        self.process = self.start()

    def start(self) -> subprocess.Popen:
        quiet = subprocess.DEVNULL
        return subprocess.Popen(COMMAND, cwd=settings.BASE_DIR, env=self.environ, stdout=quiet, stderr=quiet)

    def workers(self) -> list[int]:
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def ask(self, timeout: float = 2) -> int | str:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status
        except OSError as error:
            return type(error).__name__
        finally:
            connection.close()


@pytest.mark.parametrize(
    ("environ", "read"),
    [
        ({"WEB_WORKERS": "3", "WEB_BIND": "127.0.0.1:9", "WEB_TIMEOUT": "7"}, "3 127.0.0.1:9 7"),
        ({"WEB_WORKERS": "", "WEB_BIND": "", "WEB_TIMEOUT": ""}, f"{2 * os.cpu_count()} 127.0.0.1:8000 30"),
    ],
    ids=["named", "empty, which is as good as none"],
)
def test_it_reads_its_settings_as_the_store_reads_its_own(environ, read):
    asked = "from site_config import gunicorn_conf as c; print(c.workers, c.bind, c.timeout)"

    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=settings.BASE_DIR, env=environ, capture_output=True, text=True
    )

    assert done.stdout.strip() == read


def wait_for(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.1)


def run(server: Server) -> Iterator[Server]:
    try:
        wait_for(lambda: server.process.poll() is not None or server.ask() == 200)
        assert server.process.poll() is None
        yield server
    finally:
        for pid in server.workers() if server.process.poll() is None else []:
            os.kill(pid, signal.SIGCONT)
        server.process.send_signal(signal.SIGCONT)
        server.process.terminate()
        try:
            server.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            server.process.kill()


@pytest.fixture(scope="module")
def server(migrated) -> Iterator[Server]:
    yield from run(Server(migrated))


@pytest.fixture
def in_production(migrated) -> Iterator[Server]:
    """With DEBUG off; Django draws another page for a bug while it is on."""
    environ = {"DEBUG": "false", "DJANGO_SETTINGS_MODULE": "site_config.storm.settings"}
    yield from run(
        Server(migrated, ALLOWED_HOSTS="localhost,127.0.0.1", SITE_URL="http://localhost", **environ)
    )


pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="asks Linux for the workers"),
]


@pytest.mark.costly("starts the real server and waits for its timeout", seconds=60)
def test_a_worker_that_hangs_takes_no_request_and_is_replaced(server):
    stopped = server.workers()[0]
    os.kill(stopped, signal.SIGSTOP)

    answers = Counter(server.ask() for _ in range(20))

    assert answers == {200: 20}
    assert server.workers()[0] == stopped, "they were answered while it hung"
    wait_for(lambda: stopped not in server.workers() and len(server.workers()) == 2)
    assert server.ask() == 200


@pytest.mark.costly("starts the real server", seconds=60)
def test_workers_that_die_one_after_another_are_there_again(server):
    for _ in range(6):
        before = server.workers()
        os.kill(before[-1], signal.SIGKILL)
        wait_for(lambda gone=before[-1]: gone not in server.workers() and len(server.workers()) == 2)

    assert server.process.poll() is None
    assert Counter(server.ask() for _ in range(10)) == {200: 10}


@pytest.mark.costly("starts the real server and waits for its timeout", seconds=60)
def test_a_request_that_takes_too_long_is_a_503_with_our_headers(in_production):
    """Its worker is ended; gunicorn alone would answer with a bare 500, as if there were a bug."""
    head = b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n"
    head += b"Content-Type: application/x-www-form-urlencoded\r\n\r\nlogin="
    with socket.create_connection(("127.0.0.1", in_production.port), PATIENCE) as line:
        line.sendall(head)  # and the rest never comes
        answer = line.makefile("rb").read().decode()

    assert answer.startswith("HTTP/1.1 503")
    assert "Retry-After" in answer
    assert "Content-Security-Policy" in answer
    wait_for(lambda: len(in_production.workers()) == 2)
    assert in_production.ask() == 200


@pytest.mark.costly("starts the real server twice", seconds=60)
def test_a_second_server_does_not_share_the_port(server):
    assert server.start().wait(PATIENCE) != 0
    assert server.ask() == 200


@pytest.fixture
def listener(tmp_path) -> Iterator[socket.socket]:
    """Where systemd listens; `tmp_path` may be too long an address for a socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(f"\0ecs-{os.getpid()}-{time.monotonic_ns()}")
        line.settimeout(PATIENCE)
        yield line


def address_of(line: socket.socket) -> str:
    return "@" + line.getsockname()[1:].decode()


def words(line: socket.socket, seconds: float) -> list[str]:
    """What is said within so many seconds."""
    until, said = time.monotonic() + seconds, []
    while (left := until - time.monotonic()) > 0:
        line.settimeout(left)
        try:
            said.append(line.recv(1000).decode().splitlines()[0])
        except TimeoutError:
            break
    return said


@pytest.mark.costly("starts the real server", seconds=60)
def test_systemd_hears_that_pages_are_served_and_nothing_while_none_is(migrated, listener):
    environ = {"NOTIFY_SOCKET": address_of(listener), "WATCHDOG_USEC": "2000000", "WEB_TIMEOUT": "60"}
    for server in run(Server(migrated, **environ)):
        assert listener.recv(1000).decode().startswith("READY=1")
        assert "WATCHDOG=1" in words(listener, 4)

        for pid in server.workers():
            os.kill(pid, signal.SIGSTOP)
        words(listener, 1)
        assert "WATCHDOG=1" not in words(listener, 2)

        for pid in server.workers():
            os.kill(pid, signal.SIGCONT)
        assert "WATCHDOG=1" in words(listener, 4)
        server.process.send_signal(signal.SIGSTOP)
        words(listener, 1)
        assert "WATCHDOG=1" not in words(listener, 2), "a master that is stuck looks after nobody"


def test_the_loop_of_sweeps_says_that_it_goes_on(listener, monkeypatch):
    monkeypatch.setenv("NOTIFY_SOCKET", address_of(listener))
    command, rounds = run_due.Command(), []

    def once(*args, **kwargs) -> None:
        rounds.append(1)
        signal.raise_signal(signal.SIGTERM)

    usual = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(command, "run_one", once)
    try:
        command.run_for_ever(run_due.SWEEPS[:1], pause=0, confirm_clock=False)
    finally:
        signal.signal(signal.SIGTERM, usual[0])
        signal.signal(signal.SIGINT, usual[1])

    assert words(listener, 0.5) == ["READY=1", "WATCHDOG=1", "WATCHDOG=1"]


@pytest.mark.parametrize(
    "unit", sorted(Path(settings.BASE_DIR, "docs", "deploy").glob("*.service")), ids=lambda p: p.name
)
def test_every_unit_is_started_again_for_ever(unit):
    text = unit.read_text()

    assert "Restart=always" in text
    assert "StartLimitIntervalSec=0" in text.partition("[Service]")[0]
    assert "WatchdogSec=" in text or "celery" in text
