"""Stock: what comes, what is sold, what comes back. Every piece has a row that says why (I16)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Case, F, IntegerField, Q, Sum, Value, When
from django.utils.translation import gettext as _

from marketplace.common import clock
from marketplace.common.authorisation import Actor
from marketplace.common.ids import new_public_id
from marketplace.common.inserting import insert
from marketplace.common.locking import lock_all
from marketplace.common.transactions import service
from marketplace.products.errors import OutOfStock
from marketplace.products.models import Product, StockMove

from .listings import check_stock, edit_own

SALE_KINDS = ("sold", "restocked")
BATCH = 500


def lock_products(product_ids: Iterable[int]) -> dict[int, Product]:
    """Lock these products by id and return them as they are now (without descriptions).

    A product that does not exist is missing. Call it inside a service, before any wallet is locked.
    """
    ids = set(product_ids)
    return {row.pk: row for row in lock_all(Product.objects.filter(pk__in=ids).defer("description"))}


@service
def change_stock(*, product_id: int, stock: int, actor: Actor) -> Product:
    """Say how many pieces there are now. Raises `Invalid`, `PermissionDenied`, `Product.DoesNotExist`."""
    check_stock(stock)
    product = edit_own(product_id, actor)
    delta = stock - product.stock
    if not delta:
        return product
    kind = "received" if delta > 0 else "corrected"
    StockMove.objects.create(
        product=product, delta=delta, kind=kind, key=f"count:{new_public_id()}", at=clock.now()
    )
    if product.in_stock != (stock > 0):
        product.version += 1
    product.stock, product.in_stock = stock, stock > 0
    product.save(update_fields=["stock", "in_stock", "version"])
    return product


def _each(quantities: Mapping[int, int]) -> Case:
    return Case(
        *(When(pk=pk, then=Value(number)) for pk, number in quantities.items()), output_field=IntegerField()
    )


def _check(quantities: Mapping[int, int]) -> None:
    if any(number <= 0 for number in quantities.values()):
        raise ValueError("a stock move has at least one piece")


@service
def take_stock(*, quantities: Mapping[int, int], cause: str) -> None:
    """Take sold pieces off locked products: one UPDATE, one INSERT of moves.

    `cause` names the business event ("shipment:7") and works once a product (a second time is an
    IntegrityError: a bug). Raises `OutOfStock`, and then nothing is taken.
    """
    if not quantities:
        return
    _check(quantities)
    taken = _take(quantities)
    if taken != len(quantities):
        left = dict(Product.objects.filter(pk__in=list(quantities)).values_list("pk", "stock"))
        raise OutOfStock(_("Some of this was sold to somebody else just now."), left=left)
    _write_moves({pk: -number for pk, number in quantities.items()}, "sold", cause)


def _take(quantities: Mapping[int, int]) -> int:
    """The UPDATE of `take_stock`: how many products had enough. As SQL, because every order waits for it
    and the ORM took a quarter of an order's processor time to put it together."""
    pieces = f"CASE id {'WHEN %s THEN %s ' * len(quantities)}END"
    values = [value for pair in quantities.items() for value in pair]
    # MariaDB reads a column that was set before in the same SET as its new value: stock comes last.
    statement = (
        f"UPDATE products_product SET version = CASE WHEN stock = {pieces} THEN version + 1 ELSE version END,"  # noqa: S608
        f" in_stock = CASE WHEN stock > {pieces} THEN TRUE ELSE FALSE END, stock = stock - {pieces}"
        f" WHERE id IN ({', '.join(['%s'] * len(quantities))}) AND stock >= {pieces}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values * 3, *quantities, *values])
        return cursor.rowcount


@service
def return_stock(*, quantities: Mapping[int, int], cause: str) -> None:
    """Put pieces back onto locked products: one UPDATE, one INSERT of moves. `cause` as in `take_stock`."""
    if not quantities:
        return
    _check(quantities)
    Product.objects.filter(pk__in=list(quantities)).update(
        version=Case(
            When(Q(stock=0), then=F("version") + 1), default=F("version"), output_field=IntegerField()
        ),
        in_stock=True,
        stock=F("stock") + _each(quantities),
    )
    _write_moves(quantities, "restocked", cause)


def _write_moves(deltas: Mapping[int, int], kind: str, cause: str) -> None:
    now = clock.now()
    insert(
        StockMove(product_id=pk, delta=delta, kind=kind, key=f"{kind}:{cause}:{pk}", at=now)
        for pk, delta in sorted(deltas.items())
    )


POPULARITY_WINDOW = timedelta(days=1)


def refresh_popularity(now: datetime) -> int:
    """Sweep: count the pieces sold, less those that came back, of what moved within a day.

    `sold_count` orders lists by popularity; no sale waits for it. Returns how many products changed.
    """
    moved = StockMove.objects.filter(at__gt=now - POPULARITY_WINDOW, kind__in=SALE_KINDS)
    ids = sorted(set(moved.values_list("product_id", flat=True)))
    return sum(_count_sold(ids=ids[start : start + BATCH]) for start in range(0, len(ids), BATCH))


@service
def _count_sold(*, ids: Sequence[int]) -> int:
    products, changed = lock_products(ids), []
    totals = (
        StockMove.objects.filter(product_id__in=ids, kind__in=SALE_KINDS)
        .values_list("product_id")
        .annotate(total=Sum("delta"))
    )
    for pk, total in totals:
        if products[pk].sold_count != max(0, -total):
            products[pk].sold_count = max(0, -total)
            changed.append(products[pk])
    Product.objects.bulk_update(changed, ["sold_count"], batch_size=100)
    return len(changed)
