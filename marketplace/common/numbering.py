"""Numbers without gaps: the next one is given under the lock of its series, in the transaction that uses it."""

from .locking import lock_row
from .models import NumberSeries


def lock_series(name: str) -> NumberSeries:
    """The series under its lock, from its first number on. An inner step."""
    NumberSeries.objects.bulk_create([NumberSeries(name=name)], ignore_conflicts=True)
    return lock_row(NumberSeries, NumberSeries.objects.values_list("pk", flat=True).get(name=name))


def next_number(series: NumberSeries) -> int:
    """The number after the last one of a locked series; what is rolled back gives it back."""
    series.last += 1
    series.save(update_fields=["last"])
    return series.last
