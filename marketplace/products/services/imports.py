"""Listing many products at once: the same rules and rows as `create_product`, a few statements a batch."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _

from marketplace.common import clock
from marketplace.common.cleaning import clean_identifier, clean_line, clean_text
from marketplace.common.errors import Invalid
from marketplace.common.transactions import service
from marketplace.products.locking import lock_products
from marketplace.products.models import Brand, Category, ListingEvent, Product, ProductImage, Variant
from marketplace.products.prices import reprice
from marketplace.products.search import index, own
from marketplace.products.states import BrandStatus, ListingStatus

from .categories import clean_name
from .listings import product_slug, write_prices
from .variants import NewVariant, check_price, check_variants, insert_variants, new_row

BATCH = 1000
ROWS_A_STATEMENT = 250  # SQLite takes 32,766 parameters, MariaDB 16 MB


@dataclass(frozen=True)
class NewProduct:
    """One product to import. `price` in minor units; `pictures_of` is a product whose pictures it shares."""

    seller_id: int
    category_id: int
    brand_id: int | None
    title: str
    description: str
    price: int
    stock: int
    sku: str
    pictures_of: int | None = None

    def __post_init__(self) -> None:
        """As the columns keep it, so that what is there already is known again."""
        object.__setattr__(self, "title", clean_line(self.title))
        object.__setattr__(self, "description", clean_text(self.description))
        object.__setattr__(self, "sku", clean_identifier(self.sku))


@dataclass(frozen=True)
class Figures:
    """How a product did where it was sold before: ratings, the stars of all of them together, pieces sold."""

    ratings: int
    stars: int
    sold: int


def import_products(rows: Iterable[NewProduct]) -> Iterator[int]:
    """Put products into the shop window, a transaction a batch; yields how many each batch was.

    For the store's own doors. Each product gets its stock move, history, price (running sale events
    included) and its place in the search, as if it had been listed and published. An `sku` that its
    seller has already is left out, so a broken import is finished by running it again. Raises
    `Invalid`; the batches before stay.
    """
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        yield _import(batch=batch)


@service
def _import(*, batch: Sequence[NewProduct]) -> int:
    now = clock.now()
    known = set(Variant.objects.filter(sku__in=[row.sku for row in batch]).values_list("seller_id", "sku"))
    batch = [row for row in batch if (row.seller_id, row.sku) not in known]
    _check(batch)
    covers: dict[int | None, Product] = {**Product.objects.in_bulk(_shown_ids(batch))}
    products = []
    for row in batch:
        cover = covers.get(row.pictures_of)
        price = check_price(row.price)
        products.append(
            Product(
                seller_id=row.seller_id,
                category_id=row.category_id,
                brand_id=row.brand_id,
                title=clean_name(row.title, 140, field="title"),
                slug=product_slug(row.title),
                description=row.description[:8000],
                price=price,
                current_price=price,
                price_to=price,
                status=ListingStatus.LIVE,
                published_at=now,
                created_at=now,
                cover_name=cover.cover_name if cover else "",
                cover_alt=cover.cover_alt if cover else "",
                cover_width=cover.cover_width if cover else 0,
                cover_height=cover.cover_height if cover else 0,
            )
        )
    Product.objects.bulk_create(products, batch_size=ROWS_A_STATEMENT)
    if products and products[0].pk is None:  # MySQL does not tell the new keys
        keys = dict(
            Product.objects.filter(slug__in=[product.slug for product in products]).values_list("slug", "pk")
        )
        for product in products:
            product.pk = keys[product.slug]
    for row, product in zip(batch, products, strict=True):
        (variant,) = check_variants((), [NewVariant(price=row.price, stock=row.stock, sku=row.sku)])
        product.locked_variants = [new_row(product, variant, 0)]
    insert_variants([variant for product in products for variant in product.locked_variants])
    own.write([product.pk for product in products])
    ListingEvent.objects.bulk_create(
        (ListingEvent(product=product, to_status=ListingStatus.LIVE, at=now) for product in products),
        batch_size=ROWS_A_STATEMENT,
    )
    write_prices(products, now)
    _share_pictures(batch, products)
    reprice(products, now)
    index.add([product.pk for product in products])
    return len(batch)


def _check(batch: Sequence[NewProduct]) -> None:
    """Raise `Invalid` for a category or brand that is not there; two queries a batch."""
    categories = {row.category_id for row in batch}
    if Category.objects.filter(pk__in=categories).count() != len(categories):
        raise Invalid(_("That category does not exist."), field="category")
    brands = {row.brand_id for row in batch if row.brand_id is not None}
    if Brand.objects.filter(pk__in=brands, status=BrandStatus.APPROVED).count() != len(brands):
        raise Invalid(_("That brand is not approved yet."), field="brand")


def _shown_ids(batch: Sequence[NewProduct]) -> set[int]:
    """The products whose pictures these rows share."""
    return {row.pictures_of for row in batch if row.pictures_of is not None}


def _share_pictures(batch: Sequence[NewProduct], products: Sequence[Product]) -> None:
    """Rows that name the files of another product's pictures; the files are there once."""
    shared: dict[int | None, list[ProductImage]] = {}
    for image in ProductImage.objects.filter(product_id__in=_shown_ids(batch)):
        shared.setdefault(image.product_id, []).append(image)
    ProductImage.objects.bulk_create(
        (
            ProductImage(
                product=product,
                picture=image.picture.name,
                width=image.width,
                height=image.height,
                alt_text=image.alt_text,
                position=image.position,
            )
            for row, product in zip(batch, products, strict=True)
            for image in shared.get(row.pictures_of, ())
        ),
        batch_size=ROWS_A_STATEMENT,
    )


@service
def import_figures(*, figures: Mapping[int, Figures]) -> None:
    """Set the ratings and sales of products (by their id) to what they brought along.

    For the store's own doors. What the store sells itself is counted by `refresh_popularity`.
    """
    products = lock_products(figures)
    for pk, brought in figures.items():
        products[pk].rating_count, products[pk].rating_sum = brought.ratings, brought.stars
        products[pk].rating_average = round(100 * brought.stars / brought.ratings) if brought.ratings else 0
        products[pk].sold_count = brought.sold
    columns = ["rating_count", "rating_sum", "rating_average", "sold_count"]
    Product.objects.bulk_update(products.values(), columns, batch_size=100)
