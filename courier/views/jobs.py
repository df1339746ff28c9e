"""What a courier carries, in the order of the stops."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from courier.whereabouts import whereabouts
from marketplace.accounts.models import Role
from marketplace.common.errors import Invalid
from marketplace.delivery.models import Delivery
from marketplace.delivery.selectors.couriers import courier_state
from marketplace.delivery.selectors.rounds import active_jobs
from marketplace.delivery.services import sort_jobs
from marketplace.web.access import for_roles
from marketplace.web.forms import FRESH, NOTHING_SENT, Refusal, answer_form
from marketplace.web.htmx import render_part, wants_part
from marketplace.web.see_other import see_other
from marketplace.web.typed import is_sent, sent, sent_list

PAGE = "courier/jobs.html"
MOST_SENT = 100


@require_GET
@for_roles(Role.DELIVERY)
def jobs(request: HttpRequest) -> HttpResponse:
    """The courier's parcels in the order of their stops."""
    return _round(request)


@require_POST
@for_roles(Role.DELIVERY)
def sort(request: HttpRequest) -> HttpResponse:
    """One parcel earlier or later in the round, or back to the store's suggestion.

    The form holds the order that its sender saw, so that a double tap moves a parcel once.
    """
    numbers = list(dict.fromkeys(sent_list(request, "number")))[:MOST_SENT]
    if is_sent(request, "suggest"):
        numbers = []
    else:
        _move(numbers, sent(request, "up"), -1)
        _move(numbers, sent(request, "down"), 1)

    def sort() -> list[Delivery]:
        if not numbers and not is_sent(request, "suggest"):
            raise Invalid(NOTHING_SENT)
        return sort_jobs(actor=request.user, numbers=numbers)

    return answer_form(
        request,
        sort,
        done=lambda jobs: _round(request) if wants_part(request) else see_other("courier:jobs"),
        page=lambda refusal: _round(request, refusal),
    )


def _move(numbers: list[str], number: str, by: int) -> None:
    if number in numbers:
        place = numbers.index(number)
        to = max(0, min(len(numbers) - 1, place + by))
        numbers.insert(to, numbers.pop(place))


def _round(request: HttpRequest, refusal: Refusal = FRESH) -> HttpResponse:
    where = whereabouts(request)
    context = {
        "page": active_jobs(request.user, where.place),
        "state": courier_state(request.user),
        "where": where,
        "refusal": refusal.text,
    }
    return render_part(request, PAGE, "round", context)
