"""What a buyer does about a parcel on the page of an order: follow it, show its PIN, say that all is fine."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.accounts.models import ORDERED_ROLES, STAFF_ROLES
from marketplace.common.authorisation import may
from marketplace.delivery.selectors import order_stamp
from marketplace.delivery.services import complete_shipment, reissue_proof, require_completable
from marketplace.delivery.shown import mark_of
from marketplace.delivery.states import Purpose
from marketplace.orders.models import Order, Shipment
from marketplace.orders.selectors import order_view, orders_for, orders_of_buyer
from marketplace.web.access import for_roles
from marketplace.web.forms import Refusal, answer_form, say_and_go
from marketplace.web.htmx import render_part, wants_part
from marketplace.web.typed import sent_mark
from shop.live import is_known, stamp_of
from shop.order_page import order_context


@require_GET
@for_roles(*ORDERED_ROLES, *STAFF_ROLES)
def order_live(request: HttpRequest, number: str) -> HttpResponse:
    """The part of an order's page that changes by itself; 304 while nothing did, for the price of one query."""
    stamp = stamp_of(order_stamp(request.user, number))
    if not stamp:
        raise Http404
    if not wants_part(request):
        return redirect("shop:order_detail", number)
    if is_known(request, stamp):
        return HttpResponseNotModified(headers={"ETag": stamp})
    order = get_object_or_404(orders_for(request.user), number=number)
    context = order_context(request.user, order, stamp)
    response = render_part(request, "shop/orders/detail.html", "live", context)
    response["ETag"] = stamp
    return response


@require_POST
@for_roles(*ORDERED_ROLES, *STAFF_ROLES)
def proof_reissue(request: HttpRequest, number: str, shipment: str) -> HttpResponse:
    """A new PIN and QR code for a parcel on its way; those before are worth nothing from now on.

    Staff may make one for a buyer who cannot, and do not see it.
    """
    found = _shipment(orders_for(request.user), number, shipment)
    there = f"{reverse('shop:order_detail', args=[number])}#shipment-{shipment}"

    def page(refusal: Refusal) -> HttpResponse:
        messages.error(request, refusal.text)
        order, stamp = found.order, stamp_of(order_stamp(request.user, number))
        order.refresh_from_db()
        return render(request, "shop/orders/detail.html", order_context(request.user, order, stamp))

    return answer_form(
        request,
        lambda: reissue_proof(
            shipment_id=found.pk,
            purpose=Purpose.DELIVERY,
            actor=request.user,
            expected=sent_mark(request),
        ),
        done=lambda proof: say_and_go(
            request, _("There is a new PIN now. The one before does not work any more."), there
        ),
        page=page,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*ORDERED_ROLES)
def shipment_complete(request: HttpRequest, number: str, shipment: str) -> HttpResponse:
    """Ask once, saying what will happen; then pay the seller."""
    mine = _shipment(orders_of_buyer(request.user), number, shipment)
    if request.method != "POST" and not may(require_completable, request.user, mine):
        return redirect("shop:order_detail", number)

    def page(refusal: Refusal) -> HttpResponse:
        mark = mark_of(mine.pk)
        view = order_view(orders_of_buyer(request.user).get(number=number))
        part = next(part for part in view.shipments if part.shipment.pk == mine.pk)
        context = {"view": view, "order": view.order, "part": part, "mark": mark, "error": refusal.text}
        return render(request, "shop/orders/complete.html", context)

    return answer_form(
        request,
        lambda: complete_shipment(shipment_id=mine.pk, actor=request.user, expected=sent_mark(request)),
        done=lambda shipment: say_and_go(
            request, _("Thank you. The seller has been paid."), "shop:order_detail", number
        ),
        page=page,
    )


def _shipment(orders: QuerySet[Order], number: str, shipment: str) -> Shipment:
    """A shipment of one of these orders, by the numbers in the address."""
    shipments = Shipment.objects.filter(order__in=orders.filter(number=number)).select_related("order")
    return get_object_or_404(shipments, number=shipment)
