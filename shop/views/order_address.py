"""Sending an order elsewhere before anything of it is picked up."""

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marketplace.accounts.address_book import who_is_at
from marketplace.accounts.models import ORDERED_ROLES
from marketplace.accounts.selectors import addresses_of
from marketplace.common.authorisation import may
from marketplace.common.money import format_money
from marketplace.delivery.services import change_order_address, require_readdressable
from marketplace.delivery.shown import mark_of_address
from marketplace.orders.models import Order
from marketplace.orders.selectors import orders_of_buyer
from marketplace.web.access import for_roles
from marketplace.web.forms import Refusal, answer_form, posted, say_and_go
from marketplace.web.typed import is_sent, sent, sent_mark
from shop import draft
from shop.forms.checkout import NEW, DoorForm
from shop.pin_map import pin_map


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*ORDERED_ROLES)
def order_address(request: HttpRequest, number: str) -> HttpResponse:
    """Where an order goes: a saved address or a new one, as at the checkout."""
    order = _mine_or_404(request, number)
    if request.method != "POST" and not may(
        require_readdressable, request.user, order, list(order.shipments.all())
    ):
        return redirect("shop:order_detail", number)
    held = _held_for(order)
    saved = list(addresses_of(request.user.pk))
    chooses = is_sent(request, "go")
    form = DoorForm(None if chooses else posted(request), initial=_known(request, order, saved))
    form.saved = saved

    def save() -> Order:
        return change_order_address(
            order_id=order.pk,
            recipient=form.recipient,
            to=form.cleaned_data["to"],
            new_address=form.new_address,
            actor=request.user,
            expected=sent_mark(request),
        )

    def page(refusal: Refusal) -> HttpResponse:
        fresh = _mine_or_404(request, number)
        context = {
            "order": fresh,
            "mark": mark_of_address(fresh),
            "form": form,
            "choices": form.choices(request.user.profile),
            "is_new": form.takes_place(),
            "tiles": pin_map(),
            "has_rates": fresh.shipments.filter(rates__isnull=False).exists(),
            "error": refusal.text,
        }
        return render(request, "shop/orders/address.html", context)

    if chooses:
        return page(Refusal(status=200))
    return answer_form(
        request,
        save,
        form=form,
        done=lambda changed: say_and_go(
            request, _done_sentence(held - _held_for(changed)), "shop:order_detail", number
        ),
        page=page,
    )


def _mine_or_404(request: HttpRequest, number: str) -> Order:
    return get_object_or_404(orders_of_buyer(request.user), number=number)


def _held_for(order: Order) -> int:
    """What its parcels cost now, in minor units."""
    return order.shipments.aggregate(all=Sum("total"))["all"] or 0


def _done_sentence(given_back: int) -> str:
    if not given_back:
        return _("The order goes to the other address now.")
    return _("The order goes to the other address now. Delivery costs %(amount)s less; you have it back.") % {
        "amount": format_money(given_back)
    }


def _known(request: HttpRequest, order: Order, saved: list) -> dict[str, object]:
    """What the fields hold at first: the order's own door, or what was typed and who lives at the chosen address."""
    if is_sent(request, "go"):
        chosen = next((address for address in saved if address.public_id == sent(request, "to")), None)
        return draft.typed(request) | (who_is_at(chosen, request.user.profile) if chosen else {})
    there = (order.ship_address, order.place)
    same = next((address for address in saved if (address.address, address.place) == there), None)
    known = {"name": order.ship_name, "phone": order.ship_phone, "notes": order.ship_notes}
    if same is not None:
        return known | {"to": same.public_id}
    place = {"location_lat": order.ship_lat, "location_lng": order.ship_lng}
    return known | {"to": NEW, "location_address": order.ship_address, **place}
