"""How sellers stand."""

from django.db.models import Sum

from .models import PointsEntry


def points_of(seller_id: int) -> int:
    """The seller's points: the sum of their entries, which may be below zero."""
    return PointsEntry.objects.filter(seller_id=seller_id).aggregate(total=Sum("amount"))["total"] or 0
