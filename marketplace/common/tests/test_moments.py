from datetime import UTC, datetime

import pytest
from django.utils import timezone

from marketplace.common.moments import exact

WINTER, SUMMER = datetime(2026, 1, 15, 12, 0, tzinfo=UTC), datetime(2026, 7, 15, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "at", "shown"),
    [
        ("UTC", WINTER, "15 Jan 2026, 12:00 (UTC)"),
        ("Europe/London", WINTER, "15 Jan 2026, 12:00 (UTC)"),
        ("Europe/London", SUMMER, "15 Jul 2026, 13:00 (UTC+1)"),
        ("America/St_Johns", WINTER, "15 Jan 2026, 08:30 (UTC−3:30)"),
        ("Asia/Kathmandu", SUMMER, "15 Jul 2026, 17:45 (UTC+5:45)"),
        ("Pacific/Kiritimati", WINTER, "16 Jan 2026, 02:00 (UTC+14)"),
    ],
)
def test_an_exact_moment_names_its_zone(zone, at, shown):
    with timezone.override(zone):
        assert exact(at) == shown
