"""Shoppers who would like to sell or to deliver."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.accounts.models import Role, Vehicle, phone_number
from marketplace.common import clock
from marketplace.common.fields import KeyField, LineField, LongProseField, PhoneField, ProseField
from marketplace.common.ids import new_public_id
from marketplace.common.places import Place

from .states import OPEN, TONES, ApplicationStatus


class Wanted(models.TextChoices):
    """The roles that somebody can apply for."""

    SELLER = Role.SELLER.value, _("Seller")
    COURIER = Role.DELIVERY.value, _("Courier")


class Application(models.Model):
    """What a shopper says who would like a role; each try is a row, one of them is open a person (`open_key`).

    A seller's has a shop and the place that couriers come to, a courier's a name, phone, area and vehicle. What it
    says changes only between "changes asked for" and "pending".
    """

    LOCK_RANK = 8.4

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)
    applicant = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="applications", db_index=False
    )
    role = models.CharField(max_length=12, choices=Wanted)
    status = models.CharField(
        max_length=20, choices=ApplicationStatus, default=ApplicationStatus.PENDING, editable=False
    )
    open_key = KeyField(max_length=20, null=True, unique=True, editable=False)
    shop_name = LineField(_("shop name"), max_length=80, blank=True)
    about = LongProseField(_("about"), max_length=2000, blank=True)
    location_lat = models.DecimalField(
        max_digits=9, decimal_places=6, null=True, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    location_lng = models.DecimalField(
        max_digits=9,
        decimal_places=6,
        null=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    location_address = ProseField(_("address"), max_length=300, blank=True)
    access_notes = ProseField(_("notes for the courier"), max_length=300, blank=True)
    ships_from = LineField(_("ships from"), max_length=120, blank=True)
    name = LineField(_("name"), max_length=120, blank=True)
    phone = PhoneField(_("phone"), max_length=32, blank=True, validators=[phone_number])
    area = LineField(_("area"), max_length=120, blank=True)
    vehicle = models.CharField(_("vehicle"), max_length=12, choices=Vehicle, blank=True)
    agreed_at = models.DateTimeField()
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["applicant", "id"], name="applications_of_applicant")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=OPEN, open_key__isnull=False)
                | (~models.Q(status__in=OPEN) & models.Q(open_key=None)),
                name="applications_open_has_its_key",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.applicant_id} as {self.role}: {self.status}"

    @property
    def place(self) -> Place | None:
        """Where couriers would pick up; None for a courier's own application."""
        return Place.if_known(self.location_lat, self.location_lng)

    @property
    def is_for_shop(self) -> bool:
        return self.role == Wanted.SELLER

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def may_be_changed(self) -> bool:
        """Whether its applicant can change it and send it again."""
        return self.status == ApplicationStatus.CHANGES_REQUESTED

    @property
    def is_approved(self) -> bool:
        return self.status == ApplicationStatus.APPROVED

    @property
    def is_refused(self) -> bool:
        return self.status == ApplicationStatus.REJECTED

    @property
    def tone(self) -> str:
        return TONES[ApplicationStatus(self.status)]
