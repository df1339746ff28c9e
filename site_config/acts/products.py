"""Sellers list goods, on shelves and of brands that the store has put up."""

import io
from datetime import timedelta

from PIL import Image

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.common.authorisation import SYSTEM
from marketplace.products import services
from marketplace.products.models import Brand, Category, Discount, Product, ProductImage
from marketplace.products.states import BrandStatus, ListingStatus


def put_up_shelf(name: str, *, parent: Category | None = None, icon: str = "") -> Category:
    """A category, in another one or at the top."""
    return services.create_category(
        name=name, parent_id=parent.pk if parent else None, icon=icon, actor=SYSTEM
    )


def take_in_brand(name: str, *, about: str = "", status: str = BrandStatus.APPROVED) -> Brand:
    """A brand that goods may be of."""
    return services.create_brand(name=name, about=about, status=status, actor=SYSTEM)


def offer(
    seller: User,
    category: Category,
    *,
    title: str,
    brand: Brand | None = None,
    description: str = "",
    price: int = 1_000,
    stock: int = 10,
    sku: str | None = None,
    status: str = ListingStatus.LIVE,
) -> Product:
    """List something for `price` minor units a piece: live, unless `status` says otherwise.

    A draft is its seller's doing; whatever else a listing begins as, the store has made it.
    """
    return services.create_product(
        seller_id=seller.pk,
        category_id=category.pk,
        brand_id=brand.pk if brand else None,
        title=title,
        description=description,
        price=price,
        stock=stock,
        sku=sku,
        status=status,
        actor=seller if status == ListingStatus.DRAFT else SYSTEM,
    )


def put_on_sale(product: Product) -> Product:
    """A draft's way to the shop window: its seller hands it in, the store publishes it."""
    services.submit(product_id=product.pk, actor=product.seller)
    return services.publish(product_id=product.pk, actor=SYSTEM)


def reduce(product: Product, *, percent: int, began: timedelta, lasts: timedelta) -> Discount:
    """A discount that began so long ago and lasts so long from then."""
    begin = clock.now() - began
    return services.create_discount(
        product_id=product.pk,
        percent_bps=percent * 100,
        starts_at=begin,
        ends_at=begin + lasts,
        actor=product.seller,
    )


def picture_file(
    kind: str = "PNG", size: tuple[int, int] = (640, 640), colour: object = (200, 120, 40), **options: object
) -> io.BytesIO:
    """A picture as a phone sends it, of plain pixels."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, format=kind, **options)
    file.seek(0)
    return file


def show(product: Product, *, alt_text: str, size: tuple[int, int] = (900, 900)) -> ProductImage:
    """Add a picture to a listing."""
    file = picture_file("JPEG", size)
    return services.add_image(product_id=product.pk, file=file, alt_text=alt_text, actor=product.seller)
