"""The pages of the seller's workspace."""

from datetime import timedelta

from e2e.world import World

from .looks import SELLER, Shown, shown, slug_of


def its_offer(world: World) -> dict[str, object]:
    from site_config.acts.products import variant

    kettle = world.products["Copper kettle"]
    return {"slug": kettle.slug, "number": variant(kettle).pk}


def a_change(world: World) -> dict[str, object]:
    """A listing of which everything is being changed, begun on the first look."""
    from marketplace.products.models import ListingEdit
    from marketplace.products.services import Changes, NewVariant, begin_edit, change_edit, stage_picture
    from site_config.acts.products import picture_file

    pot = world.products["Copper kettle"]
    if not ListingEdit.objects.filter(product=pot).exists():
        edit = begin_edit(product_id=pot.pk, actor=world.seller)
        changes = Changes(
            title="Copper kettle, polished",
            description=f"{pot.description} Polished by hand.",
            options=[("Size", ["1 l", "2 l"])],
            variants=[NewVariant(4_900, 3, (size,)) for size in ("1 l", "2 l")],
        )
        change_edit(edit_id=edit.pk, changes=changes, actor=world.seller)
        stage_picture(edit_id=edit.pk, file=picture_file(), alt_text="Its lid", actor=world.seller)
    return {"slug": pot.slug}


def an_import(world: World) -> dict[str, object]:
    """An import whose preview waits for its seller's word, made on the first look."""
    from site_config.acts import imports

    run = world.seller.imports.first() or imports.look_through(
        world.seller, imports.product_file("Jar", "Pot")
    )
    return {"public_id": run.public_id}


def an_event(world: World) -> dict[str, object]:
    """An event of the store that sellers may join, opened on the first look."""
    from marketplace.common import clock
    from marketplace.products.models import SaleEvent
    from marketplace.products.services import open_sale_event

    event = SaleEvent.objects.filter(is_open=True).first()
    if event is None:
        begin = clock.now() + timedelta(days=2)
        event = open_sale_event(
            name="Spring sale",
            percent_bps=1500,
            starts_at=begin,
            ends_at=begin + timedelta(days=3),
            actor=world.admin,
        )
    return {"slug": event.slug}


def a_coupon(world: World) -> dict[str, object]:
    """A coupon that somebody has used, made on the first look; another one was stopped."""
    from marketplace.coupons.services import stop_coupon
    from site_config.acts import coupons, orders

    if not world.seller.coupons.exists():
        stop_coupon(coupon_id=coupons.make(world.seller, "WINTER5", amount=500).pk, actor=world.seller)
        coupon = coupons.make(world.seller, most_uses=50, smallest_cart=1_000)
        orders.fill_cart(world.other_seller, {world.products["Enamel kettle"]: 1})
        coupons.apply(world.other_seller, coupon)
    return {"code": "SAVE10"}


PAGES: dict[str, Shown] = {
    "seller_dashboard:coupon": shown(SELLER, address=a_coupon),
    "seller_dashboard:coupons": shown(SELLER),
    "seller_dashboard:coupon_new": shown(SELLER),
    "seller_dashboard:home": shown(SELLER),
    "seller_dashboard:settings": shown(SELLER),
    "seller_dashboard:parcel": shown(
        SELLER, address=lambda world: {"number": world.shipments["returning"].number}
    ),
    "seller_dashboard:sales": shown(SELLER),
    "seller_dashboard:reduce": shown(SELLER, query=("", "q=nothing")),
    "seller_dashboard:event": shown(SELLER, address=an_event, query=("", "q=nothing")),
    "seller_dashboard:imports": shown(SELLER),
    "seller_dashboard:import": shown(SELLER, address=an_import),
    "seller_dashboard:listings": shown(SELLER, query=("", "stock=low&sort=title", "q=nothing")),
    "seller_dashboard:listing": shown(SELLER, address=slug_of("products", "Copper kettle")),
    "seller_dashboard:listing_new": shown(SELLER),
    "seller_dashboard:listing_edit": shown(SELLER, address=slug_of("products", "Draft shirt")),
    "seller_dashboard:listing_preview": shown(SELLER, address=slug_of("products", "Draft shirt")),
    "seller_dashboard:change_edit": shown(SELLER, address=a_change),
    "seller_dashboard:change_preview": shown(SELLER, address=a_change),
    "seller_dashboard:change_cancel": shown(SELLER, address=a_change),
    "seller_dashboard:parcel_listing": shown(
        SELLER, address=lambda world: {"number": world.shipments["returning"].number, "position": 1}
    ),
    "seller_dashboard:offer": shown(SELLER, address=its_offer, query=("", "count=12")),
}

NOT_PAGES = {
    "seller_dashboard:export": "a file",
    "seller_dashboard:export_zip": "a file",
    "seller_dashboard:import_report": "a file",
    "seller_dashboard:listing_categories": "choices of the category picker",
}
