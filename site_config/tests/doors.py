"""Where each row of docs/permissions/ knocks and what it says there.

A route whose address holds nothing and a POST that needs nothing said are in neither table.
"""

import io
from collections.abc import Callable

from PIL import Image

from backoffice.actions import ACTIONS
from backoffice.forms import ReasonForm
from marketplace.delivery.selectors import tracking_token
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.models import CartLine, Order, Shipment
from marketplace.orders.selectors import cart_view

from .everybody import World

Address = Callable[[World, str], dict[str, object]]
Form = Callable[[World, str, str], dict[str, object]]


def _shipment(world: World, state: str) -> Shipment:
    return world.shipments[state or "placed"]


def _order(world: World, state: str) -> Order:
    return _shipment(world, state).order


def an_order(world: World, state: str) -> dict[str, object]:
    return {"number": _order(world, state).number}


def a_part_of_an_order(world: World, state: str) -> dict[str, object]:
    return {**an_order(world, state), "shipment": _shipment(world, state).number}


def a_job(world: World, state: str) -> dict[str, object]:
    return {"number": world.job_of(_shipment(world, state)).number}


def a_parcel(world: World, state: str) -> dict[str, object]:
    return {"number": _shipment(world, state).number}


def a_try_of_a_parcel(world: World, state: str) -> dict[str, object]:
    return a_parcel(world, state) | {"position": 1}


# Route → what its address holds; `state` is the column of the table.
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
    "courier:claim": lambda world, state: {"number": _shipment(world, state).number},
    "courier:job": a_job,
    "courier:give_back": a_job,
    "courier:pick_up": a_job,
    "courier:fail": a_job,
    "shop:order_live": an_order,
    "shop:shipment_complete": a_part_of_an_order,
    "shop:proof_reissue": a_part_of_an_order,
    "shop:track": lambda world, state: {"token": tracking_token(_shipment(world, state))},
    "photo": lambda world, state: {"public_id": world.photo_of(_shipment(world, state))},
    "seller_dashboard:parcel": a_parcel,
    "seller_dashboard:parcel_pack": a_parcel,
    "seller_dashboard:parcel_reissue": a_parcel,
    "courier:confirm": a_job,
    "backoffice:sweep_run": lambda world, state: {"name": "forget_old_keys"},
    "backoffice:shipment": a_parcel,
    "backoffice:shipment_address": a_parcel,
    **{
        f"backoffice:{action.route}": a_try_of_a_parcel if action.on_attempt else a_parcel
        for action in ACTIONS.values()
    },
}


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


def _because(world: World, who: str, state: str) -> dict[str, object]:
    return {"reason": "The courier called"}


def _photo() -> io.BytesIO:
    photo = io.BytesIO()
    Image.new("RGB", (64, 64), "#c9b79c").save(photo, "JPEG")
    photo.seek(0)
    photo.name = "door.jpg"
    return photo


def _line_of_bo(world: World) -> CartLine:
    return CartLine.objects.get(cart__user=world.people["Bo"])


def _pin(world: World, who: str, state: str) -> dict[str, object]:
    """The right one, as far as there ever was one."""
    shipment = _shipment(world, state)
    return {
        "form_key": world.key(who, "confirm_delivery", world.job_of(shipment).pk),
        "pin": "123456" if state == "claimed" else world.pin(shipment),
    }


def _sort(world: World, who: str, state: str) -> dict[str, object]:
    """Ca's list, its last parcel one place earlier."""
    numbers = [world.job_of(world.shipments[state]).number for state in ("claimed", "carried", "locked")]
    return {"number": numbers, "up": numbers[-1]}


# Route → what is said in a POST, as the page of whoever asks would say it. Good words wherever that is
# possible: where a door is open by mistake, what is behind it then happens, and is seen.
FORMS: dict[str, Form] = {
    "account_logout": lambda world, who, state: {},
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
        "form_key": world.key(who, "cancel_line", _shipment(world, state).lines.get().pk),
        "quantity": 1,
        "reason": "Not needed any more",
    },
    "courier:here": lambda world, who, state: {"lat": "52.486243", "lng": "13.424805"},
    "courier:sort": _sort,
    "courier:give_back": lambda world, who, state: {"reason": "Flat tyre"},
    "courier:fail": lambda world, who, state: {
        "form_key": world.key(who, "fail_attempt", world.job_of(_shipment(world, state)).pk),
        "reason": "absent",
    },
    "courier:scan": lambda world, who, state: {
        "form_key": world.key(who, "confirm_scan"),
        "token": world.token(_shipment(world, state)),
    },
    "courier:confirm": _pin,
    **{f"backoffice:{action.route}": _because for action in ACTIONS.values() if action.form is ReasonForm},
    "backoffice:shipment_reassign": lambda world, who, state: {
        "courier": world.people["Cx"].email,
        **_because(world, who, state),
    },
    "backoffice:shipment_bypass": lambda world, who, state: {
        "form_key": world.key(who, "bypass_proof", _shipment(world, state).pk),
        "photo": _photo(),
        **_because(world, who, state),
    },
    "backoffice:courier_lift": lambda world, who, state: {"courier": world.people["Ca"].email},
}
