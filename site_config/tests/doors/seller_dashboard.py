"""The doors of the seller's workspace."""

from datetime import timedelta

from marketplace.accounts.models import SellerProfile
from marketplace.accounts.shown import mark_of_shop, mark_of_tax, mark_of_vacation
from marketplace.common import clock
from marketplace.coupons.shown import mark_of_coupon
from marketplace.products.models import ListingEdit, Product
from marketplace.products.shown import mark_of_edit, mark_of_listing
from site_config.acts import imports, products
from site_config.tests.everybody import World, a_photo

from .things import Address, Form, a_shipment, as_shown


def _goods_of(world: World, who: str) -> int:
    """Something that they sell; who sells nothing says something of somebody else's."""
    return world.chair.pk if who == "Sx" else world.lamp.pk


def _an_import(world: World, state: str) -> dict[str, object]:
    return {"public_id": world.imports["checked"].public_id}


def _shop(world: World, who: str) -> SellerProfile:
    person = world.people[who]
    mine = SellerProfile.objects.filter(pk=person.pk if person else 0).first()
    return mine or SellerProfile.objects.get(pk=world.people["So"].pk)


def _vacation(world: World, who: str, state: str) -> dict[str, object]:
    today = clock.now().date()
    return {
        "away_from": today.isoformat(),
        "away_until": (today + timedelta(days=7)).isoformat(),
        "away_note": "At the sea",
        "shown": mark_of_vacation(_shop(world, who)),
    }


def the_lamp(world: World, state: str) -> dict[str, object]:
    return {"slug": world.lamp.slug}


def its_variant(world: World, state: str) -> dict[str, object]:
    return {"slug": world.lamp.slug, "number": products.variant(world.lamp).pk}


def _mark(world: World) -> str:
    return mark_of_listing(world.lamp.pk, world.lamp.status)


def _listing(world: World, state: str) -> Product:
    return {"draft": world.draft, "staged": world.staged}.get(state, world.lamp)


def _edit(world: World) -> ListingEdit:
    return world.staged.edits.get()


def its_staged_picture(world: World, state: str) -> dict[str, object]:
    return {"slug": world.staged.slug, "number": _edit(world).pictures.get().pk}


def _staged(world: World, who: str, state: str) -> dict[str, object]:
    """The editor's form about an edit, or one that only says what it was drawn for."""
    return _form(world, who, state) | {"shown": mark_of_edit(_edit(world))}


def the_listing(world: World, state: str) -> dict[str, object]:
    return {"slug": _listing(world, state).slug}


def its_picture(world: World, state: str) -> dict[str, object]:
    return {**the_listing(world, state), "number": _listing(world, state).images.get().pk}


def _form(world: World, who: str, state: str) -> dict[str, object]:
    """The editor's, as its page sends it."""
    listing = _listing(world, state)
    return {
        "shown": mark_of_listing(listing.pk, listing.status),
        "title": "Renamed",
        "description": "Said anew.",
        "category": world.category.pk,
        "brand": "",
        "v-TOTAL_FORMS": 1,
        "v-INITIAL_FORMS": 1,
        "v-0-price": "17.00",
        "v-0-stock": "4",
        "v-0-size_class": "small",
    }


def _shown(world: World, who: str, state: str) -> dict[str, object]:
    return {"shown": _mark(world)}


ADDRESSES: dict[str, Address] = {
    "seller_dashboard:settings_picture": lambda world, state: {"place": "logo"},
    "seller_dashboard:parcel": a_shipment,
    "seller_dashboard:parcel_pack": a_shipment,
    "seller_dashboard:parcel_reissue": a_shipment,
    **dict.fromkeys(
        (
            *("seller_dashboard:import", "seller_dashboard:import_start", "seller_dashboard:import_cancel"),
            *("seller_dashboard:import_pictures", "seller_dashboard:import_report"),
        ),
        _an_import,
    ),
    **dict.fromkeys(
        ("seller_dashboard:coupon", "seller_dashboard:coupon_stop", "seller_dashboard:coupon_resume"),
        lambda world, state: {"code": world.coupon.code},
    ),
    "seller_dashboard:event": lambda world, state: {"slug": world.open_event.slug},
    "seller_dashboard:event_end": lambda world, state: {"slug": world.own_event.slug},
    **{
        f"seller_dashboard:{route}": the_lamp
        for route in (
            *("listing", "listing_pause", "listing_resume", "listing_archive", "listing_withdraw"),
            "listing_duplicate",
            "listing_pick_up",
        )
    },
    **{
        f"seller_dashboard:listing_{route}": the_listing
        for route in ("edit", "keep", "preview", "submit", "pictures", "sort")
    },
    "seller_dashboard:listing_picture": its_picture,
    **{
        f"seller_dashboard:change_{route}": the_listing
        for route in (
            *("begin", "edit", "keep", "preview", "submit", "pictures", "sort", "withdraw", "cancel"),
        )
    },
    "seller_dashboard:change_picture": its_staged_picture,
    "seller_dashboard:parcel_listing": lambda world, state: a_shipment(world, state) | {"position": 1},
    **{f"seller_dashboard:{route}": its_variant for route in ("offer", "offer_price", "offer_stock")},
}

FORMS: dict[str, Form] = {
    "seller_dashboard:imports": lambda world, who, state: {
        "table": imports.product_file("Cup"),
        "form_key": world.key(who, "import"),
    },
    "seller_dashboard:settings_shop": lambda world, who, state: {
        "shop_name": f"Renamed by {who}",
        "about": "All new",
        "ships_from": "",
        "shown": mark_of_shop(_shop(world, who)),
    },
    "seller_dashboard:settings_picture": lambda world, who, state: {"file": a_photo()},
    "seller_dashboard:settings_vacation": _vacation,
    "seller_dashboard:settings_delivery": lambda world, who, state: {"free_from": "50.00"},
    "seller_dashboard:settings_tax": lambda world, who, state: {
        "is_small_business": "on",
        "shown": mark_of_tax(_shop(world, who)),
    },
    "seller_dashboard:settings_back": lambda world, who, state: {
        "shown": mark_of_vacation(_shop(world, who))
    },
    "seller_dashboard:parcel_reissue": lambda world, who, state: as_shown(world, state),
    "seller_dashboard:reduce": lambda world, who, state: {
        "form_key": world.key(who, "reduce"),
        "goods": [_goods_of(world, who)],
        "percent_bps": "10",
        "starts_at": "2090-05-01T09:00",
        "ends_at": "2090-05-02T09:00",
        "save": "1",
    },
    "seller_dashboard:coupon_new": lambda world, who, state: {
        "form_key": world.key(who, "coupon_new"),
        "code": "SPRING",
        "amount": "5.00",
    },
    "seller_dashboard:coupon": lambda world, who, state: {
        "amount": "5.00",
        "shown": mark_of_coupon(world.coupon),
    },
    **dict.fromkeys(
        ("seller_dashboard:coupon_stop", "seller_dashboard:coupon_resume"),
        lambda world, who, state: {"shown": mark_of_coupon(world.coupon)},
    ),
    "seller_dashboard:discount_end": lambda world, who, state: {"discount": world.discount.pk},
    "seller_dashboard:event": lambda world, who, state: {
        "shown": [_goods_of(world, who)],
        "goods": [_goods_of(world, who)],
    },
    **{f"seller_dashboard:listing_{move}": _shown for move in ("pause", "resume", "archive", "withdraw")},
    "seller_dashboard:listing_new": lambda world, who, state: {
        "title": "Bench",
        "category": world.category.pk,
        "price": "20.00",
        "form_key": world.key(who, "listing_new"),
    },
    **{f"seller_dashboard:listing_{route}": _form for route in ("edit", "keep", "submit")},
    "seller_dashboard:change_begin": lambda world, who, state: {
        "shown": mark_of_listing(_listing(world, state).pk, _listing(world, state).status)
    },
    **{
        f"seller_dashboard:change_{route}": _staged
        for route in ("edit", "keep", "submit", "withdraw", "cancel")
    },
    "seller_dashboard:change_pictures": lambda world, who, state: {
        "file": a_photo(),
        "alt_text": "A stool",
    },
    "seller_dashboard:change_sort": lambda world, who, state: {"picture": [_edit(world).pictures.get().pk]},
    "seller_dashboard:change_picture": lambda world, who, state: {"alt_text": "A stool, from below"},
    "seller_dashboard:listing_pictures": lambda world, who, state: {"file": a_photo(), "alt_text": "A shelf"},
    "seller_dashboard:listing_sort": lambda world, who, state: {
        "picture": [image.pk for image in _listing(world, state).images.all()]
    },
    "seller_dashboard:listing_picture": lambda world, who, state: {"alt_text": "A shelf, from below"},
    "seller_dashboard:listings_move": lambda world, who, state: {
        "move": "pause",
        "pick": f"{world.lamp.pk}.{_mark(world)}",
    },
    "seller_dashboard:listing_pick_up": lambda world, who, state: {"place": ""},
    "seller_dashboard:listing_duplicate": lambda world, who, state: {
        "form_key": world.key(who, "listing_duplicate", world.lamp.pk)
    },
    "seller_dashboard:offer_price": lambda world, who, state: {"price": "16.00"},
    "seller_dashboard:offer_stock": lambda world, who, state: {
        "stock": "+5",
        "form_key": world.key(who, "stock", products.variant(world.lamp).pk),
    },
}
