from zoneinfo import available_timezones

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from marketplace.common import clock
from marketplace.common.places import Place


class Role(models.TextChoices):
    """What somebody does here; exactly one each (docs/permissions.md)."""

    USER = "user", _("Shopper")
    SELLER = "seller", _("Seller")
    DELIVERY = "delivery", _("Courier")
    ADMIN = "admin", _("Admin")
    SUPERADMIN = "superadmin", _("Superadmin")


STAFF_ROLES = (Role.ADMIN, Role.SUPERADMIN)
BUYER_ROLES = (Role.USER, Role.SELLER)


class UserManager(BaseUserManager):
    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        Profile.objects.create(user=user)
        return user

    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email=email.lower())

    def create_superuser(self, email: str, password: str | None = None, **fields) -> "User":
        return self.create_user(email, password, role=Role.SUPERADMIN, **fields)


def known_time_zone(name: str) -> None:
    """Raise ValidationError unless `name` is an IANA time zone."""
    if name and name not in available_timezones():
        raise ValidationError(_("This time zone is not known."))


phone_number = RegexValidator(
    r"^\+?\(?[0-9][0-9 ()/.-]{4,30}\Z", _("A phone number has digits, spaces and at most a + in front.")
)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an e-mail address."""

    email = models.EmailField(_("e-mail address"), unique=True)
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
    def is_seller(self) -> bool:
        return self.role == Role.SELLER

    @property
    def is_courier(self) -> bool:
        return self.role == Role.DELIVERY

    @property
    def may_buy(self) -> bool:
        return self.role in BUYER_ROLES


class Profile(models.Model):
    """How to reach somebody. Every user has one; a checkout copies it, so a change never moves an order."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="profile")
    name = models.CharField(_("name"), max_length=120, blank=True)
    phone = models.CharField(_("phone"), max_length=32, blank=True, validators=[phone_number])
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
    location_address = models.CharField(_("address"), max_length=300, blank=True)
    access_notes = models.CharField(_("notes for the courier"), max_length=300, blank=True)
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
    def has_location(self) -> bool:
        """Whether a parcel could be brought here: an address and a pin on the map."""
        return bool(self.location_address) and self.place is not None


class SellerProfile(models.Model):
    """A seller as shoppers see them."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="seller_profile")
    shop_name = models.CharField(_("shop name"), max_length=80, unique=True)
    slug = models.SlugField(max_length=90, unique=True)
    about = models.TextField(_("about"), max_length=2000, blank=True)
    ships_from = models.CharField(_("ships from"), max_length=120, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    def __str__(self) -> str:
        return self.shop_name
