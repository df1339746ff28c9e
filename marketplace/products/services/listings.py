"""Products: listing them, their price, and their way to the shop window."""

from django.utils.text import slugify
from django.utils.translation import gettext as _

from marketplace.common import clock
from marketplace.common.authorisation import Actor, authorize
from marketplace.common.errors import Invalid
from marketplace.common.ids import new_public_id
from marketplace.common.locking import lock_row
from marketplace.common.money import MAX_MONEY
from marketplace.common.moving import move
from marketplace.common.transactions import service
from marketplace.products.models import (
    Brand,
    Category,
    Discount,
    ListingEvent,
    PriceChange,
    Product,
    StockMove,
)
from marketplace.products.prices import MINIMUM_PRICE, reprice
from marketplace.products.search import index
from marketplace.products.states import LISTING_NEXT, BrandStatus, ListingStatus, listing_not_possible

from .categories import clean_name

MAX_STOCK = 1_000_000


def check_price(price: int) -> int:
    """`price` if it can be one. Raises `Invalid`."""
    if not MINIMUM_PRICE <= price <= MAX_MONEY:
        raise Invalid(_("This price is not possible."), field="price")
    return price


def check_stock(stock: int) -> int:
    """`stock` if it can be one. Raises `Invalid`."""
    if not 0 <= stock <= MAX_STOCK:
        raise Invalid(_("Stock is between 0 and %(most)d.") % {"most": MAX_STOCK}, field="stock")
    return stock


def product_slug(title: str) -> str:
    """`title` as it stands in a URL, unique by a few random letters."""
    return f"{slugify(title)[:140] or 'item'}-{new_public_id()[:8]}"


@service
def create_product(
    *,
    seller_id: int,
    category_id: int,
    brand_id: int | None,
    title: str,
    description: str,
    price: int,
    stock: int,
    sku: str | None = None,
    status: str = ListingStatus.DRAFT,
    actor: Actor,
) -> Product:
    """List a product at `price` minor units with `stock` pieces.

    A seller lists for themselves, and a draft; only the store's own doors (demo, tests, import) pass
    another status. Raises `PermissionDenied`, `Invalid` with the field that is wrong.
    """
    status, now = ListingStatus(status), clock.now()
    authorize(actor, "products.create_product", Product(seller_id=seller_id, status=status))
    title = clean_name(title, 140, field="title")
    description = description.replace("\x00", "").strip()
    if len(description) > 8000:
        raise Invalid(_("This may have %(number)d letters at most.") % {"number": 8000}, field="description")
    sku = clean_name(sku, 40, field="sku") if sku else new_public_id()
    if not Category.objects.filter(pk=category_id).exists():
        raise Invalid(_("That category does not exist."), field="category")
    if brand_id and not Brand.objects.filter(pk=brand_id, status=BrandStatus.APPROVED).exists():
        raise Invalid(_("That brand is not approved yet."), field="brand")
    if Product.objects.filter(seller_id=seller_id, sku=sku).exists():
        raise Invalid(_("You use this SKU for another product."), field="sku")
    is_live = status == ListingStatus.LIVE
    product = Product.objects.create(
        seller_id=seller_id,
        category_id=category_id,
        brand_id=brand_id,
        sku=sku,
        title=title,
        slug=product_slug(title),
        description=description,
        price=check_price(price),
        current_price=price,
        stock=check_stock(stock),
        in_stock=stock > 0,
        status=status,
        published_at=now if is_live else None,
        created_at=now,
    )
    if stock:
        StockMove.objects.create(
            product=product, delta=stock, kind="received", key=f"first:{product.pk}", at=now
        )
    ListingEvent.objects.create(product=product, actor_id=actor.pk, to_status=status, at=now)
    if is_live:
        PriceChange.objects.create(product=product, price=price, at=now)
        index.add([product.pk])
    reprice([product], now)
    return product


def edit_own(product_id: int, actor: Actor, permission: str = "products.edit_product") -> Product:
    """The locked product, if `actor` may change it."""
    product = lock_row(Product, product_id)
    authorize(actor, permission, product)
    return product


@service
def change_price(*, product_id: int, price: int, actor: Actor) -> Product:
    """Set the list price (minor units); what it costs now follows at once.

    Raises `Invalid`, also where a discount of now or later would leave next to nothing of it,
    `PermissionDenied`, `Product.DoesNotExist`.
    """
    check_price(price)
    product, now = edit_own(product_id, actor), clock.now()
    if Discount.objects.filter(product=product, ends_at__gt=now, amount__gte=price).exists():
        raise Invalid(_("You give a discount of more than that. Please end it first."), field="price")
    product.price = price
    reprice([product], now)
    return product


def advance(
    product: Product, to: ListingStatus, *, actor: Actor, reason: str = "", **changes: object
) -> None:
    """The only writer of a listing's status: moves a locked product one step, and writes who did it and why.

    `changes` go into the same UPDATE. Raises `InvalidTransition` for a step that `LISTING_NEXT` does not know.
    """
    before = move(product, to, steps=LISTING_NEXT, refuse=listing_not_possible, **changes)
    ListingEvent.objects.create(
        product=product, actor_id=actor.pk, from_status=before, to_status=to, reason=reason, at=clock.now()
    )


@service
def submit(*, product_id: int, actor: Actor) -> Product:
    """Hand a draft in for review. Repeating it changes nothing."""
    product = edit_own(product_id, actor, "products.submit_product")
    if product.status not in (ListingStatus.PENDING, ListingStatus.LIVE):
        advance(product, ListingStatus.PENDING, actor=actor)
    return product


@service
def publish(*, product_id: int, actor: Actor) -> Product:
    """Put a listing into the shop window: DRAFT → PENDING → LIVE, every step in its history.

    Staff's, not the seller's. Repeating it changes nothing.
    Raises `PermissionDenied`, `InvalidTransition`, `Product.DoesNotExist`.
    """
    product = lock_row(Product, product_id)
    authorize(actor, "products.publish_product", product)
    if product.status == ListingStatus.LIVE:
        return product
    if product.status in (ListingStatus.DRAFT, ListingStatus.CHANGES_REQUESTED):
        advance(product, ListingStatus.PENDING, actor=actor)
    now = clock.now()
    advance(product, ListingStatus.LIVE, actor=actor, published_at=product.published_at or now)
    reprice([product], now)
    # From now on people are offered it at this price: its price history begins (or goes on) here.
    PriceChange.objects.create(product=product, price=product.current_price, at=now)
    index.add([product.pk])
    return product
