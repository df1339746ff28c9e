"""Where a page of products ended: the sort, the value that it sorts by, and the product's key."""

from datetime import UTC, datetime, timedelta

from marketplace.common import cursors

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LATEST = 10**17  # microseconds: in the year 5138


def write_cursor(sort: str, value: int | datetime, pk: int) -> str:
    """Where a page ended, for a URL."""
    if isinstance(value, datetime):
        value = (value - EPOCH) // _MICROSECOND
    return cursors.write_cursor(sort, value, pk)


def read_cursor(text: str, sort: str) -> tuple[int, int] | None:
    """What `write_cursor` wrote for this sort; None for anything else: the list begins at its start."""
    match cursors.read_cursor(text):
        case [str() as written_for, int() as value, int() as pk] if written_for == sort:
            if sort != "newest" or 0 <= value < _LATEST:
                return value, pk
    return None
