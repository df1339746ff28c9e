from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from backoffice.forms import CourierFilter, LiftForm
from marketplace.accounts.models import STAFF_ROLES
from marketplace.delivery import services
from marketplace.desk.couriers import count_suspended, courier_with_email, couriers_page
from marketplace.web.access import for_roles
from marketplace.web.forms import Refusal, answer_form, say_and_go
from marketplace.web.htmx import render_part
from marketplace.web.typed import asked, sent_mark


@require_GET
@for_roles(*STAFF_ROLES)
def couriers(request: HttpRequest) -> HttpResponse:
    """Who carries what, who typed wrong PINs, who may not claim."""
    return _list(request)


@require_POST
@for_roles(*STAFF_ROLES)
def lift(request: HttpRequest) -> HttpResponse:
    """Let a courier claim again; the wrong tries so far are forgiven."""
    form = LiftForm(request.POST)
    courier = courier_with_email(request.user, form.cleaned_data["courier"]) if form.is_valid() else None
    if courier is None:
        raise Http404

    def page(refusal: Refusal) -> HttpResponse:
        messages.error(request, refusal.text)
        return _list(request)

    return answer_form(
        request,
        lambda: services.lift_suspension(
            courier_id=courier.pk, actor=request.user, expected=sent_mark(request)
        ),
        done=lambda lifted: say_and_go(
            request, _("%(name)s can claim again.") % {"name": courier.profile}, "backoffice:couriers"
        ),
        page=page,
    )


def _list(request: HttpRequest) -> HttpResponse:
    form = CourierFilter(request.GET)
    form.is_valid()
    search, suspended = form.cleaned_data.get("q", ""), bool(form.cleaned_data.get("suspended"))
    page = couriers_page(
        request.user, search=search, suspended=suspended, after=asked(request, "after", most=200)
    )
    kept = {"q": search, "suspended": "1" if suspended else ""}
    context = {
        "page": page,
        "search": search,
        "suspended": suspended,
        "suspended_count": count_suspended(request.user),
        "more_url": _link(**kept, after=page.next_after) if page.next_after else "",
        "is_filtered": bool(search or suspended or asked(request, "after")),
    }
    return render_part(request, "backoffice/couriers.html", "rows", context)


def _link(**wanted: str) -> str:
    query = urlencode({name: value for name, value in wanted.items() if value})
    return f"{reverse('backoffice:couriers')}?{query}"
