from django.conf import settings
from django.db import models

from marketplace.common import clock


class PointsEntry(models.Model):
    """Points given to or taken from a seller, once a cause; the sum is the seller's standing."""

    seller = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="points_entries")
    amount = models.IntegerField()
    cause = models.CharField(max_length=60)
    reason = models.CharField(max_length=300, blank=True)
    key = models.CharField(max_length=120, unique=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["seller", "-id"])]

    def __str__(self) -> str:
        return f"{self.amount:+d} for {self.seller_id}: {self.cause}"
