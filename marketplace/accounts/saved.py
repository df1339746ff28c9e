"""The addresses that people keep here, each with a name: home, work, somebody's whom they send gifts."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.common import clock
from marketplace.common.fields import LineField, PhoneField, ProseField
from marketplace.common.ids import new_public_id
from marketplace.common.places import Place

phone_number = RegexValidator(
    r"^\+?\(?[0-9][0-9 ()/.-]{4,30}\Z", _("A phone number has digits, spaces and at most a + in front.")
)


class AddressKind(models.TextChoices):
    """What somebody keeps an address for."""

    DOOR = "door", _("Address")
    PICK_UP = "pick_up", _("Pick-up place")


class SavedAddress(models.Model):
    """A door with a name, written by address_book.py under its owner's profile's lock.

    `name` and `phone` are those of who lives there; empty, they are the owner's own. `is_rough`: nobody set the pin,
    the town's is meant.
    """

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_addresses", db_index=False
    )
    kind = models.CharField(max_length=8, choices=AddressKind, editable=False)
    label = LineField(_("name of the address"), max_length=40)
    name = LineField(_("name"), max_length=120, blank=True)
    phone = PhoneField(_("phone"), max_length=32, blank=True, validators=[phone_number])
    address = ProseField(_("address"), max_length=300)
    lat = models.DecimalField(
        _("latitude"),
        max_digits=9,
        decimal_places=6,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    lng = models.DecimalField(
        _("longitude"),
        max_digits=9,
        decimal_places=6,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    notes = ProseField(_("notes for the courier"), max_length=300, blank=True)
    is_rough = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["owner", "kind", "id"], name="accounts_saved_of_owner")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=AddressKind.values), name="accounts_saved_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def place(self) -> Place:
        """Its pin."""
        return Place(self.lat, self.lng)
