"""The only way to lock rows.

Locks are taken in the order of `LOCK_RANK` (a number on each lockable model), within a model by
primary key; a step back raises `LockOrderError`, in tests and in production alike. The ranks, from
docs/locks.md: 1 category tree, 2 courier, 3 cart, 4 auction, 5 order, 6 shipment, 7 delivery, 7.5 proof,
8 return, 8.3 import, 8.4 application, 8.5 submission, 8.6 listing edit, 8.65 profile, 8.7 shop, 8.75 offer,
8.78 coupon, 8.8 sale event, 9 variant, 9.5 product, 10 points, 10.5 top-up, 10.55 payout plan, 10.57 number series,
10.58 payout batch, 10.6 payout, 11 wallet. What a decision rests on is
read from the rows that these functions return.
"""

from collections.abc import Iterable
from typing import TypeVar

from django.db import models, transaction
from django.db.models import QuerySet

from .transactions import is_outermost

Row = TypeVar("Row", bound=models.Model)


class LockOrderError(RuntimeError):
    """Somebody locked rows in an order that can deadlock: a bug, never a person's fault."""


def for_update(queryset: QuerySet[Row]) -> QuerySet[Row]:
    """`queryset` with row locks; no `of=`, MariaDB refuses it. Race tests replace it as their control."""
    no_key = transaction.get_connection().features.has_select_for_no_key_update
    return queryset.select_for_update(no_key=no_key)


def for_update_if_free(queryset: QuerySet[Row]) -> QuerySet[Row]:
    """As `for_update`, without the rows that somebody else has locked. SQLite locks the whole of itself,
    and a MariaDB before 10.6 waits: there nothing is left out."""
    features = transaction.get_connection().features
    if not features.has_select_for_update_skip_locked:
        return for_update(queryset)
    return queryset.select_for_update(skip_locked=True, no_key=features.has_select_for_no_key_update)


def lock_all(queryset: QuerySet[Row], *, if_free: bool = False, whole: bool = False) -> list[Row]:
    """Lock every row of `queryset` in the order of primary keys and return them, freshly read.

    `if_free` leaves out those that somebody else has locked, instead of waiting for them. `whole` asks once more
    whether others have come while we waited (a statement sees no row that was committed after it began): for
    rows that are added only by who holds the others.
    """
    connection = transaction.get_connection()
    if is_outermost():
        raise LockOrderError("locks are taken inside a service (marketplace.common.transactions.service)")
    model = queryset.model
    rank: float = model.LOCK_RANK  # type: ignore[attr-defined]  # every model that is locked has one
    with_locks = for_update_if_free if if_free else for_update
    rows = list(with_locks(queryset.order_by("pk")))
    while whole and queryset.count() > len(rows):
        rows = list(with_locks(queryset.order_by("pk")))
    taken: dict[float, set[tuple[type[models.Model], int]]] = connection.__dict__.setdefault(
        "locks_taken", {}
    )
    new = {(model, row.pk) for row in rows} - taken.get(rank, set())
    highest = max(taken, default=0)
    if new and (rank < highest or rank in taken):
        raise LockOrderError(
            f"{model.__name__} (rank {rank}) after rank {highest}: lock all of them in one call"
        )
    taken.setdefault(rank, set()).update(new)
    return rows


def lock_by_ids(model: type[Row], ids: Iterable[int]) -> dict[int, Row]:
    """Lock the rows with these primary keys, in their order; a missing one is simply not in the answer."""
    return {row.pk: row for row in lock_all(model._default_manager.filter(pk__in=set(ids)))}


def lock_row(model: type[Row], pk: int) -> Row:
    """Lock one row and return it as it is now. Raises `model.DoesNotExist`."""
    rows = lock_all(model._default_manager.filter(pk=pk))
    if not rows:
        raise model.DoesNotExist(f"{model.__name__} {pk}")  # type: ignore[attr-defined]  # as every model
    return rows[0]


def lock_row_if_free(model: type[Row], pk: int) -> Row | None:
    """Lock one row and return it; None, at once, where somebody else has it or it is gone. For sweeps."""
    return next(iter(lock_all(model._default_manager.filter(pk=pk), if_free=True)), None)
