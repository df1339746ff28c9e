"""gunicorn as in production, with two differences.

A lever: SIGUSR2 sets the clock of one worker three days ahead, or back again. And templates are compiled before the
workers are forked: in a storm a worker lives for a second, and would do nothing else.
"""

import signal
import time
from datetime import timedelta
from typing import Any

from site_config.gunicorn_conf import *  # noqa: F403

WRONG_BY = timedelta(days=3)


def when_ready(server: Any) -> None:
    from django.conf import settings
    from django.template.loader import get_template
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018  read when it is asked for
    folder = settings.BASE_DIR / "templates"
    for path in folder.rglob("*.html"):
        get_template(str(path.relative_to(folder)))


def post_worker_init(worker: Any) -> None:
    """Once the worker's own signals are set."""
    from marketplace.common import clock

    machine, seconds = clock.machine, time.time

    def set_clock(number: int, frame: object) -> None:
        is_right = clock.machine is machine
        clock.machine = (lambda: machine() + WRONG_BY) if is_right else machine
        time.time = (lambda: seconds() + WRONG_BY.total_seconds()) if is_right else seconds

    signal.signal(signal.SIGUSR2, set_clock)
