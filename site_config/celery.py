"""The sweeps on Celery, the third way to run them, for stores that have Redis (docs/production.md).

A task takes the name of a sweep and calls what `manage.py run_due` calls, so it may run never, once or
ten times, late or beside the other two. Redis only carries names; it may be emptied at any time.

    celery -A site_config worker --concurrency 2
    celery -A site_config beat
"""

import os

from celery import Celery
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")

SHORTEST = 5  # seconds between two runs of a sweep

if not settings.REDIS_URL:
    raise ImproperlyConfigured(
        "Celery needs REDIS_URL. Without it `manage.py run_due --loop 10` does the same work."
    )

app = Celery("ecs-store", broker=settings.REDIS_URL)
app.conf.update(
    task_ignore_result=True,
    task_default_queue="sweeps",
    # Beside the cache's keys in the same Redis.
    broker_transport_options={"global_keyprefix": "ecs-celery:"},
    broker_connection_retry_on_startup=True,
    # A worker takes one name at a time, so that a long sweep holds up no other.
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_max_tasks_per_child=1000,
    timezone="UTC",
)


@app.task(name="run_sweep")
def run(name: str) -> None:
    """Run the sweep of that name. One that is no more (an older beat sent it) is left alone."""
    from marketplace.web.clockwork import SWEEPS, run_by_name

    if name in {sweep.name for sweep in SWEEPS}:
        run_by_name(name)


@app.on_after_finalize.connect
def plan(sender: Celery, **given: object) -> None:
    """Tell beat how often each sweep is worth running. What nobody took until the next time is dropped."""
    from marketplace.web.clockwork import SWEEPS

    for sweep in SWEEPS:
        every = max(sweep.every, SHORTEST)
        sender.add_periodic_task(every, run.s(sweep.name), name=sweep.name, expires=every)
