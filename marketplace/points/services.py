"""Giving points to sellers and taking them away."""

from marketplace.common.transactions import service

from .models import PointsEntry


@service
def award_points(*, seller_id: int, amount: int, cause: str, key: str, reason: str = "") -> None:
    """Book `amount` points (negative: a penalty) for a seller. The same `key` twice does nothing.

    Internal: called by services that authorised.
    """
    PointsEntry.objects.bulk_create(
        [PointsEntry(seller_id=seller_id, amount=amount, cause=cause, key=key, reason=reason)],
        ignore_conflicts=True,
    )
