"""How pages are served for real: `gunicorn -c python:site_config.gunicorn_conf` (docs/decisions/0017)."""

import contextlib
import signal
import socket
from pathlib import Path
from types import FrameType
from typing import Any

from site_config import environment, watchdog

env = environment.Env()

wsgi_app = "site_config.wsgi:application"
bind = env.str("WEB_BIND", default="127.0.0.1:8000")  # one listens on it: a second server ends
# One request a worker: who hangs is a worker that hangs, and is killed and replaced.
worker_class = "sync"
workers = environment.web_workers(env)
# Seconds without a sign of life: a request that takes longer, a stopped process. Twice what the database may take.
timeout = env.int("WEB_TIMEOUT", default=30)
graceful_timeout = 20  # what is under way at a restart may come to its end
backlog = 256  # who comes when so many wait already is told at once, by the proxy
# A worker that leaks ends before it hurts, and not all of them at once.
max_requests, max_requests_jitter = 20_000, 2_000
# Loaded once and then forked: a new worker serves at once, and a store that cannot start ends here and says why.
preload_app = True
# The sign of life is a file's time: never on a disk that may stall.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True


def when_ready(server: Any) -> None:
    """Read what the first request would have to, and tell systemd from now on whether pages are served."""
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018  read when it is asked for
    if seconds := watchdog.seconds():
        signal.signal(signal.SIGALRM, _look)
        signal.setitimer(signal.ITIMER_REAL, seconds / 4, seconds / 4)


def worker_abort(worker: Any) -> None:
    """A request takes longer than `timeout`, and its worker is about to end: a 503 with a second to be drawn in.

    gunicorn alone answers with a bare 500. Raised wherever the request is; what a service has not committed is undone.
    Who hangs where no signal is heard is killed without an answer.
    """
    from django.utils.translation import gettext as _

    from marketplace.common.errors import OutOfTime

    raise OutOfTime(_("The store is very busy right now. Please try again."))


def _look(number: int, frame: FrameType | None) -> None:
    """Between two looks of the master after its workers: whoever answers at all, the server is alive.

    A master that is stuck does not come here, and where every worker hangs nobody answers: systemd ends both.
    """
    if _answers(bind, within=min(watchdog.seconds() / 8, 3)):
        watchdog.alive()


def _answers(address: str, *, within: float) -> bool:
    host, _colon, port = address.rpartition(":")
    with (
        contextlib.suppress(OSError),
        socket.create_connection((host.strip("[]"), int(port)), within) as line,
    ):
        line.settimeout(within)
        line.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
        return line.recv(5) == b"HTTP/"
    return False
