"""Sale events: what the store runs, what sellers may join, what they run themselves."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from backoffice.forms import SaleEventForm
from marketplace.accounts.models import STAFF_ROLES
from marketplace.common import clock
from marketplace.products import services
from marketplace.products.models import SaleEvent
from marketplace.products.selectors.reductions import sale_events
from marketplace.web.access import for_roles
from marketplace.web.forms import Refusal, answer_form, posted, say_and_go
from marketplace.web.typed import sent

SHOWN = 100
PAGE = "backoffice:events"


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*STAFF_ROLES)
def events(request: HttpRequest) -> HttpResponse:
    """All events, the latest first, and the form that opens one to sellers."""
    form = SaleEventForm(posted(request))

    def page(refusal: Refusal) -> HttpResponse:
        context = {
            "form": form,
            "events": sale_events()[:SHOWN],
            "now": clock.now(),
            "kept_key": refusal.kept_key,
        }
        return render(request, "backoffice/events.html", context)

    return answer_form(
        request,
        lambda: services.open_sale_event(
            **form.cleaned_data | {"category_ids": [int(pk) for pk in form.cleaned_data["category_ids"]]},
            form_key=sent(request, "form_key"),
            actor=request.user,
        ),
        form=form if request.method == "POST" else None,
        done=lambda event: say_and_go(
            request, _("“%(name)s” is open to sellers until it begins.") % {"name": event.name}, PAGE
        ),
        page=page,
    )


@require_POST
@for_roles(*STAFF_ROLES)
def end_event(request: HttpRequest, slug: str) -> HttpResponse:
    """End an event now, or call it off before it begins."""
    event = SaleEvent.objects.filter(slug=slug).first()
    if event is None:
        raise Http404
    services.end_sale_event(event_id=event.pk, actor=request.user)
    return say_and_go(request, _("“%(name)s” is over.") % {"name": event.name}, PAGE)
