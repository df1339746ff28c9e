"""Payouts: who wants money sent to their bank, and what becomes of it."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from backoffice.forms import PayoutFilter, PayoutReasonForm, ReferenceForm
from marketplace.accounts.models import STAFF_ROLES
from marketplace.common.authorisation import may, why_not
from marketplace.payouts import selectors, services
from marketplace.payouts.models import Payout
from marketplace.payouts.shown import mark_of_payout
from marketplace.payouts.states import PayoutStatus
from marketplace.web.access import for_roles
from marketplace.web.forms import FRESH, Refusal, answer_form, say_and_go
from marketplace.web.htmx import render_part
from marketplace.web.typed import asked, sent_mark


@require_GET
@for_roles(*STAFF_ROLES)
def payouts(request: HttpRequest) -> HttpResponse:
    """All payouts, newest first, or those of one status, or that somebody must look at."""
    form = PayoutFilter(request.GET)
    form.is_valid()
    search, status = form.cleaned_data.get("q", ""), form.cleaned_data.get("status", "")
    has_matter = form.cleaned_data.get("matter", False)
    kept = {"q": search, "matter": "1" if has_matter else ""}
    rows, following = selectors.queue_page(
        request.user,
        status=status,
        search=search,
        after=asked(request, "after", most=200),
        has_matter=has_matter,
    )
    context = {
        "rows": rows,
        "search": search,
        "status": status,
        "statuses": [
            (label, _link(status=value, q=search), value == status) for value, label in PayoutStatus.choices
        ],
        "has_matter": has_matter,
        "matter_url": _link(matter="1", q=search)
        if has_matter or selectors.is_any_to_be_looked_at(request.user)
        else "",
        "all_url": _link(q=search),
        "more_url": _link(status=status, after=following, **kept) if following else "",
    }
    return render_part(request, "backoffice/payouts/list.html", "rows", context)


@require_GET
@for_roles(*STAFF_ROLES)
def payout(request: HttpRequest, public_id: str) -> HttpResponse:
    """One payout: who asked, what it settles, what happened, and what can be done."""
    return _page(request, _case(request, public_id))


@require_POST
@for_roles(*STAFF_ROLES)
def payout_approve(request: HttpRequest, public_id: str) -> HttpResponse:
    """Let it be sent."""
    return _act(request, public_id, services.approve_payout, _("Approved. It can be sent now."))


@require_POST
@for_roles(*STAFF_ROLES)
def payout_decline(request: HttpRequest, public_id: str) -> HttpResponse:
    """End it; its owner reads why."""
    said = _("Declined. The money is in their wallet again; they were told why.")
    return _act(
        request, public_id, services.decline_payout, said, PayoutReasonForm(request.POST, names="decline")
    )


@require_POST
@for_roles(*STAFF_ROLES)
def payout_sent(request: HttpRequest, public_id: str) -> HttpResponse:
    """Note that the bank has sent it."""
    said = _("Noted as sent; they were told.")
    return _act(request, public_id, services.send_payout, said, ReferenceForm(request.POST, names="sent"))


@require_POST
@for_roles(*STAFF_ROLES)
def payout_returned(request: HttpRequest, public_id: str) -> HttpResponse:
    """Note that the bank has sent it back."""
    said = _("Noted. The money is in their wallet again; they were told why.")
    return _act(
        request, public_id, services.return_payout, said, PayoutReasonForm(request.POST, names="returned")
    )


def _act(
    request: HttpRequest,
    public_id: str,
    service: Callable[..., Payout],
    success: str,
    form: PayoutReasonForm | ReferenceForm | None = None,
) -> HttpResponse:
    """Do one thing with a payout, in the words that its form asks for, and say so on its page."""
    case = _case(request, public_id)

    def act() -> Payout:
        words = form.cleaned_data if form is not None else {}
        return service(payout_id=case.pk, actor=request.user, expected=sent_mark(request), **words)

    return answer_form(
        request,
        act,
        form=form,
        done=lambda row: say_and_go(request, success, "backoffice:payout", public_id),
        page=lambda refusal: _page(request, _case(request, public_id), refusal, form),
    )


def _case(request: HttpRequest, public_id: str) -> Payout:
    return get_object_or_404(selectors.all_payouts(request.user), public_id=public_id)


def _page(
    request: HttpRequest,
    case: Payout,
    refusal: Refusal = FRESH,
    form: PayoutReasonForm | ReferenceForm | None = None,
) -> HttpResponse:
    if refusal.text and form is None:
        messages.error(request, refusal.text)
    forms = {
        "decline": PayoutReasonForm(names="decline"),
        "sent": ReferenceForm(names="sent"),
        "returned": PayoutReasonForm(names="returned"),
    }
    if form is not None:
        forms[form.name] = form
    user = request.user
    offers = {
        "may_approve": may(services.require_approvable, user, case),
        "may_decline": may(services.require_declinable, user, case),
        "may_send": may(services.require_sendable, user, case),
        "may_return": may(services.require_returnable, user, case),
    }
    context = {
        "payout": case,
        "mark": mark_of_payout(case),
        "events": case.events.select_related("actor__profile").order_by("pk"),
        "lines": case.lines.select_related("entry").order_by("entry_id")[:50],
        "line_count": case.lines.count(),
        "former": selectors.payouts_of(case.owner_id).exclude(pk=case.pk)[:5],
        **offers,
        "may_act": any(offers.values()),
        "account": selectors.account_to_pay(user, case) if offers["may_send"] else None,
        "why_not": why_not(services.require_impartial, user, case),
        "forms": forms,
        "open_form": form.name if form is not None else "",
    }
    return render(request, "backoffice/payouts/case.html", context)


def _link(**wanted: str) -> str:
    query = urlencode({name: value for name, value in wanted.items() if value})
    path = reverse("backoffice:payouts")
    return f"{path}?{query}" if query else path
