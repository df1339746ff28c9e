"""Servers as they are run in production, and what they and PostgreSQL spent in processor time."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from .load import ask_once, get

TICKS = os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def server(*, port: int, settings_module: str, database_url: str, log: Path) -> Iterator[subprocess.Popen]:
    """gunicorn as docs/deploy/ecs-web.service starts it, until the block is left."""
    environ = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": settings_module,
        "DATABASE_URL": database_url,
        "DEBUG": "false",
        "LOG_LEVEL": "ERROR",
        "WEB_BIND": f"127.0.0.1:{port}",
    }
    command = [sys.executable, "-m", "gunicorn", "-c", "python:site_config.gunicorn_conf"]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  our own program
            command, cwd=settings.BASE_DIR, env=environ, stdout=output, stderr=output, start_new_session=True
        )
        try:
            _wait(process, port, log)
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _wait(process: subprocess.Popen, port: int, log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            ask_once(port, get("/healthz"))
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the server on port {port} did not come up: {log.read_text()[-2000:]}")


def _seconds(pid: int) -> float:
    """User and system time of a process, in seconds; 0 if it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def _children(pid: int) -> list[int]:
    found = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


def tree_seconds(pid: int) -> float:
    """Processor time of a process and of all that it started."""
    return _seconds(pid) + sum(tree_seconds(child) for child in _children(pid))


class BackendClock:
    """What PostgreSQL's processes behind a database spend; those that end in between count as last seen."""

    def __init__(self, pids: list[int]) -> None:
        self.first = {pid: _seconds(pid) for pid in pids}
        self.last = dict(self.first)

    def look(self, pids: list[int]) -> None:
        for pid in pids:
            self.first.setdefault(pid, 0.0)
            self.last[pid] = max(_seconds(pid), self.last.get(pid, 0.0))

    @property
    def spent(self) -> float:
        return sum(self.last[pid] - self.first[pid] for pid in self.first)
