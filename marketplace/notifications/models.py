from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.common import clock
from marketplace.common.ids import new_public_id


class Kind(models.TextChoices):
    """What a notification tells. `kinds.py` has each one's sentence, link and allowed extra data."""

    ORDER_CREATED = "order_created", _("Order placed")
    SALE_MADE = "sale_made", _("Something was sold")
    WALLET_TOPPED_UP = "wallet_topped_up", _("Wallet topped up")
    SHIPMENT_CANCELLED = "shipment_cancelled", _("Shipment cancelled")
    PARCEL_CLAIMED = "parcel_claimed", _("A courier took a parcel")
    ORDER_SHIPPED = "order_shipped", _("Parcel on its way")
    ORDER_DELIVERED = "order_delivered", _("Parcel arrived")
    ORDER_COMPLETED = "order_completed", _("Order completed")
    SELLER_PAYMENT = "seller_payment", _("A sale was paid")
    COMPLETION_SOON = "completion_soon", _("A seller will be paid soon")
    DELIVERY_FAILED = "delivery_failed", _("Parcel could not be handed over")
    PARCEL_RETURNING = "parcel_returning", _("Parcel going back")
    PARCEL_RETURNED = "parcel_returned", _("Parcel back with its seller")
    PROOF_LOCKED = "proof_locked", _("PIN locked")
    PROOF_BYPASSED = "proof_bypassed", _("Delivery confirmed by the store")
    JOB_ASSIGNED = "job_assigned", _("Parcel given to a courier")
    JOB_TAKEN = "job_taken", _("Parcel taken from a courier")
    JOB_CANCELLED = "job_cancelled", _("Parcel cancelled")
    CLAIMS_SUSPENDED = "claims_suspended", _("Courier suspended")
    CLAIMS_OPEN = "claims_open", _("Courier may claim again")
    SWEEP_TROUBLE = "sweep_trouble", _("A sweep has trouble")


class Notification(models.Model):
    """Something one person should know; written in the transaction of what it tells about (I35)."""

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=40, choices=Kind)
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
