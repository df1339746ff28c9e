"""What delivery costs: the store's tables, a version each, and what sellers offer of their own."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marketplace.common import clock
from marketplace.common.fields import ProseField
from marketplace.common.money import BASIS_POINTS, MoneyField, money_check
from marketplace.common.texts import MAX_REASON
from marketplace.products.models import SizeClass


class Payer(models.TextChoices):
    """Who pays for something that a delivery costs besides."""

    STORE = "store", _("The store")
    BUYER = "buyer", _("The buyer")
    SELLER = "seller", _("The seller")


def _payer_field() -> "models.CharField[str, str]":
    return models.CharField(max_length=8, choices=Payer, default=Payer.STORE, db_default=Payer.STORE.value)


# Why a parcel goes back → the column that says who pays for that way; staff's own sentence is none of the reasons.
PAYERS = ("back_absent", "back_refused", "back_wrong_address", "back_unsafe", "back_damaged", "back_staff")


class RateTable(models.Model):
    """A version of what delivery costs, in minor units. Written once: the newest holds, old orders keep theirs.

    The full price is `base` + `per_km` of the way (crow's flight) + what the largest piece's size class adds.
    From goods of `free_from` on it costs the buyer nothing, and the store pays; 0 is never. Beyond `max_metres`
    nobody delivers; 0 is no end. The courier earns the full price less the store's share, and `courier_least`
    at least, whoever pays. What a parcel that was not taken costs on its way back is `back_bps` of the way there;
    who pays that, the `back_…` column of the reason says, `back_staff` where staff sent it back. A try at the door
    after one that failed costs `again_fee`; waiting there `wait_fee` for each minute begun after `wait_free` minutes,
    and `wait_most` at most.
    """

    version = models.PositiveIntegerField(unique=True)
    base = MoneyField(default=0)
    per_km = MoneyField(default=0)
    extra_small = MoneyField(default=0)
    extra_medium = MoneyField(default=0)
    extra_large = MoneyField(default=0)
    extra_bulky = MoneyField(default=0)
    free_from = MoneyField(default=0)
    max_metres = models.PositiveIntegerField(default=0)
    store_bps = models.PositiveIntegerField(default=0)
    courier_least = MoneyField(default=0)
    back_bps = models.PositiveIntegerField(default=0)
    back_absent = _payer_field()
    back_refused = _payer_field()
    back_wrong_address = _payer_field()
    back_unsafe = _payer_field()
    back_damaged = _payer_field()
    back_staff = _payer_field()
    again_fee = MoneyField(default=0, db_default=0)
    wait_fee = MoneyField(default=0, db_default=0)
    wait_free = models.PositiveSmallIntegerField(default=0, db_default=0)
    wait_most = MoneyField(default=0, db_default=0)
    note = ProseField(max_length=MAX_REASON, blank=True)
    # NULL where no person made it.
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    holds_from = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-version"]
        constraints = [
            *(
                money_check(name)
                for name in (
                    "base",
                    "per_km",
                    "extra_small",
                    "extra_medium",
                    "extra_large",
                    "extra_bulky",
                    "free_from",
                    "courier_least",
                    "again_fee",
                    "wait_fee",
                    "wait_most",
                )
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{name}__in": Payer.values}), name=f"rates_ratetable_{name}_known"
                )
                for name in PAYERS
            ),
            models.CheckConstraint(
                condition=Q(store_bps__lte=BASIS_POINTS, back_bps__lte=BASIS_POINTS),
                name="rates_ratetable_shares_range",
            ),
        ]

    def __str__(self) -> str:
        return f"rates {self.version}"

    def extra_of(self, size_class: str) -> int:
        """What a size class adds, in minor units."""
        return int(getattr(self, f"extra_{SizeClass(size_class).value}"))

    @property
    def buyers_pay_some_way_back(self) -> bool:
        """Whether there is a reason for which the buyer pays the way back."""
        return bool(self.back_bps) and Payer.BUYER in [getattr(self, name) for name in PAYERS]

    def payer_of_way_back(self, reason: str) -> Payer:
        """Who pays the way back of a parcel that was not taken for this reason, or that staff sent back."""
        name = f"back_{reason}"
        return Payer(getattr(self, name if name in PAYERS else "back_staff"))


class FreeDelivery(models.Model):
    """A seller's own offer: from goods of `free_from` minor units on they pay the delivery. 0 is no offer."""

    LOCK_RANK = 8.75

    seller = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="free_delivery"
    )
    free_from = MoneyField(default=0)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [money_check("free_from")]

    def __str__(self) -> str:
        return f"free delivery of {self.seller_id} from {self.free_from}"
