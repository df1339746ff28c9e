"""`manage.py up`, what `make run` calls: database, demo goods, web server and sweep loop in one go."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from types import FrameType

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from marketplace.accounts.models import User
from marketplace.common import currency
from site_config.demo import world
from site_config.demo.people import accounts_to_show

READY_WITHIN = 30  # seconds
END_WITHIN = 10
SWEEP_PAUSE = "5"
EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104  only compared with


class Stopped(Exception):
    """Somebody pressed Ctrl-C or sent SIGTERM."""


class Command(BaseCommand):
    help = "Start the store on this machine: migrate, stock it on the first run, serve, sweep."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=os.environ.get("PORT", "8000"))
        parser.add_argument("--no-demo", action="store_true", help="leave an empty store empty")

    def handle(self, *, host: str, port: int, no_demo: bool, **options: object) -> None:
        refuse_a_port_in_use(host, port)
        sys.stdout.reconfigure(line_buffering=True)  # what is said is seen at once, in a pipe too
        try:
            with signals_raise():
                self.migrate()
                if not no_demo and wants_stock():
                    self.stock()
                with children() as start:
                    self.serve(start, host, port)
        except Stopped:
            self.stdout.write("\nStopped.")

    def stock(self) -> None:
        """Load the demo; stopped half way it goes on from there at the next start."""
        self.stdout.write("Stocking the store with demo goods, once (a few minutes) …")
        call_command("demo", verbosity=1 if sys.stderr.isatty() else 0)

    def migrate(self) -> None:
        """Bring the database up to date; a second start only looks."""
        try:
            executor = MigrationExecutor(connection)
        except OperationalError as error:
            raise CommandError(
                f"The database does not answer: {error}\nIs the DATABASE_URL right?"
            ) from error
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("Preparing the database …")
            call_command("migrate", interactive=False, verbosity=0)
        currency.keep()
        if said := currency.differs():
            raise CommandError(f"{said} Set it back, or name another DATABASE_URL.")

    def serve(self, start, host: str, port: int) -> None:
        """Start both programs, say where the store is, and stay until one of them or somebody ends it."""
        shown = "localhost" if host in EVERYWHERE | {"127.0.0.1", "::1"} else host
        address = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"
        environ = {
            **os.environ,
            "SITE_URL": os.environ.get("SITE_URL", address),
            "ALLOWED_HOSTS": ",".join([*settings.ALLOWED_HOSTS, *names_of_this_machine(host)]),
            "CONN_MAX_AGE": "0",  # under ASGI a request has a thread of its own
            # Django's static files are read in one go under ASGI, which is what is wanted here.
            "PYTHONWARNINGS": "ignore:StreamingHttpResponse must consume",
        }
        server = start(
            [
                *(sys.executable, "-m", "granian", "site_config.asgi:application"),
                *("--interface", "asginl", "--host", host, "--port", str(port)),
                *("--workers", "1", "--log-level", "warning", "--workers-kill-timeout", "3"),
            ],
            environ,
        )
        # A demo that was closed for a week goes on where it was, and pays its sellers.
        due = [sys.executable, "manage.py", "run_due", "--confirm-clock", "--loop", SWEEP_PAUSE]
        sweeps = start(due, environ)
        wait_until_it_answers(server, host, port)
        self.stdout.write(f"\nThe store is open at {address}\n")
        self.tell_accounts()
        self.stdout.write("Ctrl-C ends it.")
        while server.poll() is None and sweeps.poll() is None:
            time.sleep(0.5)
        name = "web server" if server.poll() is not None else "sweep loop"
        raise CommandError(f"The {name} ended by itself; its own words are above.")

    def tell_accounts(self) -> None:
        """One account a role, if the demo's people live here."""
        if world.has_begun():
            self.stdout.write("\n".join([*accounts_to_show(), ""]))


def wants_stock() -> bool:
    """Whether the store is empty, or its stocking was interrupted. Never one that is somebody's own."""
    if world.reasons_against():
        return False
    return not world.is_complete() if world.has_begun() else not User.objects.exists()


def refuse_a_port_in_use(host: str, port: int) -> None:
    """Raise CommandError, in words, unless a server could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OverflowError as error:
            raise CommandError(f"{port} is no port: they go up to 65535.") from error
        except OSError as error:
            raise CommandError(
                f"Port {port} on {host} cannot be used: {error.strerror.lower()}."
                f" Take another one:  make run PORT={port + 1}"
            ) from error


def names_of_this_machine(host: str) -> list[str]:
    """What a browser may call us, when we listen on more than the loopback."""
    if host not in EVERYWHERE:
        return [host]
    names = {socket.gethostname()}
    with contextlib.suppress(OSError):
        names.update(info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None))
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing; asks which of our addresses would be used
        names.add(probe.getsockname()[0])
    return sorted(names)


def wait_until_it_answers(server: subprocess.Popen, host: str, port: int) -> None:
    """Return once the health page does; raise CommandError if the server ends or takes too long."""
    loopback = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    url = f"http://{f'[{loopback}]' if ':' in loopback else loopback}:{port}/healthz"
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise CommandError("The web server did not start; its own words are above.")
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except urllib.error.HTTPError as error:
            raise CommandError(f"The web server answers {error.code} at {url}.") from error
        except OSError:
            time.sleep(0.1)
    raise CommandError(f"The web server did not answer within {READY_WITHIN} seconds.")


@contextlib.contextmanager
def signals_raise() -> Iterator[None]:
    """Within it, Ctrl-C, SIGTERM and a closed terminal raise `Stopped`; the second time nothing."""

    def stop(number: int, frame: FrameType | None) -> None:
        for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(ending, signal.SIG_IGN)
        raise Stopped

    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, stop)
    yield


@contextlib.contextmanager
def children() -> Iterator:
    """Gives `start(command, environ)`. Whatever was started has ended when the block is left."""
    started: list[subprocess.Popen] = []

    def start(command: list[str], environ: dict[str, str]) -> subprocess.Popen:
        # A session of its own, so that Ctrl-C reaches only us and we end everything in order.
        child = subprocess.Popen(  # noqa: S603  our own programs
            command, cwd=settings.BASE_DIR, env=environ, start_new_session=True, preexec_fn=die_with_us
        )
        started.append(child)
        return child

    try:
        yield start
    finally:
        for child in started:
            tell_group(child, signal.SIGTERM)
        deadline = time.monotonic() + END_WITHIN
        for child in started:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=max(0.1, deadline - time.monotonic()))
            tell_group(child, signal.SIGKILL)  # a worker whose parent is gone
            child.wait()


def tell_group(child: subprocess.Popen, number: int) -> None:
    """Send a signal to the child and to all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, number)


def die_with_us() -> None:
    """On Linux a child is told to end when we are killed outright (kill -9), so nothing is left over."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
