"""Options and variants: which there may be, and writing them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _

from marketplace.common import clock
from marketplace.common.authorisation import Actor
from marketplace.common.cleaning import clean_identifier, clean_line
from marketplace.common.errors import Invalid
from marketplace.common.ids import new_public_id
from marketplace.common.money import MAX_MONEY
from marketplace.common.transactions import service
from marketplace.products.gtin import clean_gtin
from marketplace.products.models import (
    MAX_OPTION_NAME,
    MAX_OPTION_VALUE,
    Discount,
    PriceChange,
    Product,
    SizeClass,
    StockMove,
    Variant,
)
from marketplace.products.option_keys import keys_of_variant
from marketplace.products.prices import MINIMUM_PRICE, reprice
from marketplace.products.search import index, own
from marketplace.products.search.words import fold
from marketplace.products.states import ListingStatus

from .categories import clean_name
from .locked import edit_unseen

MAX_OPTIONS = 3
MAX_VARIANTS = 100
MAX_STOCK = 1_000_000
MAX_WEIGHT = 1_000_000
COLUMNS = ("option1", "option2", "option3")

Options = Sequence[tuple[str, Sequence[str]]]


@dataclass(frozen=True)
class NewVariant:
    """A variant to be: its option values in the order of the options, its list price in minor units."""

    price: int
    stock: int = 0
    values: tuple[str, ...] = ()
    sku: str = ""
    """Without one the store makes one up."""
    barcode: str = ""
    weight_grams: int = 0
    size_class: str = SizeClass.MEDIUM
    pk: int | None = field(default=None, kw_only=True)
    """Of a variant that is there already; its stock is left alone (`change_stock`)."""


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


def check_options(options: Options) -> list[list[Any]]:
    """The options as a product keeps them: at most three, each with its values. Raises `Invalid` ("options").

    Names, and values, that differ in case or accents alone are the same (`fold`), as they are to MariaDB.
    """
    if len(options) > MAX_OPTIONS:
        raise Invalid(_("A product has %(most)d options at most.") % {"most": MAX_OPTIONS}, field="options")
    checked: list[list[Any]] = []
    for name, values in options:
        name = clean_name(name, MAX_OPTION_NAME, field="options")
        if fold(name) in {fold(other) for other, _values in checked}:
            raise Invalid(_("“%(name)s” stands there twice.") % {"name": name}, field="options")
        cleaned = [clean_name(value, MAX_OPTION_VALUE, field="options") for value in values]
        twice = {fold(value) for value in cleaned}
        if not cleaned or len(twice) != len(cleaned):
            raise Invalid(
                _("Give “%(name)s” at least one value, and none of them twice.") % {"name": name},
                field="options",
            )
        checked.append([name, cleaned])
    return checked


def check_variants(options: Sequence[Sequence[Any]], variants: Sequence[NewVariant]) -> list[NewVariant]:
    """`variants` cleaned, if they fit `options` (checked). Raises `Invalid` with the field that is wrong."""
    if not variants:
        raise Invalid(_("A product has at least one variant."), field="variants")
    if len(variants) > MAX_VARIANTS:
        raise Invalid(
            _("A product has %(most)d variants at most.") % {"most": MAX_VARIANTS}, field="variants"
        )
    if not options and len(variants) > 1:
        raise Invalid(_("A product without options has one variant only."), field="variants")
    cleaned = [_clean(options, variant) for variant in variants]
    if len({variant.values for variant in cleaned}) != len(cleaned):
        raise Invalid(_("Two variants have the same values."), field="variants")
    if len({fold(variant.sku) for variant in cleaned}) != len(cleaned):
        raise Invalid(_("Two variants have the same SKU."), field="sku")
    return cleaned


def _clean(options: Sequence[Sequence[Any]], variant: NewVariant) -> NewVariant:
    values = tuple(clean_line(value) for value in variant.values)
    if len(values) != len(options) or any(
        value not in known for value, (_name, known) in zip(values, options, strict=True)
    ):
        raise Invalid(
            _("A variant has one value of each option: %(values)s does not.")
            % {"values": " / ".join(values)},
            field="variants",
        )
    if variant.size_class not in SizeClass.values:
        raise Invalid(_("Please choose a size."), field="size_class")
    if not 0 <= variant.weight_grams <= MAX_WEIGHT:
        raise Invalid(_("A piece weighs a ton at most."), field="weight_grams")
    sku = clean_identifier(variant.sku)
    return replace(
        variant,
        values=values,
        price=check_price(variant.price),
        stock=check_stock(variant.stock),
        sku=clean_name(sku, 40, field="sku") if sku else new_public_id(),
        barcode=clean_gtin(variant.barcode),
    )


def new_row(product: Product, variant: NewVariant, position: int) -> Variant:
    """The row of a checked variant, not saved yet; it costs its list price until it is repriced."""
    return Variant(
        product=product,
        seller_id=product.seller_id,
        position=position,
        **dict(zip(COLUMNS, variant.values, strict=False)),
        option_keys=keys_of_variant(product.options, variant.values),
        sku=variant.sku,
        barcode=variant.barcode,
        price=variant.price,
        current_price=variant.price,
        stock=variant.stock,
        weight_grams=variant.weight_grams,
        size_class=variant.size_class,
    )


def require_free_skus(seller_id: int, skus: Sequence[str], *, but_of: int | None = None) -> None:
    """Raise `Invalid` if the seller uses one of `skus` for another product than `but_of`."""
    taken = Variant.objects.filter(seller_id=seller_id, sku__in=skus)
    if but_of is not None:
        taken = taken.exclude(product_id=but_of)
    if sku := taken.values_list("sku", flat=True).first():
        raise Invalid(_("You use the SKU “%(sku)s” for another product.") % {"sku": sku}, field="sku")


def require_more_than_discounts(product: Product, prices: Mapping[int | None, int], now: datetime) -> None:
    """Raise `Invalid` where a discount of now or later would leave next to nothing of one of `prices` (variant
    id, None for a new one → minor units)."""
    amounts = Discount.objects.filter(product=product, ends_at__gt=now, amount__gte=min(prices.values()))
    for variant_id, amount in amounts.values_list("variant_id", "amount"):
        if amount and any(price <= amount for pk, price in prices.items() if variant_id in (None, pk)):
            raise Invalid(_("You give a discount of more than that. Please end it first."), field="price")


def write_first_moves(variants: Sequence[Variant]) -> None:
    """What saved variants have from the start is a stock move, as everything that comes."""
    now = clock.now()
    StockMove.objects.bulk_create(
        [
            StockMove(variant=row, delta=row.stock, kind="received", key=f"first:{row.pk}", at=now)
            for row in variants
            if row.stock
        ],
        batch_size=250,
    )


def insert_variants(rows: Sequence[Variant]) -> None:
    """Save new variants with their first stock moves; all of them have their keys afterwards."""
    with _refused_where_a_sku_is_taken():
        Variant.objects.bulk_create(rows, batch_size=250)
    if rows and rows[0].pk is None:  # MySQL does not tell the new keys
        keys = {
            (product_id, sku): pk
            for pk, product_id, sku in Variant.objects.filter(
                product_id__in={row.product_id for row in rows}
            ).values_list("pk", "product_id", "sku")
        }
        for row in rows:
            row.pk = keys[row.product_id, row.sku]
    write_first_moves(rows)


@service
def set_variants(
    *, product_id: int, options: Options, variants: Sequence[NewVariant], actor: Actor
) -> Product:
    """Give a product these options and variants, in this order.

    A variant with a `pk` is one that is there and keeps its stock; one that is missing is no longer offered,
    and vanishes where nothing ever came or went. A seller's own is changed so before shoppers see it; the store's
    own doors may always. Raises `Invalid` with the field that is wrong, `PermissionDenied`, `StaleState`,
    `Product.DoesNotExist`.
    """
    product = edit_unseen(product_id, actor)
    write_variants(product, options, variants)
    return product


def write_variants(product: Product, options: Options, variants: Sequence[NewVariant]) -> None:
    """As `set_variants`, of a locked product. An inner step."""
    checked = check_options(options)
    wanted = check_variants(checked, variants)
    there = {row.pk: row for row in product.locked_variants}
    if unknown := {variant.pk for variant in wanted} - {None} - set(there):
        raise Invalid(_("These variants have changed in the meantime: %d.") % len(unknown), field="variants")
    require_free_skus(product.seller_id, [variant.sku for variant in wanted], but_of=product.pk)
    now = clock.now()
    kept = {variant.pk: variant.price for variant in wanted if variant.pk is not None}
    if len(kept) != sum(variant.pk is not None for variant in wanted):
        raise Invalid(_("One of these variants stands there twice."), field="variants")
    cheapest = min((variant.price for variant in wanted if variant.pk is None), default=None)
    prices: dict[int | None, int] = dict(kept.items())
    if cheapest is not None:
        prices[None] = cheapest
    require_more_than_discounts(product, prices, now)
    _retire(product, {pk: row for pk, row in there.items() if pk not in kept}, wanted)
    product.options = checked
    rows: list[Variant] = []
    new: list[Variant] = []
    for position, variant in enumerate(wanted):
        if variant.pk is None:
            row = new_row(product, variant, position)
            new.append(row)
        else:
            row = there[variant.pk]
            values = (*variant.values, "", "", "")[:3]
            row.option1, row.option2, row.option3 = values
            row.option_keys = keys_of_variant(checked, variant.values)
            row.position, row.sku, row.barcode = position, variant.sku, variant.barcode
            row.weight_grams, row.size_class = variant.weight_grams, variant.size_class
            row.is_offered = True
        rows.append(row)
    _store_kept([row for row in rows if row.pk is not None])
    insert_variants(new)
    product.version += 1
    product.save(update_fields=["options", "version"])
    product.locked_variants = rows
    own.write([product.pk])
    reprice([product], now, list_prices=kept)
    if product.status == ListingStatus.LIVE:
        PriceChange.objects.bulk_create(
            [PriceChange(variant=row, price=row.current_price, at=now) for row in new], batch_size=250
        )
        index.add([product.pk])


def _store_kept(rows: Sequence[Variant]) -> None:
    """Save the kept variants. Values and SKUs may change places: first to where nothing else is, then in place.

    Nothing else is behind a space: what people write begins with none (`cleaning.clean_line`).
    """
    if not rows:
        return
    aside = Concat(Value(" "), Cast("pk", CharField()), output_field=CharField())
    Variant.objects.filter(pk__in=[row.pk for row in rows]).update(option1=aside, sku=aside)
    fields = [
        *COLUMNS,
        "option_keys",
        "position",
        "sku",
        "barcode",
        "weight_grams",
        "size_class",
        "is_offered",
    ]
    with _refused_where_a_sku_is_taken():
        Variant.objects.bulk_update(rows, fields, batch_size=100)


@contextmanager
def _refused_where_a_sku_is_taken() -> Iterator[None]:
    """Two listings of one seller lock nothing together: what `require_free_skus` had not seen yet, the key sees."""
    try:
        yield
    except IntegrityError as error:
        if "sku" not in str(error):
            raise
        raise Invalid(
            _("You have used one of these SKUs for another product meanwhile."), field="sku"
        ) from error


def _retire(product: Product, gone: Mapping[int, Variant], wanted: Sequence[NewVariant]) -> None:
    """Take variants off offer. What never had a piece vanishes, what was dealt with stays for its orders, and
    so do its values and its SKU: another one cannot have them.
    """
    used = set(StockMove.objects.filter(variant_id__in=list(gone)).values_list("variant_id", flat=True))
    Variant.objects.filter(pk__in=[pk for pk in gone if pk not in used]).delete()
    kept = [row for pk, row in gone.items() if pk in used]
    taken = {tuple(map(fold, row.values)) for row in kept}
    skus = {fold(row.sku) for row in kept}
    for variant in wanted:
        if tuple(map(fold, variant.values)) in taken or fold(variant.sku) in skus:
            raise Invalid(
                _("%(values)s was here before: please take that variant back instead of a new one.")
                % {"values": " / ".join(variant.values) or variant.sku},
                field="variants",
            )
    Variant.objects.filter(pk__in=used).update(is_offered=False)
