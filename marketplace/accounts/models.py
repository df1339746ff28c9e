from datetime import datetime, timedelta
from zoneinfo import available_timezones

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from marketplace.common import clock
from marketplace.common.cleaning import clean_email
from marketplace.common.fields import (
    AddressField,
    KeyField,
    LineField,
    LongProseField,
    NameField,
    PhoneField,
    ProseField,
)
from marketplace.common.places import Place
from marketplace.common.texts import MAX_REASON

from .saved import SavedAddress as SavedAddress
from .saved import phone_number as phone_number


class Role(models.TextChoices):
    """What somebody does here; exactly one each (docs/permissions.md)."""

    USER = "user", _("Shopper")
    SELLER = "seller", _("Seller")
    DELIVERY = "delivery", _("Courier")
    ADMIN = "admin", _("Admin")
    SUPERADMIN = "superadmin", _("Superadmin")


STAFF_ROLES = (Role.ADMIN, Role.SUPERADMIN)
BUYER_ROLES = (Role.USER, Role.SELLER)
# Who may have orders of their own: a courier buys nothing, but what they had bought before goes on.
ORDERED_ROLES = (*BUYER_ROLES, Role.DELIVERY)
# Who earns here, and is paid out.
EARNER_ROLES = (Role.SELLER, Role.DELIVERY)
# Everybody in the demo store has an address that ends so, and a password that the README tells.
DEMO_DOMAIN = "@demo.ecs"


class Vehicle(models.TextChoices):
    """What a courier carries parcels with."""

    FOOT = "foot", _("On foot")
    BIKE = "bike", _("Bicycle")
    CARGO_BIKE = "cargo_bike", _("Cargo bike")
    SCOOTER = "scooter", _("Scooter")
    CAR = "car", _("Car")
    VAN = "van", _("Van")


class UserManager(BaseUserManager):
    def create_user(
        self, email: str, password: str | None = None, *, verified: bool = False, **fields
    ) -> "User":
        """As Django's commands and the shell make one: with a profile and an address, in one transaction."""
        user = self.model(email=clean_email(email), **fields)
        user.set_password(password)
        with transaction.atomic(using=self._db):
            user.save(using=self._db)
            Profile.objects.using(self._db).create(user=user)
            user.emailaddress_set.create(email=user.email, primary=True, verified=verified)
        return user

    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email=email)

    def create_superuser(self, email: str, password: str | None = None, **fields) -> "User":
        """Whoever may run commands here says whose the address is: no code is asked for."""
        return self.create_user(email, password, verified=True, role=Role.SUPERADMIN, **fields)


def known_time_zone(name: str) -> None:
    """Raise ValidationError unless `name` is an IANA time zone."""
    if name and name not in available_timezones():
        raise ValidationError(_("This time zone is not known."))


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an e-mail address."""

    email = AddressField(_("e-mail address"), unique=True)
    role = models.CharField(_("role"), max_length=12, choices=Role, default=Role.USER)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(default=clock.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="accounts_user_role_known"),
            # Lower case in, so that "unique" means the same on every database, whatever its collation.
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="accounts_user_email_is_lower_case"
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_store_staff(self) -> bool:
        return self.role in STAFF_ROLES

    @property
    def is_demo(self) -> bool:
        return self.email.endswith(DEMO_DOMAIN)

    @property
    def is_seller(self) -> bool:
        return self.role == Role.SELLER

    @property
    def is_courier(self) -> bool:
        return self.role == Role.DELIVERY

    @property
    def earns(self) -> bool:
        """Whether money of this store's trade may become theirs: a seller, a courier."""
        return self.role in EARNER_ROLES

    @property
    def may_buy(self) -> bool:
        return self.role in BUYER_ROLES

    @property
    def may_have_ordered(self) -> bool:
        return self.role in ORDERED_ROLES


class Profile(models.Model):
    """How to reach somebody. Every user has one; a checkout copies it, so a change never moves an order.

    `location_*` and `access_notes` are those of the default address: address_book.py writes them with it, under this
    row's lock, and nobody else does.
    """

    LOCK_RANK = 8.65

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="profile")
    name = LineField(_("name"), max_length=120, blank=True)
    phone = PhoneField(_("phone"), max_length=32, blank=True, validators=[phone_number])
    location_lat = models.DecimalField(
        _("latitude"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    location_lng = models.DecimalField(
        _("longitude"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    location_address = ProseField(_("address"), max_length=300, blank=True)
    access_notes = ProseField(_("notes for the courier"), max_length=300, blank=True)
    default_address = models.ForeignKey(
        SavedAddress, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    # Where couriers come to; a seller who named none is found where their own parcels go.
    default_pick_up = models.ForeignKey(
        SavedAddress, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        blank=True,
        validators=[known_time_zone],
        help_text=_("Empty: as your device."),
    )

    def __str__(self) -> str:
        return self.name or self.user.email

    @property
    def initials(self) -> str:
        """One or two letters that stand for the person, as in the page's header."""
        words = self.name.split() or [self.user.email]
        return "".join(word[0] for word in dict.fromkeys((words[0], words[-1]))).upper()

    @property
    def place(self) -> Place | None:
        """The pin on the map; None where nobody has put it there yet."""
        return Place.if_known(self.location_lat, self.location_lng)

    @property
    def pick_up_place(self) -> Place | None:
        """Where couriers fetch what they sell: the pick-up place, or else where their own parcels go."""
        return self.default_pick_up.place if self.default_pick_up else self.place

    @property
    def has_location(self) -> bool:
        """Whether a parcel could be brought here: an address and a pin on the map."""
        return bool(self.location_address) and self.place is not None


class AddressChange(models.Model):
    """An account left an address that was proven for another; the old one can undo it for a while (addresses.py)."""

    UNDO_FOR = timedelta(hours=72)

    user = models.ForeignKey(User, models.CASCADE, related_name="address_changes")
    old_email = AddressField()
    new_email = AddressField()
    changed_at = models.DateTimeField(default=clock.now, editable=False)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["old_email", "changed_at"], name="accounts_change_of_address")]

    def __str__(self) -> str:
        return f"{self.old_email} → {self.new_email}"


class SellerProfile(models.Model):
    """A seller's shop as shoppers see it. What decides whether it sells is changed under its lock (shops.py)."""

    LOCK_RANK = 8.7

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="seller_profile")
    shop_name = NameField(_("shop name"), max_length=80, unique=True)
    # What the name is compared by (`fold`): "Loom" in full-width letters or capitals is the same shop everywhere.
    name_key = KeyField(max_length=250, null=True, unique=True, editable=False)
    # What no other shop's name may look like (`skeleton`); the one before is for finding, so it keeps its blanks.
    look_key = KeyField(max_length=250, null=True, unique=True, editable=False)
    # The name that its goods are found and shown by; a sweep brings them up to `shop_name` (applications/names.py).
    found_as = NameField(max_length=80, blank=True, default="", db_default="", editable=False)
    slug = models.SlugField(max_length=90, unique=True)
    about = LongProseField(_("about"), max_length=2000, blank=True)
    ships_from = LineField(_("ships from"), max_length=120, blank=True)
    # Files of the public storage, drawn by marketplace/applications/pictures.py; "" is none.
    logo = KeyField(max_length=120, blank=True, default="", db_default="", editable=False)
    banner = KeyField(max_length=120, blank=True, default="", db_default="", editable=False)
    # A vacation: from the first moment to the one at which the shop sells again. Over once that has passed.
    away_from = models.DateTimeField(_("away from"), null=True, blank=True)
    away_until = models.DateTimeField(_("back on"), null=True, blank=True)
    away_note = ProseField(
        _("note for shoppers"), max_length=MAX_REASON, blank=True, default="", db_default=""
    )
    # A small business that charges no tax: its goods are sold without, from the next order on.
    is_small_business = models.BooleanField(_("small business, no tax"), default=False, db_default=False)
    suspended_at = models.DateTimeField(null=True, editable=False)
    suspended_reason = ProseField(
        max_length=MAX_REASON, blank=True, default="", db_default="", editable=False
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [
            # Both moments or none: a comparison with NULL would pass.
            models.CheckConstraint(
                condition=models.Q(away_from=None, away_until=None)
                | models.Q(
                    away_from__isnull=False, away_until__isnull=False, away_until__gt=models.F("away_from")
                ),
                name="accounts_shop_comes_back_after_it_left",
            ),
        ]

    def __str__(self) -> str:
        return self.shop_name

    @property
    def logo_url(self) -> str:
        """Where its logo is; "" where it has none."""
        return default_storage.url(self.logo) if self.logo else ""

    @property
    def banner_url(self) -> str:
        """Where its banner is; "" where it has none."""
        return default_storage.url(self.banner) if self.banner else ""

    def is_away(self, now: datetime) -> bool:
        """Whether its seller is on vacation at that moment: everything is seen, nothing can be bought."""
        return bool(self.away_from and self.away_until) and self.away_from <= now < self.away_until

    @property
    def is_suspended(self) -> bool:
        """Whether the store lets it sell nothing for now; open orders go on."""
        return self.suspended_at is not None

    def is_open(self, now: datetime) -> bool:
        """Whether its goods can be bought at that moment; in a query, `selectors.shop_is_open`."""
        return not self.is_suspended and not self.is_away(now)


class CourierProfile(models.Model):
    """What a courier said of their work when they applied; their jobs are the delivery's."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="courier_profile")
    area = LineField(_("area"), max_length=120)
    vehicle = models.CharField(_("vehicle"), max_length=12, choices=Vehicle)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    def __str__(self) -> str:
        return f"{self.get_vehicle_display()}, {self.area}"
