"""What a courier could carry, and taking it."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from courier.whereabouts import remember, whereabouts
from marketplace.accounts.models import Role
from marketplace.common import limits
from marketplace.common.places import Place
from marketplace.delivery.models import Consignment, Delivery
from marketplace.delivery.selectors.available import available_shipments, find_claimable
from marketplace.delivery.selectors.couriers import courier_state
from marketplace.delivery.services import claim_consignment, claim_shipment
from marketplace.web.access import for_roles
from marketplace.web.forms import FRESH, Refusal, answer_form, say_and_go
from marketplace.web.htmx import render_part
from marketplace.web.safe_next import safe_next
from marketplace.web.see_other import see_other
from marketplace.web.typed import asked, sent

PAGE = "courier/available.html"
RADII_KM = (2, 5, 10, 25)
SORTS = ("near", "waiting")


@dataclass(frozen=True)
class Filter:
    """What the address of the list says; anything else is the whole list, the nearest first."""

    radius: int | None
    sort: str

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        radius, sort = asked(request, "radius"), asked(request, "sort")
        chosen = next((km for km in RADII_KM if str(km) == radius), None)
        return cls(chosen, sort if sort in SORTS else SORTS[0])

    def query(self, **changes: object) -> str:
        """What follows the "?" for this filter with `changes`; "" for the whole list."""
        asked = {"radius": self.radius, "sort": self.sort} | changes
        if asked["sort"] == SORTS[0]:
            asked["sort"] = None
        return urlencode({name: value for name, value in asked.items() if value})

    def choices(self, name: str, values: dict) -> list[dict]:
        """Links that change one part of it: `label`, `url`, `is_chosen`."""
        home = reverse("courier:home")
        return [
            {
                "label": label,
                "url": _with(home, self.query(**{name: value})),
                "is_chosen": getattr(self, name) == value,
            }
            for value, label in values.items()
        ]


def _with(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


@require_GET
@for_roles(Role.DELIVERY)
def home(request: HttpRequest) -> HttpResponse:
    """What a courier sees first: the parcels that wait for somebody."""
    return _list(request, after=asked(request, "after"))


@require_POST
@for_roles(Role.DELIVERY)
def here(request: HttpRequest) -> HttpResponse:
    """Count distances from where the phone is; a form without a place goes back to the profile's."""
    place = Place.if_any(sent(request, "lat"), sent(request, "lng"))
    remember(request, place)
    if place is None and not whereabouts(request).place:
        messages.info(
            request, _("Distances need a place: save one in your profile, or let your phone tell it.")
        )
    return see_other(safe_next(request, default=reverse("courier:home")))


@require_POST
@for_roles(Role.DELIVERY)
def claim(request: HttpRequest, number: str) -> HttpResponse:
    """Take a parcel; who is too late, has enough or may not gets the fresh list and hears why."""
    found = find_claimable(number)
    if found is None:
        raise Http404

    def claim() -> Delivery:
        if isinstance(found, Consignment):
            return claim_consignment(consignment_id=found.pk, actor=request.user)
        return claim_shipment(shipment_id=found.pk, actor=request.user)

    def done(delivery: Delivery) -> HttpResponse:
        sentence = _("It is yours. Pick it up, then bring it.")
        return say_and_go(request, sentence, "courier:job", delivery.number)

    return answer_form(request, claim, done=done, page=lambda refusal: _list(request, refusal=refusal))


def _list(request: HttpRequest, *, after: str | None = None, refusal: Refusal = FRESH) -> HttpResponse:
    limits.hit_cached("courier_list", request.user.pk)
    chosen, where = Filter.of(request), whereabouts(request)
    page = available_shipments(
        request.user, here=where.place, radius_km=chosen.radius, sort=chosen.sort, after=after
    )
    state = courier_state(request.user)
    distances = {km: _("%(km)d km") % {"km": km} for km in RADII_KM}
    sorts = {"near": _("Nearest first"), "waiting": _("Waiting longest")}
    context = {
        "page": page,
        "state": state,
        "tells_of_given_back": state.gave_back_too_often and not refusal.error,  # a refusal says it itself
        "where": where,
        "filter": chosen,
        "shows_near_only": bool(chosen.radius and where.place),
        "radii": chosen.choices("radius", {**distances, None: pgettext("any distance", "All")}),
        "sorts": chosen.choices("sort", sorts),
        "here_url": _with(reverse("courier:home"), chosen.query()),
        "more_url": _with(reverse("courier:home"), chosen.query(after=page.next_after)),
        "is_first_page": not after,
        "refusal": refusal.text,
    }
    if refusal.error:
        return render(request, PAGE, context)
    return render_part(request, PAGE, "cards", context)
