"""One parcel: where it is, where it goes, and what the courier does with it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from courier import maps
from courier.forms import FailForm, GiveBackForm
from courier.whereabouts import whereabouts
from marketplace.accounts.models import Role
from marketplace.common import limits
from marketplace.common.errors import DomainError
from marketplace.delivery.places import Place
from marketplace.delivery.selectors.jobs import JobView, job_view
from marketplace.delivery.services import fail_attempt, give_back, note_address_read, pick_up
from marketplace.delivery.states import GOES_BACK_AT_ONCE, DeliveryStatus
from marketplace.web.access import for_roles
from marketplace.web.refusals import TRY_AGAIN, key_to_keep
from marketplace.web.see_other import see_other


@require_GET
@for_roles(Role.DELIVERY)
def job(request: HttpRequest, number: str) -> HttpResponse:
    """All about a parcel while it is the courier's to carry; afterwards only that it is done."""
    return _show(request, _job(request, number))


@require_POST
@for_roles(Role.DELIVERY)
def picked_up(request: HttpRequest, number: str) -> HttpResponse:
    """The parcel is in the courier's hands."""
    view = _job(request, number)
    try:
        pick_up(delivery_id=view.delivery.pk, actor=request.user)
    except DomainError as refusal:
        return _refused(request, number, refusal)
    messages.success(request, _("On its way. The buyer has a PIN for you now."))
    return see_other("courier:job", number)


@require_POST
@for_roles(Role.DELIVERY)
def given_back(request: HttpRequest, number: str) -> HttpResponse:
    """Let somebody else bring it."""
    view, form = _job(request, number), GiveBackForm(request.POST)
    if not form.is_valid():
        return _show(request, view, give_back_form=form, status=422)
    try:
        give_back(delivery_id=view.delivery.pk, actor=request.user, reason=form.cleaned_data["reason"])
    except DomainError as refusal:
        return _refused(request, number, refusal, give_back_form=form)
    messages.success(request, _("Given back. Another courier can take it now."))
    return see_other("courier:jobs")


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.DELIVERY)
def fail(request: HttpRequest, number: str) -> HttpResponse:
    """Write down that it could not be handed over, and say before what will come of it."""
    view = _job(request, number)
    if view.status != DeliveryStatus.CARRYING and request.method != "POST":
        return see_other("courier:job", number)
    form = FailForm(request.POST, request.FILES) if request.method == "POST" else FailForm()
    if not form.is_valid():
        return _ask_why(request, view, form, status=422 if form.is_bound else 200)
    typed = form.cleaned_data
    try:
        if typed["photo"]:
            limits.hit("upload", request.user.pk)  # drawing it anew costs a second of a processor
        fail_attempt(
            delivery_id=view.delivery.pk,
            actor=request.user,
            reason=typed["reason"],
            note=typed["note"],
            photo=typed["photo"],
            place=Place.if_any(*(request.POST.get(name, "") for name in ("lat", "lng", "accuracy"))),
            form_key=request.POST.get("form_key", ""),
        )
    except DomainError as refusal:
        return _could_not_fail(request, number, form, refusal)
    if job_view(request.user, number).status == DeliveryStatus.RETURNING:
        messages.warning(request, _("Written down. Please bring the parcel back to the seller."))
    else:
        messages.info(request, _("Written down. The buyer knows, and you can try again."))
    return see_other("courier:job", number)


def _job(request: HttpRequest, number: str) -> JobView:
    view = job_view(request.user, number)
    if view is None:
        raise Http404
    return view


def _show(
    request: HttpRequest,
    view: JobView,
    *,
    give_back_form: GiveBackForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    if not view.is_active:
        return render(request, "courier/job_done.html", {"job": view, "refusal": refusal}, status=status)
    if view.drop and not view.address_is_noted:
        # First the record, then the page: what cannot be written down is not shown.
        note_address_read(delivery_id=view.delivery.pk, reader=request.user)
    context = {
        "job": view,
        "map": maps.of_job(view, whereabouts(request).place),
        "give_back_form": give_back_form or GiveBackForm(),
        "refusal": refusal,
    }
    return render(request, "courier/job.html", context, status=status)


def _refused(
    request: HttpRequest, number: str, refusal: DomainError, give_back_form: GiveBackForm | None = None
) -> HttpResponse:
    """The fresh page with the sentence; what only has to be sent again is the middleware's."""
    if refusal.status in TRY_AGAIN:
        raise refusal
    return _show(
        request,
        _job(request, number),
        give_back_form=give_back_form,
        refusal=str(refusal),
        status=refusal.status,
    )


def _could_not_fail(request: HttpRequest, number: str, form: FailForm, refusal: DomainError) -> HttpResponse:
    view = _job(request, number)
    if view.status != DeliveryStatus.CARRYING:
        return _show(request, view, refusal=str(refusal), status=refusal.status)
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    response = _ask_why(request, view, form, status=refusal.status, kept_key=key_to_keep(request, refusal))
    if retry_after := getattr(refusal, "retry_after", None):
        response["Retry-After"] = str(retry_after)
    return response


def _ask_why(
    request: HttpRequest, view: JobView, form: FailForm, *, status: int, kept_key: str = ""
) -> HttpResponse:
    context = {
        "job": view,
        "form": form,
        "kept_key": kept_key,
        "at_once": list(GOES_BACK_AT_ONCE),
    }
    return render(request, "courier/fail.html", context, status=status)
