"""A buyer's orders: the list, the page, the receipt, cancelling and buying again."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.accounts.models import BUYER_ROLES, ORDERED_ROLES, STAFF_ROLES
from marketplace.common import limits
from marketplace.delivery import services as delivery
from marketplace.delivery.selectors import needs_of_buyer, order_stamp
from marketplace.delivery.shown import marks_of
from marketplace.orders import receipts, services
from marketplace.orders.models import Order, Shipment
from marketplace.orders.selectors import (
    LineView,
    OrderView,
    ShipmentView,
    order_view,
    orders_for,
    orders_of_buyer,
    orders_page,
)
from marketplace.web.access import for_roles
from marketplace.web.forms import Refusal, answer_form, posted, say_and_go
from marketplace.web.htmx import render_part
from marketplace.web.see_other import see_other
from marketplace.web.typed import asked, sent, sent_mark
from shop.forms.orders import CancelForm, CancelLineForm
from shop.live import stamp_of
from shop.order_page import order_context

Read = tuple[dict[int, str], OrderView]


@require_GET
@for_roles(*ORDERED_ROLES)
def orders(request: HttpRequest) -> HttpResponse:
    after = asked(request, "after")
    page = orders_page(request.user, after=_number(after))
    context = {
        "page": page,
        "has_never_ordered": not page.cards and not after,
        "needs": [] if after else needs_of_buyer(request.user),
    }
    return render_part(request, "shop/orders/list.html", "page", context)


@require_GET
@for_roles(*ORDERED_ROLES, *STAFF_ROLES)
def order_detail(request: HttpRequest, number: str) -> HttpResponse:
    stamp = stamp_of(order_stamp(request.user, number))
    context = order_context(request.user, _order(request, number), stamp)
    return render(request, "shop/orders/detail.html", context)


@require_GET
@for_roles(*ORDERED_ROLES, *STAFF_ROLES)
def order_receipt(request: HttpRequest, number: str) -> HttpResponse:
    view = order_view(_order(request, number))
    limits.hit_cached("receipt", request.user.pk)
    response = HttpResponse(
        receipts.draw(view, says_where_to=not _is_not_theirs(request, view)), content_type="application/pdf"
    )
    response["Content-Disposition"] = f'inline; filename="receipt-{view.order.number}.pdf"'
    return response


@require_POST
@for_roles(*BUYER_ROLES)
def order_again(request: HttpRequest, number: str) -> HttpResponse:
    """Put what is still to be had into the cart, and say what is not."""
    order = get_object_or_404(orders_of_buyer(request.user), number=number)
    done = services.reorder(order_id=order.pk, actor=request.user, form_key=sent(request, "form_key"))
    if done.was_done:
        messages.info(request, _("This is in your cart already."))
    if done.added:
        said = ngettext(
            "%(count)d product is in your cart.", "%(count)d products are in your cart.", done.added
        ) % {"count": done.added}
        messages.success(request, said)
    for sentence in done.left_out:
        messages.warning(request, sentence)
    return see_other("shop:cart")


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*ORDERED_ROLES, *STAFF_ROLES)
def cancel_shipment(request: HttpRequest, number: str, shipment: str) -> HttpResponse:
    """Ask once, saying what will happen; then cancel all that is left of a shipment."""
    marks, view = _read(request, number)
    part = next((part for part in view.shipments if part.shipment.number == shipment), None)
    if part is None:
        raise Http404
    form = CancelForm(posted(request), must_say_why=_is_not_theirs(request, view))

    def cancel() -> None:
        delivery.cancel_shipment(
            shipment_id=part.shipment.pk,
            actor=request.user,
            reason=form.cleaned_data["reason"],
            expected=sent_mark(request),
        )

    return _answer(request, cancel, form, (marks, view), part)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*ORDERED_ROLES, *STAFF_ROLES)
def cancel_line(request: HttpRequest, number: str, shipment: str, position: int) -> HttpResponse:
    """As `cancel_shipment`, for some or all pieces of one line."""
    marks, view = _read(request, number)
    found = view.line(shipment, position)
    if found is None:
        raise Http404
    part, row = found
    # What is left is the service's to say: the same form sent again must find its first result.
    form = CancelLineForm(
        posted(request),
        most=row.quantity,
        must_say_why=_is_not_theirs(request, view),
        initial={"quantity": row.kept_quantity},
    )

    def cancel() -> None:
        delivery.cancel_line(
            line_id=row.pk,
            quantity=form.cleaned_data["quantity"],
            actor=request.user,
            form_key=sent(request, "form_key"),
            reason=form.cleaned_data["reason"],
            expected=sent_mark(request),
        )

    return _answer(request, cancel, form, (marks, view), part, row)


def _answer(
    request: HttpRequest,
    cancel: Callable[[], None],
    form: CancelForm,
    read: Read,
    part: ShipmentView,
    line: LineView | None = None,
) -> HttpResponse:
    view = read[1]

    def done(nothing: None) -> HttpResponse:
        if _is_not_theirs(request, view):
            sentence = _("Cancelled. The buyer has their money back.")
        else:
            sentence = _("Cancelled. The money is back in your wallet.")
        return say_and_go(request, sentence, "shop:order_detail", view.order.number)

    def page(refusal: Refusal) -> HttpResponse:
        marks, now = _read(request, view.order.number) if refusal.error else read
        context = {
            "view": now,
            "order": now.order,
            "part": next(fresh for fresh in now.shipments if fresh.shipment.pk == part.shipment.pk),
            "line": line,
            "mark": marks[part.shipment.pk],
            "form": form,
            "kept_key": refusal.kept_key,
        }
        return render(request, "shop/orders/cancel.html", context)

    return answer_form(request, cancel, form=form, done=done, page=page)


def _read(request: HttpRequest, number: str) -> Read:
    """An order with the marks of its shipments, which are read first (marketplace/delivery/shown.py)."""
    order = _order(request, number)
    return marks_of(Shipment.objects.filter(order=order)), order_view(order)


def _order(request: HttpRequest, number: str) -> Order:
    return get_object_or_404(orders_for(request.user), number=number)


def _is_not_theirs(request: HttpRequest, view: OrderView) -> bool:
    return view.order.buyer_id != request.user.pk


def _number(text: str) -> str | None:
    """A public order number from the address bar; anything else is no number."""
    return text if text.isascii() and text.isalnum() and len(text) <= 12 else None
