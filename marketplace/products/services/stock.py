"""Stock: what comes, what is sold, what comes back. Every piece has a row that says why (I16)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Case, F, IntegerField, Sum, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.common import clock, idempotency
from marketplace.common.authorisation import Actor
from marketplace.common.errors import Invalid, StaleState
from marketplace.common.ids import new_public_id
from marketplace.common.inserting import insert
from marketplace.common.locking import lock_all
from marketplace.common.transactions import service
from marketplace.products.errors import OutOfStock
from marketplace.products.locking import lock_products
from marketplace.products.models import Product, StockMove, Variant
from marketplace.products.prices import summarise

from .locked import edit_own
from .variants import NewVariant, check_stock

SALE_KINDS = ("sold", "restocked")
BATCH = 500


@service
def change_stock(*, variant_id: int, change: int, actor: Actor, form_key: str | None = None) -> Variant:
    """Add `change` pieces, or take them out where it is below zero: never an absolute number, which would undo
    a sale of this moment.

    The same `form_key` (action "stock", subject: the variant's pk; None for who has no form) again adds nothing
    more. Raises `Invalid` (field "stock") where fewer are left than are taken out, or more than can be counted;
    `PermissionDenied`, `Variant.DoesNotExist`.
    """
    is_done = _begin(form_key, variant_id, actor, {"change": change})
    variant = _own_variant(variant_id, actor)
    if change and not is_done:
        _move(variant, change)
    return variant


@service
def count_stock(
    *, variant_id: int, counted: int, expected: int, actor: Actor, form_key: str | None = None
) -> Variant:
    """Somebody counted: there are `counted` pieces now. The difference to what is there is written.

    `expected` is what the page said there were; where that has changed since (a sale), raises `StaleState`
    and nothing is written. `form_key` as in `change_stock`. Raises `Invalid`, `PermissionDenied`,
    `Variant.DoesNotExist`.
    """
    check_stock(counted)
    is_done = _begin(form_key, variant_id, actor, {"counted": counted, "expected": expected})
    variant = _own_variant(variant_id, actor)
    if is_done:
        return variant
    if variant.stock != expected:
        raise StaleState(
            ngettext(
                "There is %(count)d of it now, not %(expected)d: one was sold or came back. Please count again.",
                "There are %(count)d of it now, not %(expected)d: some were sold or came back. Please count again.",
                variant.stock,
            )
            % {"count": variant.stock, "expected": expected}
        )
    if counted != variant.stock:
        _move(variant, counted - variant.stock)
    return variant


def _begin(form_key: str | None, variant_id: int, actor: Actor, payload: object) -> bool:
    """Whether the form with this key was carried out before."""
    return form_key is not None and bool(
        idempotency.begin(
            form_key=form_key,
            user_id=actor.pk,
            action="stock",
            subject=variant_id,
            payload=payload,
            result=str(variant_id),
        )
    )


def _own_variant(variant_id: int, actor: Actor) -> Variant:
    """The locked variant, its product locked with all its variants, if `actor` may change it."""
    product_id = Variant.objects.values_list("product_id", flat=True).get(pk=variant_id)
    product = edit_own(product_id, actor)
    return next(row for row in product.locked_variants if row.pk == variant_id)


def _move(variant: Variant, change: int) -> None:
    """Write a stock move of a locked variant and what follows from it."""
    if variant.stock + change < 0:
        raise Invalid(
            ngettext("There is only %(count)d.", "There are only %(count)d.", variant.stock)
            % {"count": variant.stock},
            field="stock",
        )
    check_stock(variant.stock + change)
    kind = "received" if change > 0 else "corrected"
    StockMove.objects.create(
        variant=variant, delta=change, kind=kind, key=f"count:{new_public_id()}", at=clock.now()
    )
    variant.stock += change
    variant.save(update_fields=["stock"])
    summarise([variant.product])


def set_draft_stock(product: Product, wanted: Sequence[NewVariant]) -> None:
    """A locked draft's variants, in the order of `wanted`, have as many pieces as that says. An inner step: of what
    can be bought nobody says an absolute number."""
    for row, variant in zip(product.locked_variants, wanted, strict=True):
        if variant.pk is not None and row.stock != variant.stock:
            _move(row, variant.stock - row.stock)


def _each(quantities: Mapping[int, int]) -> Case:
    return Case(
        *(When(pk=pk, then=Value(number)) for pk, number in quantities.items()), output_field=IntegerField()
    )


def _check(quantities: Mapping[int, int]) -> None:
    if any(number <= 0 for number in quantities.values()):
        raise ValueError("a stock move has at least one piece")


@service
def take_stock(*, variants: Mapping[int, Variant], quantities: Mapping[int, int], cause: str) -> None:
    """Take sold pieces off locked `variants` (`lock_variants`): one UPDATE, one INSERT of moves, and where the
    last piece of one went, what its product's card shows.

    `cause` names the business event ("shipment:7") and works once a variant (a second time is an
    IntegrityError: a bug). Raises `OutOfStock`, and then nothing is taken.
    """
    if not quantities:
        return
    _check(quantities)
    if _take(quantities) != len(quantities):
        left = dict(Variant.objects.filter(pk__in=list(quantities)).values_list("pk", "stock"))
        raise OutOfStock(_("Some of this was sold to somebody else just now."), left=left)
    _write_moves({pk: -number for pk, number in quantities.items()}, "sold", cause)
    _came_or_went(
        variants[pk].product_id for pk, number in quantities.items() if variants[pk].stock == number
    )


def _take(quantities: Mapping[int, int]) -> int:
    """The UPDATE of `take_stock`: how many variants had enough. As SQL, because every order waits for it
    and the ORM took a quarter of an order's processor time to put it together."""
    pieces = f"CASE id {'WHEN %s THEN %s ' * len(quantities)}END"
    values = [value for pair in quantities.items() for value in pair]
    statement = (
        f"UPDATE products_variant SET stock = stock - {pieces}"  # noqa: S608
        f" WHERE id IN ({', '.join(['%s'] * len(quantities))}) AND stock >= {pieces}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, *quantities, *values])
        return cursor.rowcount


@service
def return_stock(*, variants: Mapping[int, Variant], quantities: Mapping[int, int], cause: str) -> None:
    """Put pieces back onto locked `variants`: one UPDATE, one INSERT of moves. All as in `take_stock`."""
    if not quantities:
        return
    _check(quantities)
    Variant.objects.filter(pk__in=list(quantities)).update(stock=F("stock") + _each(quantities))
    _write_moves(quantities, "restocked", cause)
    _came_or_went(variants[pk].product_id for pk in quantities if not variants[pk].stock)


def _came_or_went(product_ids: Iterable[int]) -> None:
    """The first or last piece of a variant came or went: say so on its product, under that one's lock.

    Another size may be selling out beside us; who locks the product second reads what the first has written.
    """
    ids = set(product_ids)
    if not ids:
        return
    products = lock_all(Product.objects.filter(pk__in=ids).defer("description"))
    by_id = {product.pk: product for product in products}
    for product in products:
        product.locked_variants = []
    for variant in Variant.objects.filter(product_id__in=ids):
        by_id[variant.product_id].locked_variants.append(variant)
    summarise(products)


def _write_moves(deltas: Mapping[int, int], kind: str, cause: str) -> None:
    now = clock.now()
    insert(
        StockMove(variant_id=pk, delta=delta, kind=kind, key=f"{kind}:{cause}:{pk}", at=now)
        for pk, delta in sorted(deltas.items())
    )


POPULARITY_WINDOW = timedelta(days=1)


def refresh_popularity(now: datetime) -> int:
    """Sweep: count the pieces sold, less those that came back, of what moved within a day.

    `sold_count` orders lists by popularity; no sale waits for it. Returns how many products changed.
    """
    moved = StockMove.objects.filter(at__gt=now - POPULARITY_WINDOW, kind__in=SALE_KINDS)
    ids = sorted(set(moved.values_list("variant__product_id", flat=True)))
    return sum(_count_sold(ids=ids[start : start + BATCH]) for start in range(0, len(ids), BATCH))


@service
def _count_sold(*, ids: Sequence[int]) -> int:
    products, changed = lock_products(ids), []
    totals = (
        StockMove.objects.filter(variant__product_id__in=ids, kind__in=SALE_KINDS)
        .values_list("variant__product_id")
        .annotate(total=Sum("delta"))
    )
    for pk, total in totals:
        if products[pk].sold_count != max(0, -total):
            products[pk].sold_count = max(0, -total)
            changed.append(products[pk])
    Product.objects.bulk_update(changed, ["sold_count"], batch_size=100)
    return len(changed)
