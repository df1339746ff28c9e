"""The one place that reads the time, so that tests can move it and nothing else can."""

from datetime import datetime

from django.utils import timezone


def now() -> datetime:
    """The present moment, aware, UTC."""
    return timezone.now()  # noqa: TID251
