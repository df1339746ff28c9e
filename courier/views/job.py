"""One parcel: where it is, where it goes, and what the courier does with it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from courier import maps
from courier.forms import FailForm, GiveBackForm
from courier.presenters import HEADINGS, doors
from courier.whereabouts import whereabouts
from marketplace.accounts.models import Role
from marketplace.common.places import Place
from marketplace.delivery.models import Attempt
from marketplace.delivery.selectors.job_page import JobView, job_view
from marketplace.delivery.selectors.jobs import jobs_of
from marketplace.delivery.services import arrive, fail_attempt, give_back, note_address_read, pick_up
from marketplace.delivery.states import GOES_BACK_AT_ONCE, DeliveryStatus
from marketplace.web.access import for_roles
from marketplace.web.bodies import MOST_WITH_PHOTO, takes
from marketplace.web.forms import FRESH, Refusal, answer_form, posted, say_and_go
from marketplace.web.see_other import see_other
from marketplace.web.typed import sent, sent_mark


@require_GET
@for_roles(Role.DELIVERY)
def job(request: HttpRequest, number: str) -> HttpResponse:
    """All about a parcel while it is the courier's to carry; afterwards only that it is done."""
    return _show(request, _job(request, number))


@require_POST
@for_roles(Role.DELIVERY)
def picked_up(request: HttpRequest, number: str) -> HttpResponse:
    """The parcel is in the courier's hands."""
    delivery = get_object_or_404(jobs_of(request.user), number=number)
    return answer_form(
        request,
        lambda: pick_up(delivery_id=delivery.pk, actor=request.user),
        done=lambda carried: say_and_go(
            request, _("On its way. The buyer has a PIN for you now."), "courier:job", number
        ),
        page=lambda refusal: _show(request, _job(request, number), refusal),
    )


@require_POST
@for_roles(Role.DELIVERY)
def given_back(request: HttpRequest, number: str) -> HttpResponse:
    """Let somebody else bring it."""
    delivery, form = get_object_or_404(jobs_of(request.user), number=number), GiveBackForm(request.POST)
    return answer_form(
        request,
        lambda: give_back(delivery_id=delivery.pk, actor=request.user, reason=form.cleaned_data["reason"]),
        form=form,
        done=lambda given: say_and_go(
            request, _("Given back. Another courier can take it now."), "courier:jobs"
        ),
        page=lambda refusal: _show(request, _job(request, number), refusal, give_back_form=form),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.DELIVERY)
def arrived(request: HttpRequest, number: str) -> HttpResponse:
    """The courier is at the door, as their phone says: from then on waiting is counted."""
    delivery = get_object_or_404(jobs_of(request.user), number=number)

    def page(refusal: Refusal) -> HttpResponse:
        view = _job(request, number)
        if not view.may_arrive:
            return see_other("courier:job", number) if refusal is FRESH else _show(request, view, refusal)
        return render(request, "courier/arrive.html", {"job": view, "refusal": refusal.text})

    return answer_form(
        request,
        lambda: arrive(
            delivery_id=delivery.pk,
            actor=request.user,
            place=Place.parse(*(sent(request, name) for name in ("lat", "lng", "accuracy"))),
            expected=sent_mark(request),
        ),
        done=lambda job: say_and_go(
            request, _("You are at the door: the buyer knows, and waiting is counted."), "courier:job", number
        ),
        page=page,
    )


@takes(MOST_WITH_PHOTO)
@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.DELIVERY)
def fail(request: HttpRequest, number: str) -> HttpResponse:
    """Write down that it could not be handed over, and say before what will come of it."""
    delivery = get_object_or_404(jobs_of(request.user), number=number)
    form = FailForm(posted(request), request.FILES or None)

    def write_down() -> Attempt:
        typed = form.cleaned_data
        return fail_attempt(
            delivery_id=delivery.pk,
            actor=request.user,
            reason=typed["reason"],
            note=typed["note"],
            photo=typed["photo"],
            place=Place.if_any(*(sent(request, name) for name in ("lat", "lng", "accuracy"))),
            form_key=sent(request, "form_key"),
            expected=sent_mark(request),
        )

    def done(attempt: Attempt) -> HttpResponse:
        if attempt.delivery.status == DeliveryStatus.RETURNING:
            messages.warning(request, _("Written down. Please bring the parcel back to the seller."))
        else:
            messages.info(request, _("Written down. The buyer knows, and you can try again."))
        return see_other("courier:job", number)

    def page(refusal: Refusal) -> HttpResponse:
        view = _job(request, number)
        if not view.may_fail:
            return see_other("courier:job", number) if refusal is FRESH else _show(request, view, refusal)
        context = {
            "job": view,
            "form": form,
            "kept_key": refusal.kept_key,
            "at_once": list(GOES_BACK_AT_ONCE),
        }
        return render(request, "courier/fail.html", context)

    return answer_form(request, write_down, form=form, done=done, page=page)


def _job(request: HttpRequest, number: str) -> JobView:
    view = job_view(request.user, number)
    if view is None:
        raise Http404
    return view


def _show(
    request: HttpRequest,
    view: JobView,
    refusal: Refusal = FRESH,
    *,
    give_back_form: GiveBackForm | None = None,
) -> HttpResponse:
    if not view.is_active:
        return render(request, "courier/job_done.html", {"job": view, "refusal": _sentence(refusal)})
    if view.shows_a_home and not view.address_is_noted:
        # First the record, then the page: what cannot be written down is not shown.
        note_address_read(delivery_id=view.delivery.pk, actor=request.user)
    form_says_it = give_back_form and view.may_give_back
    context = {
        "job": view,
        "heading": HEADINGS[view.status],
        "doors": doors(view),
        "map": maps.of_job(view, whereabouts(request).place),
        "give_back_form": give_back_form or GiveBackForm(),
        "refusal": "" if form_says_it else _sentence(refusal),
    }
    return render(request, "courier/job.html", context)


def _sentence(refusal: Refusal) -> str:
    """Why nothing was done, above the job's page: also for a bad form, which is not on it to say so itself."""
    return "" if refusal is FRESH else refusal.text or _("That is no longer possible.")
