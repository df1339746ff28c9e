"""What couriers carry, their job for it, each try at the door, and the proof that ends it."""

from datetime import datetime

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import F, Q

from marketplace.common import clock
from marketplace.common.fields import ProseField
from marketplace.common.ids import new_public_id
from marketplace.common.money import MoneyField, money_check
from marketplace.common.texts import MAX_REASON
from marketplace.orders.models import Shipment

from .states import (
    ACTIVE,
    MAX_TRIES,
    AttemptOutcome,
    DeliveryStatus,
    FailReason,
    Method,
    ProofStatus,
    Purpose,
)

SHIPMENT = "shipment"  # the kind of consignment that is a shipment's way to its buyer


def private_storage() -> Storage:
    """Where photos of parcels and doors go: never in the public folder (I42)."""
    return storages["private"]


class AtPlace(models.Model):
    """Where the phone was, if its owner allowed it, and how far that is from where it should have been."""

    lat = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    lng = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    accuracy_m = models.PositiveIntegerField(null=True)
    distance_m = models.PositiveIntegerField(null=True)

    class Meta:
        abstract = True


class Courier(models.Model):
    """What the store knows of a courier beside their account. Claims and wrong tries are counted under its lock."""

    LOCK_RANK = 2

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="courier"
    )
    claims_suspended_at = models.DateTimeField(null=True)
    # Wrong tries before this moment were forgiven by an admin and no longer count towards a suspension.
    forgiven_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"courier {self.user_id}"


class Consignment(models.Model):
    """What a courier's job carries, from its sender to its receiver, whose PIN ends it; and back, if it fails.

    `key` is its kind and what it is of it ("shipment:7"); kinds.py says what its way means for that. Every
    one belongs to a shipment, under whose lock it is opened; a row never changes, so nobody locks it. Its
    parties are the order's: where the buyer is, the order says (copied at checkout), where the seller is,
    their profile.
    """

    # What is written on the parcel; a shipment's own.
    number = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)
    key = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=20)
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="consignments")
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    receiver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(sender=F("receiver")), name="delivery_consignment_goes_somewhere"
            ),
        ]

    def __str__(self) -> str:
        return f"consignment {self.key}"

    @property
    def goes_to_buyer(self) -> bool:
        """Whether its receiver is the order's buyer; else it goes from the buyer to the seller."""
        return self.receiver_id == self.shipment.order.buyer_id


class OfConsignment(models.Model):
    """What belongs to a consignment, and so to a shipment."""

    consignment: "models.ForeignKey[Consignment, Consignment]"

    class Meta:
        abstract = True

    @property
    def shipment(self) -> Shipment:
        return self.consignment.shipment

    @property
    def shipment_id(self) -> int:
        return self.consignment.shipment_id


class Delivery(OfConsignment):
    """One courier's job for a consignment, from the claim until it is done or taken from them.

    A consignment has one live job at most (`live_key`, its pk), a courier as many as there are slots
    (`slot_key`, "7:1" … "7:5"); both keys are NULL once the job has ended. Sender and receiver are copied so
    that the database itself keeps couriers from carrying what they send or receive (I27, I28).
    """

    LOCK_RANK = 7

    number = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)
    consignment = models.ForeignKey(Consignment, models.PROTECT, related_name="deliveries")
    courier = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="deliveries")
    receiver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    status = models.CharField(max_length=12, choices=DeliveryStatus, default=DeliveryStatus.CLAIMED)
    live_key = models.BigIntegerField(null=True, unique=True)
    slot_key = models.CharField(max_length=40, null=True, unique=True)
    # The courier's own order of stops; 0 where the store's suggestion stands.
    position = models.PositiveSmallIntegerField(default=0)
    # What the courier earns when it is proved, in minor units, as it was at the claim.
    fee = MoneyField(default=0)
    # What is added to it for a parcel that is brought back, and, once it is done, for further tries and waiting.
    back_fee = MoneyField(default=0, db_default=0)
    extra_fee = MoneyField(default=0, db_default=0)
    # Since when the courier has been at the receiver's door, in this try.
    at_door_since = models.DateTimeField(null=True)
    reason = ProseField(max_length=MAX_REASON, blank=True)
    claimed_at = models.DateTimeField(default=clock.now)
    picked_up_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["courier", "status"]),
            models.Index(fields=["courier", "-ended_at"]),
        ]
        constraints = [
            money_check("fee"),
            money_check("back_fee"),
            money_check("extra_fee"),
            models.CheckConstraint(
                condition=Q(status__in=DeliveryStatus.values), name="delivery_delivery_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(courier=F("receiver")) & ~Q(courier=F("sender")),
                name="delivery_delivery_courier_is_no_party",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=ACTIVE, live_key__isnull=False, slot_key__isnull=False, ended_at__isnull=True
                )
                | Q(
                    ~Q(status__in=ACTIVE),
                    live_key__isnull=True,
                    slot_key__isnull=True,
                    ended_at__isnull=False,
                ),
                name="delivery_delivery_active_has_keys",
            ),
        ]

    def __str__(self) -> str:
        return f"job {self.number}"

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    @property
    def earned(self) -> int:
        """What its courier earns for it as it is now, in minor units: for a parcel brought back, the way back too."""
        return self.fee + self.extra_fee + (self.back_fee if self.status == DeliveryStatus.RETURNED else 0)

    @property
    def earning_key(self) -> str:
        """The purpose of the hold that keeps what was earned for disputes."""
        return f"delivery:{self.pk}:earning"


class Attempt(OfConsignment, AtPlace):
    """A try at the door; `number` counts them over the consignment, whoever carried it."""

    consignment = models.ForeignKey(Consignment, models.PROTECT, related_name="attempts")
    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=12, choices=AttemptOutcome)
    reason = models.CharField(max_length=16, choices=FailReason, blank=True)
    note = ProseField(max_length=MAX_REASON, blank=True)
    photo = models.FileField(storage=private_storage, upload_to="attempts", blank=True)
    public_id = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)
    at = models.DateTimeField(default=clock.now)
    # How long the courier had been at the door by then, as their phone showed on arriving.
    waited_seconds = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["consignment", "number"], name="delivery_attempt_number_once"),
            models.CheckConstraint(
                condition=Q(outcome=AttemptOutcome.SUCCEEDED, reason="")
                | (~Q(outcome=AttemptOutcome.SUCCEEDED) & ~Q(reason="")),
                name="delivery_attempt_failed_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"try {self.number} of {self.consignment_id}: {self.outcome}"

    @property
    def is_void(self) -> bool:
        """Whether an admin took it back, so that it does not count."""
        return self.outcome == AttemptOutcome.VOID


class Proof(OfConsignment, AtPlace):
    """A one-time PIN and QR token that ends a consignment's way (docs/reliability.md §3.5). A row an issue.

    Neither is stored: both are an HMAC of the server's key over consignment, purpose, issue and `nonce`
    (proofs.py), so the buyer's page can show them again and a leaked database is of no use.
    `current_key` ("delivery:7") is set on the newest issue of a consignment and purpose, NULL on the others.
    """

    LOCK_RANK = 7.5

    consignment = models.ForeignKey(Consignment, models.PROTECT, related_name="proofs")
    purpose = models.CharField(max_length=12, choices=Purpose, default=Purpose.DELIVERY)
    issue = models.PositiveSmallIntegerField()
    nonce = models.CharField(max_length=32, editable=False)
    current_key = models.CharField(max_length=40, null=True, unique=True)
    status = models.CharField(max_length=12, choices=ProofStatus, default=ProofStatus.ISSUED)
    tries = models.PositiveSmallIntegerField(default=0)
    issued_at = models.DateTimeField(default=clock.now)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    locked_at = models.DateTimeField(null=True)
    # Set once, when it was confirmed or bypassed: by whom, in which job, how.
    used_at = models.DateTimeField(null=True)
    used_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    delivery = models.ForeignKey(Delivery, models.PROTECT, null=True, related_name="proofs")
    method = models.CharField(max_length=12, choices=Method, blank=True)
    # A bypass only: why, and what shows it.
    reason = ProseField(max_length=MAX_REASON, blank=True)
    photo = models.FileField(storage=private_storage, upload_to="proofs", blank=True)
    public_id = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["consignment", "purpose", "issue"], name="delivery_proof_issue_once"
            ),
            models.CheckConstraint(condition=Q(tries__lte=MAX_TRIES), name="delivery_proof_tries_limited"),
            models.CheckConstraint(
                condition=Q(status=ProofStatus.LOCKED, tries=MAX_TRIES, locked_at__isnull=False)
                | Q(status=ProofStatus.ISSUED, tries__lt=MAX_TRIES)
                | Q(status=ProofStatus.CONFIRMED, tries__lt=MAX_TRIES)
                | Q(status__in=[ProofStatus.BYPASSED, ProofStatus.REPLACED]),
                name="delivery_proof_locked_at_five",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=[ProofStatus.CONFIRMED, ProofStatus.BYPASSED],
                    used_at__isnull=False,
                    used_by__isnull=False,
                )
                | Q(
                    ~Q(status__in=[ProofStatus.CONFIRMED, ProofStatus.BYPASSED]),
                    used_at__isnull=True,
                    used_by__isnull=True,
                ),
                name="delivery_proof_used_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} proof {self.issue} of consignment {self.consignment_id}: {self.status}"


class ProofTry(models.Model):
    """A PIN or QR code that a courier gave. Never changed, never deleted, and it holds nothing that was typed.

    `proof` is NULL for a scanned code that fits none of the courier's parcels.
    """

    courier = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proof = models.ForeignKey(Proof, models.PROTECT, null=True, related_name="tried")
    method = models.CharField(max_length=12, choices=Method)
    right = models.BooleanField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["courier", "right", "at"])]

    def __str__(self) -> str:
        return f"{'right' if self.right else 'wrong'} {self.method} of {self.courier_id}"


class AddressRead(models.Model):
    """Somebody saw where a parcel goes: one row a person, job and hour. Never changed."""

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="address_reads")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    hour = models.DateTimeField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["delivery", "reader", "hour"], name="delivery_addressread_once_an_hour"
            )
        ]

    def __str__(self) -> str:
        return f"{self.reader_id} read where {self.delivery_id} goes"

    @staticmethod
    def hour_of(moment: datetime) -> datetime:
        """The hour that a reading at this moment is written for."""
        return moment.replace(minute=0, second=0, microsecond=0)
