"""Products: listing them, their price, and their way to the shop window."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.text import slugify
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.common import clock, idempotency
from marketplace.common.authorisation import Actor, authorize
from marketplace.common.errors import StaleState
from marketplace.common.ids import new_public_id
from marketplace.common.moving import move
from marketplace.common.transactions import service
from marketplace.products.models import (
    ListingEvent,
    PriceChange,
    Product,
    Variant,
)
from marketplace.products.prices import reprice
from marketplace.products.search import index, own
from marketplace.products.states import LISTING_NEXT, ListingStatus, listing_not_possible
from marketplace.reviewing.models import Submission
from marketplace.reviewing.services import steps

from .categories import clean_name
from .checks import MAX_TITLE, check_brand, check_category, check_description
from .locked import edit_own, lock_own
from .variants import (
    NewVariant,
    Options,
    check_options,
    check_price,
    check_variants,
    insert_variants,
    new_row,
    require_free_skus,
    require_more_than_discounts,
)


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
    price: int | None = None,
    stock: int = 0,
    sku: str | None = None,
    options: Options = (),
    variants: Sequence[NewVariant] = (),
    status: str = ListingStatus.DRAFT,
    slug: str = "",
    actor: Actor,
) -> Product:
    """List a product: without options at `price` minor units with `stock` pieces, else as its `variants` say.

    A seller lists for themselves, and a draft; only the store's own doors (demo, tests, import) pass
    another status. `slug` is one of `product_slug`, for a form whose key remembers it.
    Raises `PermissionDenied`, `Invalid` with the field that is wrong.
    """
    status, now = ListingStatus(status), clock.now()
    authorize(actor, "products.create_product", Product(seller_id=seller_id, status=status))
    title = clean_name(title, MAX_TITLE, field="title")
    description = check_description(description)
    check_category(category_id)
    check_brand(brand_id)
    checked = check_options(options)
    wanted = check_variants(checked, variants or [NewVariant(price=price or 0, stock=stock, sku=sku or "")])
    require_free_skus(seller_id, [variant.sku for variant in wanted])
    is_live = status == ListingStatus.LIVE
    first = min(wanted, key=lambda variant: variant.price)
    product = Product.objects.create(
        seller_id=seller_id,
        category_id=category_id,
        brand_id=brand_id,
        title=title,
        slug=slug or product_slug(title),
        description=description,
        price=first.price,
        current_price=first.price,
        price_to=first.price,
        options=checked,
        status=status,
        published_at=now if is_live else None,
        created_at=now,
    )
    product.locked_variants = [new_row(product, variant, position) for position, variant in enumerate(wanted)]
    insert_variants(product.locked_variants)
    own.write([product.pk])
    ListingEvent.objects.create(product=product, actor_id=actor.pk, to_status=status, at=now)
    if is_live:
        write_prices([product], now)
        index.add([product.pk])
    reprice([product], now)
    return product


@service
def begin_listing(*, title: str, category_id: int, price: int, actor: User, form_key: str) -> Product:
    """Begin a draft of `actor`'s with what it has from its first moment; `price` in minor units.

    The same `form_key` (action "listing_new", no subject) again returns the same draft. Raises as
    `create_product`, and `KeyReused`.
    """
    authorize(actor, "products.create_product", Product(seller_id=actor.pk, status=ListingStatus.DRAFT))
    slug = product_slug(title)
    before = idempotency.begin(
        form_key=form_key,
        user_id=actor.pk,
        action="listing_new",
        payload={"title": title, "category": category_id, "price": price},
        result=slug,
    )
    if before:
        return Product.objects.get(slug=before)
    return create_product(
        seller_id=actor.pk,
        category_id=category_id,
        brand_id=None,
        title=title,
        description="",
        price=price,
        slug=slug,
        actor=actor,
    )


def write_prices(products: Iterable[Product], now: datetime) -> None:
    """From now on people are offered these locked products at their prices: their history begins, or goes on, here."""
    PriceChange.objects.bulk_create(
        (
            PriceChange(variant=row, price=row.current_price, at=now)
            for product in products
            for row in product.locked_variants
        ),
        batch_size=500,
    )


@service
def change_price(*, variant_id: int, price: int, actor: Actor) -> Product:
    """Set a variant's list price (minor units); what it costs now follows at once. Returns its product.

    Raises `Invalid`, also where a discount of now or later would leave next to nothing of it,
    `PermissionDenied`, `Variant.DoesNotExist`.
    """
    check_price(price)
    product_id = Variant.objects.values_list("product_id", flat=True).get(pk=variant_id)
    product, now = edit_own(product_id, actor), clock.now()
    require_more_than_discounts(product, {variant_id: price}, now)
    reprice([product], now, list_prices={variant_id: price})
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
def publish(*, product_id: int, actor: Actor) -> Product:
    """Put a listing into the shop window: DRAFT → PENDING → LIVE, every step in its history.

    For the store's own doors (the demo, tests): what a seller has handed in is decided with its submission
    (`decide_listing`), and refused here. Staff's, not the seller's. Repeating it changes nothing. Raises
    `StaleState`, `PermissionDenied`, `InvalidTransition`, `Product.DoesNotExist`.
    """
    product = lock_own(product_id, actor, "products.publish_product")
    if product.status == ListingStatus.LIVE:
        return product
    if Submission.objects.filter(open_key=steps.open_key_of(product)).exists():
        raise StaleState(_("It waits for a decision: please decide it in the queue."))
    if product.status in (ListingStatus.DRAFT, ListingStatus.CHANGES_REQUESTED):
        advance(product, ListingStatus.PENDING, actor=actor)
    now = clock.now()
    advance(product, ListingStatus.LIVE, actor=actor, published_at=product.published_at or now)
    enter_window([product], now)
    return product


def enter_window(products: Sequence[Product], now: datetime) -> None:
    """Locked listings are live from now on: they cost what they cost now, their price history goes on, the search
    knows them. An inner step; their state is `advance`'s."""
    reprice(products, now)
    write_prices(products, now)
    index.add([product.pk for product in products])


def leave_window(products: Sequence[Product]) -> None:
    """Locked listings are no longer live: the search forgets them. Their price history ends where they left it."""
    index.drop([product.pk for product in products])
