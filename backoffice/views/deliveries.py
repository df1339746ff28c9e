"""Parcels under way: the list beside the case, and every way in which staff can step in."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from backoffice.actions import ACTIONS, Asked, Request, address, offered
from backoffice.forms import DeskFilter
from marketplace.accounts.models import STAFF_ROLES
from marketplace.delivery import services
from marketplace.desk.case import Case, case_for
from marketplace.desk.couriers import couriers_to_choose
from marketplace.desk.shipments import (
    FILTERED_BY,
    DeskQuery,
    Trouble,
    desk_page,
    shipments_for_desk,
    trouble_counts,
)
from marketplace.web.access import for_roles
from marketplace.web.bodies import MOST_WITH_PHOTO, takes
from marketplace.web.forms import Refusal, answer_form, say_and_go
from marketplace.web.htmx import render_part, wants_part
from marketplace.web.see_other import SeeOther
from marketplace.web.typed import asked, sent, sent_mark

PAGE = "backoffice/deliveries.html"


@require_GET
@for_roles(*STAFF_ROLES)
def deliveries(request: HttpRequest) -> HttpResponse:
    """The list; beside it, where there is room, a word on how to use it."""
    return render_part(request, PAGE, "rows", _list(request))


@require_GET
@for_roles(*STAFF_ROLES)
def shipment(request: HttpRequest, number: str) -> HttpResponse:
    """One shipment's whole story, beside the list that it came from."""
    return _page(request, _case(request, number))


@require_POST
@for_roles(*STAFF_ROLES)
def read_address(request: HttpRequest, number: str) -> HttpResponse:
    """Show where it goes for the rest of the hour, and write down who wanted to know."""
    case = _case(request, number)
    if case.last_job is None:
        raise Http404
    services.note_address_read(delivery_id=case.last_job.pk, actor=request.user)
    return SeeOther(_back(request, number) + "#address")


@takes(MOST_WITH_PHOTO)
@require_POST
@for_roles(*STAFF_ROLES)
def act(request: HttpRequest, number: str, name: str, position: int | None = None) -> HttpResponse:
    """Do one of ACTIONS: the shipment's page again, or the form with what was typed and what is wrong."""
    shipment, action = get_object_or_404(shipments_for_desk(request.user), number=number), ACTIONS[name]
    form = action.form(request.POST, request.FILES, names=f"{name}{position or ''}")

    def call() -> object:
        key = sent(request, "form_key")
        return action.call(
            Request(request.user, shipment, form.cleaned_data, key, position, sent_mark(request))
        )

    def page(refusal: Refusal) -> HttpResponse:
        url = address(action, number, _kept(request).query, position)
        sent = Asked(action, form, url, is_open=True, kept_key=refusal.kept_key)
        return _page(request, _case(request, number), sent)

    return answer_form(
        request,
        call,
        form=form,
        done=lambda result: say_and_go(request, str(action.done), _back(request, number)),
        page=page,
    )


def _case(request: HttpRequest, number: str) -> Case:
    case = case_for(request.user, number)
    if case is None:
        raise Http404
    return case


def _page(request: HttpRequest, case: Case, sent: Asked | None = None) -> HttpResponse:
    context = _list(request)
    actions, voids = offered(case, context["kept"].query, sent)
    # What was asked for is no longer possible: the sentence stands alone, above the fresh page.
    orphan = sent if sent and all(asked is not sent for asked in (*actions, *voids.values())) else None
    context |= {
        "case": case,
        "actions": actions,
        "attempts": [(attempt, voids.get(attempt.number)) for attempt in case.attempts],
        "choices": couriers_to_choose(request.user, case.shipment) if "reassign" in case.may else [],
        "orphan": orphan,
    }
    return render(request, PAGE, context)


@dataclass(frozen=True)
class Kept:
    """The list's filters, as every link and form of the page carries them on."""

    q: str = ""
    status: str = ""
    trouble: str = ""
    after: str = ""

    @property
    def query(self) -> str:
        return urlencode({name: value for name, value in vars(self).items() if value})

    def link(self, **changes: str) -> str:
        """The list with these filters instead, from its start."""
        wanted = {**vars(self), "after": "", **changes}
        query = urlencode({name: value for name, value in wanted.items() if value})
        path = reverse("backoffice:deliveries")
        return f"{path}?{query}" if query else path


def _kept(request: HttpRequest) -> Kept:
    form = DeskFilter(request.GET)
    form.is_valid()
    said = form.cleaned_data
    return Kept(
        q=said.get("q", "").strip(),
        status=said.get("status", "") if said.get("status") in FILTERED_BY else "",
        trouble=said.get("trouble", "") if said.get("trouble") in Trouble else "",
        after=asked(request, "after", most=200),
    )


def _list(request: HttpRequest) -> dict:
    kept = _kept(request)
    query = DeskQuery(status=kept.status, trouble=kept.trouble, search=kept.q)
    page = desk_page(request.user, query, after=kept.after)
    context = {
        "page": page,
        "kept": kept,
        "more_url": kept.link(after=page.next_after) if page.next_after else "",
    }
    if wants_part(request):
        return context
    counts = trouble_counts(request.user)
    return context | {
        "statuses": [(status.value, status.label, status == kept.status) for status in FILTERED_BY],
        "troubles": [
            (
                trouble.label,
                kept.link(trouble="" if trouble == kept.trouble else trouble.value, q=""),
                trouble == kept.trouble,
                counts[trouble.value],
            )
            for trouble in Trouble
        ],
    }


def _back(request: HttpRequest, number: str) -> str:
    path, query = reverse("backoffice:shipment", args=[number]), _kept(request).query
    return f"{path}?{query}" if query else path
