"""The doors of the storefront."""

from django.utils import timezone

from marketplace.accounts.models import SavedAddress
from marketplace.accounts.shown import mark_of_address
from marketplace.applications.selectors import application_of
from marketplace.delivery.selectors import tracking_token
from marketplace.delivery.shown import mark_of_address as mark_of_order
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.models import CartLine, Order
from marketplace.orders.selectors import cart_view
from marketplace.payouts.selectors import plan_of
from marketplace.payouts.shown import mark_of_address as mark_of_account
from marketplace.payouts.shown import mark_of_payout, mark_of_plan
from site_config.tests.everybody import World

from .things import Address, Form, as_shown, the_shipment


def _order(world: World, state: str) -> Order:
    return the_shipment(world, state).order


def an_order(world: World, state: str) -> dict[str, object]:
    return {"number": _order(world, state).number}


def a_part_of_an_order(world: World, state: str) -> dict[str, object]:
    return {**an_order(world, state), "shipment": the_shipment(world, state).number}


def _checkout(world: World, who: str, state: str) -> dict[str, object]:
    person = world.people[who]
    view = cart_view(CartRef(user_id=person.pk) if person else None)
    return {
        "form_key": world.key(who, "checkout"),
        "name": "Somebody",
        "phone": "+49 30 1234567",
        "total": view.total or 1,
        "lines": ",".join(f"{product}:{pieces}" for product, pieces in view.seen_lines.items()) or "1:1",
    }


def _a_courier() -> dict[str, object]:
    return {
        "name": "Somebody",
        "phone": "+49 30 7654321",
        "area": "Berlin-Mitte",
        "vehicle": "bike",
        "agrees": "on",
    }


def _own_mark(world: World) -> dict[str, object]:
    return {"shown": application_of(world.people["Bo"]).mark}


def _address_of_bo(world: World) -> SavedAddress:
    return SavedAddress.objects.filter(owner=world.people["Bo"]).earliest("pk")


def _an_address(world: World, state: str) -> dict[str, object]:
    return {"public_id": _address_of_bo(world).public_id}


def _address_mark(world: World) -> dict[str, object]:
    return {"shown": mark_of_address(_address_of_bo(world))}


_SAID = {"label": "Work", "location_address": "Hobrechtstraße 8, 12047 Berlin"}


def _line_of_bo(world: World) -> CartLine:
    return CartLine.objects.get(cart__user=world.people["Bo"])


def a_payout(world: World, state: str) -> dict[str, object]:
    return {"public_id": world.payouts[state].public_id}


def this_month(world: World, state: str) -> dict[str, object]:
    today = timezone.localdate()
    return {"year": today.year, "month": today.month}


ADDRESSES: dict[str, Address] = {
    "shop:category": lambda world, state: {"slug": world.category.slug},
    "shop:brand": lambda world, state: {"slug": world.brand.slug},
    "shop:seller": lambda world, state: {"slug": world.people["So"].seller_profile.slug},
    "shop:product": lambda world, state: {"slug": world.lamp.slug},
    "shop:sitemap_products": lambda world, state: {"number": 1},
    "shop:address": _an_address,
    "shop:address_remove": _an_address,
    "shop:address_default": _an_address,
    "shop:payment": lambda world, state: {"public_id": world.top_up.public_id},
    "shop:payment_pay": lambda world, state: {"public_id": world.top_up.public_id},
    "shop:payment_check": lambda world, state: {"public_id": world.top_up.public_id},
    "shop:demo_payment": lambda world, state: {"reference": world.top_up.provider_reference},
    "shop:invoice_pdf": lambda world, state: {"number": world.invoice.number},
    "shop:statement_month_csv": this_month,
    "shop:statement_month_pdf": this_month,
    "shop:payout": a_payout,
    "shop:payout_cancel": a_payout,
    "shop:payment_callback": lambda world, state: {"name": "demo"},
    "shop:payout_callback": lambda world, state: {"name": "manual"},
    "shop:notification_open": lambda world, state: {"public_id": world.notice().public_id},
    "shop:order_detail": an_order,
    "shop:order_receipt": an_order,
    "shop:order_address": an_order,
    "shop:order_again": an_order,
    "shop:shipment_cancel": a_part_of_an_order,
    "shop:line_listing": lambda world, state: a_part_of_an_order(world, state) | {"position": 1},
    "shop:line_cancel": lambda world, state: a_part_of_an_order(world, state) | {"position": 1},
    "shop:order_live": an_order,
    "shop:shipment_complete": a_part_of_an_order,
    "shop:proof_reissue": a_part_of_an_order,
    "shop:track": lambda world, state: {"token": tracking_token(the_shipment(world, state))},
}

FORMS: dict[str, Form] = {
    "shop:profile": lambda world, who, state: {"name": "Renamed", "phone": "+49 30 7654321", "time_zone": ""},
    "shop:location": lambda world, who, state: {
        "location_address": "Hobrechtstraße 8, 12047 Berlin",
        "location_lat": "52.486243",
        "location_lng": "13.424805",
    },
    "shop:address_add": lambda world, who, state: {"form_key": world.key(who, "add_address"), **_SAID},
    "shop:pick_up_add": lambda world, who, state: {"form_key": world.key(who, "add_address"), **_SAID},
    "shop:address": lambda world, who, state: _SAID | _address_mark(world),
    "shop:address_remove": lambda world, who, state: _address_mark(world),
    "shop:apply_to_sell": lambda world, who, state: {
        "form_key": world.key(who, "apply", "seller"),
        "shop_name": "Lamps and more",
        "about": "Lamps that I make of old bottles.",
        "location_address": "Elsewhere 8, 12047 Berlin",
        "location_lat": "52.486243",
        "location_lng": "13.424805",
        "agrees": "on",
    },
    "shop:apply_to_deliver": lambda world, who, state: {
        "form_key": world.key(who, "apply", "delivery"),
        **_a_courier(),
    },
    "shop:application": lambda world, who, state: {**_a_courier(), **_own_mark(world)},
    "shop:application_withdraw": lambda world, who, state: _own_mark(world),
    "shop:wallet_top_up": lambda world, who, state: {
        "form_key": world.key(who, "top_up"),
        "amount": "40.00",
    },
    "shop:payout_new": lambda world, who, state: {"form_key": world.key(who, "payout"), "amount": "5.00"},
    "shop:payout_account": lambda world, who, state: {
        "holder": "Somebody",
        "number": "NL91ABNA0417164300",
        "shown": mark_of_account(None),
    },
    "shop:payout_plan": lambda world, who, state: {
        "every": "week",
        "above": "",
        "shown": mark_of_plan(plan_of(world.people[who].pk if world.people[who] else 0)),
    },
    "shop:payout_cancel": lambda world, who, state: {"shown": mark_of_payout(world.payouts[state])},
    "shop:demo_payment": lambda world, who, state: {"decision": "approved"},
    "shop:notifications_read_all": lambda world, who, state: {"newest": world.notice().public_id},
    "shop:cart_add": lambda world, who, state: {
        "product": world.lamp.pk,
        "quantity": 1,
        "form_key": world.key(who, "cart_add", world.lamp.pk),
    },
    "shop:cart_change": lambda world, who, state: {"line": _line_of_bo(world).pk, "quantity": 5},
    "shop:cart_remove": lambda world, who, state: {"line": _line_of_bo(world).pk},
    "shop:cart_accept": lambda world, who, state: {"price": f"{world.lamp.pk}:1600"},
    "shop:cart_coupon": lambda world, who, state: {
        "seller": world.coupon.seller_id,
        "code": world.coupon.code,
    },
    "shop:cart_coupon_off": lambda world, who, state: {"seller": world.coupon.seller_id},
    "shop:checkout": _checkout,
    "shop:order_again": lambda world, who, state: {
        "form_key": world.key(who, "reorder", _order(world, state).pk)
    },
    "shop:order_address": lambda world, who, state: {
        "to": "new",
        "name": "Somebody",
        "phone": "+49 30 1234567",
        "shown": mark_of_order(_order(world, state)),
        **_SAID,
    },
    "shop:shipment_cancel": lambda world, who, state: {
        "reason": "Not needed any more",
        **as_shown(world, state),
    },
    "shop:shipment_complete": lambda world, who, state: as_shown(world, state),
    "shop:proof_reissue": lambda world, who, state: as_shown(world, state),
    "shop:line_cancel": lambda world, who, state: {
        "form_key": world.key(who, "cancel_line", the_shipment(world, state).lines.get().pk),
        "quantity": 1,
        "reason": "Not needed any more",
        **as_shown(world, state),
    },
}
