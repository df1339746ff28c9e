"""What a courier has done."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from courier import maps
from courier.whereabouts import whereabouts
from marketplace.accounts.models import Role, User
from marketplace.delivery.selectors.couriers import courier_state, courier_summary, done_by_day, wrong_tries
from marketplace.delivery.selectors.jobs import done_jobs
from marketplace.delivery.selectors.rounds import JobsPage, active_jobs
from marketplace.delivery.services import note_address_read
from marketplace.delivery.services.confirming import WRONG_A_DAY
from marketplace.web.access import for_roles

WIDTH, HEIGHT, GAP = 420, 96, 6
# So few wrong PINs happen; from here on a courier is told where they stand.
WARN_FROM = 5


@dataclass(frozen=True)
class Bar:
    """A day of the chart, in the units of its SVG."""

    day: date
    number: int
    x: int
    y: int
    width: int
    height: int


@require_GET
@for_roles(Role.DELIVERY)
def me(request: HttpRequest) -> HttpResponse:
    """Done today, this week and ever, today's round on a map, and the way to the courier's own pages."""
    user = request.user
    here = whereabouts(request).place
    round_ = active_jobs(user, here)
    _note_doors(user, round_)
    days, wrong = done_by_day(user), wrong_tries(user)
    context = {
        "summary": courier_summary(user),
        "state": courier_state(user),
        "wrong": wrong,
        "warn_of_tries": wrong >= WARN_FROM,
        "limit_of_tries": WRONG_A_DAY,
        "round": round_,
        "map": maps.of_round(round_, here),
        "bars": bars(days),
        "chart": {"width": WIDTH, "height": HEIGHT, "days": len(days), "total": sum(n for _day, n in days)},
        "first_day": days[0][0],
        "ended": done_jobs(user, most=8),
    }
    return render(request, "courier/me.html", context)


def bars(days: list[tuple[date, int]]) -> list[Bar]:
    """The days as bars; the highest fills the chart, an empty one is a line."""
    most = max((number for _day, number in days), default=0) or 1
    step = (WIDTH + GAP) / len(days)
    return [
        Bar(
            day=day,
            number=number,
            x=round(place * step),
            y=HEIGHT - (height := max(2, round(HEIGHT * number / most))),
            width=round(step) - GAP,
            height=height,
        )
        for place, (day, number) in enumerate(days)
    ]


def _note_doors(user: User, page: JobsPage) -> None:
    """The map shows the buyers' doors: that is reading their addresses."""
    for job in page.jobs:
        if job.shows_a_home and not job.address_is_noted:
            note_address_read(delivery_id=job.pk, actor=user)
