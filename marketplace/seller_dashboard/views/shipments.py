"""One shipment of the seller's: pack it, see where it is, take it back, see what it brought."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from marketplace.accounts.models import Role
from marketplace.delivery.selectors import shipment_of_seller
from marketplace.delivery.services import reissue_proof
from marketplace.delivery.states import Purpose
from marketplace.orders.models import Shipment
from marketplace.orders.selectors import frozen_listing, shipments_of_seller
from marketplace.orders.services import pack_shipment
from marketplace.web.access import for_roles
from marketplace.web.forms import Refusal, answer_form, say_and_go
from marketplace.web.see_other import see_other
from marketplace.web.typed import sent_mark


@require_GET
@for_roles(Role.SELLER)
def shipment(request: HttpRequest, number: str) -> HttpResponse:
    return _page(request, number)


@require_GET
@for_roles(Role.SELLER)
def parcel_listing(request: HttpRequest, number: str, position: int) -> HttpResponse:
    """What the buyer of a line saw when they bought it."""
    frozen = frozen_listing(shipments_of_seller(request.user), number, position)
    if frozen is None:
        raise Http404
    return render(request, "seller_dashboard/parcel_listing.html", {"frozen": frozen})


@require_POST
@for_roles(Role.SELLER)
def pack(request: HttpRequest, number: str) -> HttpResponse:
    """It is packed: couriers see that they need not wait."""
    pack_shipment(shipment_id=_mine(request, number).pk, actor=request.user)
    messages.success(request, _("Noted: it is packed and waits for a courier."))
    return see_other("seller_dashboard:parcel", number)


@require_POST
@for_roles(Role.SELLER)
def reissue(request: HttpRequest, number: str) -> HttpResponse:
    """A new PIN for a parcel that comes back; the one before is worth nothing from now on."""
    mine = _mine(request, number)

    def page(refusal: Refusal) -> HttpResponse:
        messages.error(request, refusal.text)
        return _page(request, number)

    return answer_form(
        request,
        lambda: reissue_proof(
            shipment_id=mine.pk, purpose=Purpose.RETURN, actor=request.user, expected=sent_mark(request)
        ),
        done=lambda proof: say_and_go(
            request,
            _("Here is a new PIN. The one before does not work any more."),
            "seller_dashboard:parcel",
            number,
        ),
        page=page,
    )


def _page(request: HttpRequest, number: str) -> HttpResponse:
    view = shipment_of_seller(request.user, number)
    if view is None:
        raise Http404
    return render(request, "seller_dashboard/parcel.html", {"view": view, "shipment": view.shipment})


def _mine(request: HttpRequest, number: str) -> Shipment:
    return get_object_or_404(shipments_of_seller(request.user), number=number)
