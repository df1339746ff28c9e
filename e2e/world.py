"""A small store for browser tests, built by the services that the pages call."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from marketplace.accounts.models import Role, User

PRODUCTS = (
    # category, brand, title, price in minor units, stock
    ("kettles", "Copperline", "Copper kettle", 4_990, 20),
    ("kettles", "Copperline", "Enamel kettle", 2_950, 20),
    ("kettles", "Northwind", "Travel kettle", 1_999, 1),
    ("lamps", "Northwind", "Reading lamp", 7_400, 20),
    ("lamps", "Northwind", "Night lamp", 1_250, 0),
)


@dataclass
class World:
    """Who and what is there. `products` is keyed by title; the second seller's titles end in " II"."""

    buyer: User
    seller: User
    other_seller: User
    admin: User
    courier: User
    categories: dict[str, object] = field(default_factory=dict)
    products: dict[str, object] = field(default_factory=dict)
    order: object = None
    cancelled_order: object = None
    top_up: object = None
    # The buyer's shipments at every point of their way (e2e/parcels.py), and a courier who may not claim.
    parcels: dict[str, object] = field(default_factory=dict)
    suspended_courier: User | None = None


def stock_world(person: Callable[..., User]) -> World:
    """Two sellers with five products each (one sold out, one with a single piece), one on sale now."""
    from marketplace.common import clock
    from marketplace.products import services as products
    from marketplace.products.states import BrandStatus, ListingStatus
    from marketplace.wallet.services import top_up_wallet

    world = World(
        buyer=person(name="Bea"),
        seller=person(Role.SELLER, name="Sam"),
        other_seller=person(Role.SELLER, name="Sue"),
        admin=person(Role.ADMIN, name="Ada"),
        courier=person(Role.DELIVERY, name="Cara"),
    )
    kitchen = products.create_category(name="Kitchen")
    world.categories = {
        "kitchen": kitchen,
        "kettles": products.create_category(name="Kettles", parent_id=kitchen.pk),
        "lamps": products.create_category(name="Lamps"),
    }
    brands = {
        name: products.create_brand(name=name, status=BrandStatus.APPROVED)
        for name in ("Copperline", "Northwind")
    }
    for seller, suffix in ((world.seller, ""), (world.other_seller, " II")):
        for category, brand, title, price, stock in PRODUCTS:
            world.products[title + suffix] = products.create_product(
                seller_id=seller.pk,
                category_id=world.categories[category].pk,
                brand_id=brands[brand].pk,
                title=title + suffix,
                description=f"{title}{suffix}, made to be used every day.",
                price=price,
                stock=stock,
                status=ListingStatus.LIVE,
            )
    now = clock.now()
    products.create_discount(
        product_id=world.products["Copper kettle"].pk,
        percent_bps=2_000,
        starts_at=now - timedelta(days=1),
        ends_at=now + timedelta(days=6),
    )
    top_up_wallet(user_id=world.buyer.pk, amount=50_000, key=f"test-world:{world.buyer.pk}")
    return world


def furnish(world: World, check_out: Callable[..., object], person: Callable[..., User]) -> World:
    """Give everybody something to see everywhere: an order of two sellers, one of it partly cancelled, one
    shipment cancelled, parcels at every point of their way, a cart of two sellers, a top-up under way,
    notifications; goods get pictures.
    """
    import io

    from PIL import Image

    from e2e.parcels import send_parcels
    from marketplace.common.idempotency import new_form_key
    from marketplace.delivery.services import cancel_line, cancel_shipment
    from marketplace.orders.cart_ref import CartRef
    from marketplace.orders.services import add_to_cart
    from marketplace.products.services import add_image
    from marketplace.wallet.payments.desk import payment_page
    from marketplace.wallet.services import start_top_up

    picture = io.BytesIO()
    Image.new("RGB", (900, 900), "#c9b79c").save(picture, "JPEG")
    for title in ("Copper kettle", "Copper kettle II"):
        picture.seek(0)
        add_image(
            product_id=world.products[title].pk,
            file=picture,
            alt_text="A kettle on a table, seen from the side",
        )
    cart = CartRef(user_id=world.buyer.pk)

    def order(**pieces: int) -> object:
        for title, quantity in pieces.items():
            product = world.products[title.replace("_", " ")]
            add_to_cart(cart=cart, product_id=product.pk, quantity=quantity)
        return check_out(world.buyer)

    world.order = order(Copper_kettle=2, Reading_lamp=1, Enamel_kettle_II=1)
    kettles = world.order.shipments.get(seller=world.seller)
    line = kettles.lines.order_by("pk").first()
    cancel_line(
        line_id=line.pk,
        quantity=1,
        actor=world.buyer,
        form_key=new_form_key(user_id=world.buyer.pk, action="cancel_line", subject=line.pk),
        reason="One is enough",
    )
    world.cancelled_order = order(Enamel_kettle=1)
    cancel_shipment(
        shipment_id=world.cancelled_order.shipments.get().pk, actor=world.buyer, reason="Found another"
    )
    world.suspended_courier = person(Role.DELIVERY, name="Cole")
    world.parcels = send_parcels(
        buyer=world.buyer,
        courier=world.courier,
        suspended=world.suspended_courier,
        product_ids=[world.products[title].pk for title in ("Enamel kettle", "Enamel kettle II")],
        check_out=check_out,
    )
    for title in ("Travel kettle", "Reading lamp II"):
        add_to_cart(cart=cart, product_id=world.products[title].pk, quantity=1)
    world.top_up = start_top_up(
        user_id=world.buyer.pk,
        amount=2_500,
        form_key=new_form_key(user_id=world.buyer.pk, action="top_up"),
    )
    payment_page(top_up_id=world.top_up.pk, return_url="http://localhost/wallet/")
    world.top_up.refresh_from_db()
    return world
