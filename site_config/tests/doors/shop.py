"""The doors of the storefront."""

from marketplace.delivery.selectors import tracking_token
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.models import CartLine, Order
from marketplace.orders.selectors import cart_view
from site_config.tests.everybody import World

from .things import Address, Form, the_shipment


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


def _line_of_bo(world: World) -> CartLine:
    return CartLine.objects.get(cart__user=world.people["Bo"])


ADDRESSES: dict[str, Address] = {
    "shop:category": lambda world, state: {"slug": world.category.slug},
    "shop:brand": lambda world, state: {"slug": world.brand.slug},
    "shop:seller": lambda world, state: {"slug": world.people["So"].seller_profile.slug},
    "shop:product": lambda world, state: {"slug": world.lamp.slug},
    "shop:sitemap_products": lambda world, state: {"number": 1},
    "shop:payment": lambda world, state: {"public_id": world.top_up.public_id},
    "shop:payment_pay": lambda world, state: {"public_id": world.top_up.public_id},
    "shop:payment_check": lambda world, state: {"public_id": world.top_up.public_id},
    "shop:demo_payment": lambda world, state: {"reference": world.top_up.provider_reference},
    "shop:payment_callback": lambda world, state: {"name": "demo"},
    "shop:notification_open": lambda world, state: {"public_id": world.notice().public_id},
    "shop:order_detail": an_order,
    "shop:order_receipt": an_order,
    "shop:order_again": an_order,
    "shop:shipment_cancel": a_part_of_an_order,
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
    "shop:wallet_top_up": lambda world, who, state: {
        "form_key": world.key(who, "top_up"),
        "amount": "40.00",
    },
    "shop:demo_payment": lambda world, who, state: {"decision": "approved"},
    "shop:notifications_read_all": lambda world, who, state: {"newest": world.notice().public_id},
    "shop:cart_add": lambda world, who, state: {"product": world.lamp.pk, "quantity": 1},
    "shop:cart_change": lambda world, who, state: {"line": _line_of_bo(world).pk, "quantity": 5},
    "shop:cart_remove": lambda world, who, state: {"line": _line_of_bo(world).pk},
    "shop:cart_accept": lambda world, who, state: {"price": f"{world.lamp.pk}:1600"},
    "shop:checkout": _checkout,
    "shop:order_again": lambda world, who, state: {
        "form_key": world.key(who, "reorder", _order(world, state).pk)
    },
    "shop:shipment_cancel": lambda world, who, state: {"reason": "Not needed any more"},
    "shop:line_cancel": lambda world, who, state: {
        "form_key": world.key(who, "cancel_line", the_shipment(world, state).lines.get().pk),
        "quantity": 1,
        "reason": "Not needed any more",
    },
}
