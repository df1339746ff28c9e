"""The locks on goods: variants by id, then their products by id (docs/locks.md)."""

from collections.abc import Iterable
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import F, QuerySet

from marketplace.accounts.models import SellerProfile
from marketplace.accounts.pick_ups import pick_up_columns
from marketplace.common import clock
from marketplace.common.locking import lock_all
from marketplace.common.prepared import PreparedByIds

from .models import Product, Variant
from .taxes import tax_class_column

_SHOP = ("suspended_at", "away_from", "away_until", "is_small_business")
_PICK_UP = pick_up_columns(listing="pick_up", seller="seller__profile")
_COLUMNS = [field.attname for field in Product._meta.concrete_fields if field.name != "description"]


def lock_variants(variant_ids: Iterable[int]) -> dict[int, Variant]:
    """Lock these variants by id and return them as they are now, each with its product (without description),
    which says whether its shop sells (`shop_is_open`), what tax its price contains (`tax_class`, and
    `is_small_business` of its shop) and where it is fetched (`accounts.pick_ups`).

    Whoever changes a product's status, prices or variants locks all of its variants, so what is read here holds
    until the transaction ends. What does not exist is missing. Call it inside a service, before any wallet
    is locked: two statements.
    """
    rows = lock_all(Variant.objects.filter(pk__in=set(variant_ids)))
    products = _products_of({row.product_id for row in rows})
    for row in rows:
        row.product = products[row.product_id]
    return {row.pk: row for row in rows}


def _products_of(ids: Iterable[int]) -> dict[int, Product]:
    """Products with what `lock_variants` says of them: one query, which every order waits for under its locks."""
    now, products = clock.now(), {}
    for row in _read(ids):
        shop = SellerProfile(**{name: row.pop(name) for name in _SHOP})
        product = Product.from_db(DEFAULT_DB_ALIAS, _COLUMNS, [row.pop(name) for name in _COLUMNS])
        vars(product).update(
            row, shop_is_open=shop.is_open(now), is_small_business=bool(shop.is_small_business)
        )
        products[product.pk] = product
    return products


def _rows(ids: list[int]) -> QuerySet[Any, Any]:
    shop = {name: F(f"seller__seller_profile__{name}") for name in _SHOP}
    return Product.objects.filter(pk__in=ids).values(
        *_COLUMNS, **shop, **_PICK_UP, tax_class=tax_class_column("category_id")
    )


_read = PreparedByIds(_rows)


def lock_products(product_ids: Iterable[int]) -> dict[int, Product]:
    """Lock these products with all their variants and return them as they are now (without descriptions).

    Each has its `locked_variants`. A product that does not exist is missing. Call it inside a service, before
    any wallet is locked: three statements.
    """
    ids = set(product_ids)
    variants = lock_all(Variant.objects.filter(product_id__in=ids), whole=True)
    products = {row.pk: row for row in lock_all(Product.objects.filter(pk__in=ids).defer("description"))}
    for product in products.values():
        product.locked_variants = []
    for variant in sorted(variants, key=lambda row: (row.position, row.pk)):
        product = products[variant.product_id]
        variant.product = product
        product.locked_variants.append(variant)
    return products
