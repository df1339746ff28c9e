from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models

from marketplace.common import clock
from marketplace.common.ids import new_public_id


class Notification(models.Model):
    """Something one person should know; written in the transaction of what it tells about (I35)."""

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications")
    # The name of a kind that some domain declares in its `notices.py` (kinds.py).
    kind = models.CharField(max_length=40)
    content_type = models.ForeignKey(ContentType, models.PROTECT)
    object_id = models.PositiveBigIntegerField()
    content_object = GenericForeignKey()
    extra_data = models.JSONField(default=dict)
    event_key = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["recipient", "read_at"]), models.Index(fields=["recipient", "-id"])]
        constraints = [
            models.UniqueConstraint(fields=["event_key", "recipient"], name="notifications_notification_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.recipient_id}"

    @property
    def is_read(self) -> bool:
        return self.read_at is not None
