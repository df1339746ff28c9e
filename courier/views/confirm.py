"""A parcel changes hands: the courier scans the code of whoever takes it, or types their PIN.

The Scan tab finds the parcel by its code; the page of one job knows it. Both are a plain form; their
script sends the same form and asks for JSON, also for what was kept on the phone without a network
(static/src/js/scanning/queue.js). A code is only ever in the body of a POST, and never in an answer.
"""

from collections.abc import Callable
from functools import wraps

from csp.decorators import csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from marketplace.accounts.models import Role
from marketplace.common import idempotency
from marketplace.common.errors import Invalid, StaleState
from marketplace.common.places import Place
from marketplace.delivery.models import Delivery
from marketplace.delivery.selectors.job_page import job_view
from marketplace.delivery.selectors.jobs import jobs_of
from marketplace.delivery.selectors.rounds import active_jobs
from marketplace.delivery.services import Confirmation, Result, confirm_delivery, confirm_scan
from marketplace.delivery.states import Purpose
from marketplace.web.access import View, for_roles
from marketplace.web.forms import FRESH, Refusal, answer_form, refuse
from marketplace.web.see_other import see_other
from marketplace.web.typed import SHOWN, sent, sent_text

MOST_PIN = 40  # letters, with what was pasted along
JSON = "application/json"

Page = Callable[[HttpRequest, Refusal], HttpResponse]


def with_camera(view: View) -> View:
    """Let a page use the camera and WebAssembly (the code reader's); no other page may."""

    @csp_update({"script-src": ["'wasm-unsafe-eval'"]})
    @wraps(view)
    def run(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=(self)"
        return response

    return run


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.DELIVERY)
@with_camera
def scan(request: HttpRequest) -> HttpResponse:
    """The Scan tab: any of the courier's parcels by its code; one that is chosen by its PIN."""
    if not _is_theirs(request):
        return _sign_in_first()
    if sent_text(request, "token", most=200) or not sent_text(request, "pin", most=MOST_PIN):
        return _answer(request, _scanned, action="confirm_scan", page=_scan_page)
    number = sent(request, "delivery")
    if not number:
        return _answer(request, _none_chosen, action="confirm_scan", page=_scan_page)
    delivery = get_object_or_404(jobs_of(request.user), number=number)
    return _answer(request, _given(delivery, f"-{number}"), delivery=delivery, page=_scan_page)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.DELIVERY)
@with_camera
def job(request: HttpRequest, number: str) -> HttpResponse:
    """One job: its code or PIN; once it is done, that it is, and where to go next."""
    if not _is_theirs(request):
        return _sign_in_first()
    delivery = get_object_or_404(jobs_of(request.user), number=number)
    return _answer(
        request,
        _given(delivery),
        delivery=delivery,
        page=lambda request, refusal: _job_page(request, number, refusal),
    )


# --- what was given -------------------------------------------------------------------------------


def _place(request: HttpRequest) -> Place | None:
    return Place.if_any(*(sent(request, name, most=40) for name in ("lat", "lng", "accuracy")))


def _given(delivery: Delivery, suffix: str = "") -> Callable[[HttpRequest], Confirmation]:
    """What sends the PIN or code in a form to the service, for one job, whose fields have this `suffix`.

    A form without a mark is one that a phone has kept since before there were any: it is not thrown away.
    """

    def call(request: HttpRequest) -> Confirmation:
        return confirm_delivery(
            delivery_id=delivery.pk,
            actor=request.user,
            pin=sent_text(request, "pin", most=MOST_PIN),
            token=sent_text(request, "token", most=200),
            place=_place(request),
            form_key=sent(request, f"form_key{suffix}"),
            expected=sent(request, f"{SHOWN}{suffix}") or None,
        )

    return call


def _scanned(request: HttpRequest) -> Confirmation:
    return confirm_scan(
        actor=request.user,
        token=sent_text(request, "token", most=200),
        place=_place(request),
        form_key=sent(request, "form_key"),
    )


def _none_chosen(request: HttpRequest) -> Confirmation:
    raise Invalid(_("Choose which parcel it is."))


# --- what came of it ------------------------------------------------------------------------------


def _answer(
    request: HttpRequest,
    call: Callable[[HttpRequest], Confirmation],
    *,
    page: Page,
    action: str = "confirm_delivery",
    delivery: Delivery | None = None,
) -> HttpResponse:
    """Send the code, and say what came of it: to a person on the page, to a script in a few words."""

    def draw(refusal: Refusal, result: str = "refused") -> HttpResponse:
        if not _wants_json(request) or refusal is FRESH:
            return page(request, refusal)
        words = {"result": result, "text": refusal.text}
        if not refusal.kept_key:
            words["form_key"] = idempotency.new_form_key(
                user_id=request.user.pk, action=action, subject=delivery.pk if delivery else ""
            )
        return JsonResponse(words)

    def done(confirmation: Confirmation) -> HttpResponse:
        if confirmation.result == Result.CONFIRMED:
            address = reverse("courier:confirm", args=[confirmation.delivery.number])
            words = {"result": "confirmed", "url": address}
            return JsonResponse(words) if _wants_json(request) else see_other(address)
        kind = Invalid if confirmation.result == Result.WRONG else StaleState
        error = kind(_why(request, confirmation))
        return refuse(lambda refusal: draw(refusal, confirmation.result), Refusal(error.status, error))

    return answer_form(request, lambda: call(request), done=done, page=draw)


def _why(request: HttpRequest, came: Confirmation) -> str:
    """The sentence for a code that was not taken. It says how many tries are left, and nothing else."""
    if came.result == Result.LOCKED:
        if came.proof.purpose == Purpose.RETURN:
            return _(
                "That was wrong too often. Ask the seller to make a new PIN on their page of the parcel."
            )
        return _("That was wrong too often. Ask the buyer to make a new PIN on the page of their order.")
    if came.result == Result.NOTHING_OPEN:
        return _("Nothing is waiting to be confirmed in this delivery.")
    if came.delivery is None:
        return _("This code is of none of your parcels.")
    wrong = (
        _("This is the wrong code.") if sent_text(request, "token", most=200) else _("This is the wrong PIN.")
    )
    left = ngettext("%(tries)d try is left.", "%(tries)d tries are left.", came.tries_left)
    return f"{wrong} {left % {'tries': came.tries_left}}"


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == JSON


def _is_theirs(request: HttpRequest) -> bool:
    """Whether a form that a script sends was made for who is signed in: a phone may have kept somebody else's."""
    if request.method != "POST" or not _wants_json(request):
        return True
    return sent(request, "form_key").startswith(f"{request.user.pk}:")


def _sign_in_first() -> JsonResponse:
    """The phone keeps what it has until its courier is signed in again."""
    return JsonResponse({"result": "sign_in"}, status=401)


# --- pages ----------------------------------------------------------------------------------------


def _scan_page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    round_ = active_jobs(request.user, None)
    carried = [card for card in round_.jobs if card.is_carried]
    chosen = sent(request, "delivery") or (carried[0].number if len(carried) == 1 else "")
    kept = sent(request, f"form_key-{chosen}") if refusal.kept_key else ""
    context = {
        "carried": [(card, kept if card.number == chosen else "") for card in carried],
        "chosen": chosen,
        # Each code that is scanned without a network takes a key of its own.
        "spares": range(settings.COURIER_MAX_ACTIVE - 1),
        "has_jobs": bool(round_.jobs),
        "site": settings.SITE_URL,
        "refusal": refusal if refusal.error else None,
    }
    return render(request, "courier/scan.html", context)


def _job_page(request: HttpRequest, number: str, refusal: Refusal) -> HttpResponse:
    view = job_view(request.user, number)
    if view is None:
        raise Http404
    context = {"view": view, "refusal": refusal if refusal.error else None}
    if view.is_carried:
        # Once it is locked by a wrong PIN, the refusal itself says so.
        says_it_is_locked = view.proof_is_locked and not refusal.error
        context |= {"site": settings.SITE_URL, "says_it_is_locked": says_it_is_locked}
        return render(request, "courier/confirm.html", context)
    context["next_stop"] = next(iter(active_jobs(request.user, None).stops), None)
    return render(request, "courier/confirmed.html", context)
