"""Moments as people read them, in the zone that is active (the person's; marketplace.web.middleware)."""

from datetime import date, datetime

from django.utils import formats, timezone


def zone_label(at: datetime) -> str:
    """How far the active zone is from UTC at that moment: "UTC", "UTC+1", "UTC−3:30".

    Letters such as CST or IST name several zones, and many zones have none.
    """
    offset = timezone.localtime(at).utcoffset()
    assert offset is not None, "an aware moment has one"
    minutes = round(offset.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    if not minutes:
        return "UTC"
    return f"UTC{'+' if minutes > 0 else '−'}{hours}" + (f":{rest:02d}" if rest else "")


def exact(at: datetime) -> str:
    """Where it matters when exactly: "28 Nov 2026, 10:21 (UTC+1)"."""
    return f"{short(at)} ({zone_label(at)})"


def short(at: datetime) -> str:
    """ "28 Nov 2026, 10:21", beside others of the same zone."""
    return formats.date_format(timezone.localtime(at), "DATETIME_FORMAT")


def midnight(day: date) -> datetime:
    """When a day begins in the active zone; where its clocks skip midnight, the first moment after that."""
    return datetime(day.year, day.month, day.day, tzinfo=timezone.get_current_timezone())


def day_of(at: datetime) -> date:
    """Which day it is in the active zone at that moment."""
    return timezone.localtime(at).date()
