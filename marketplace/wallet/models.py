from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marketplace.common import clock
from marketplace.common.fields import KeyField, ProseField
from marketplace.common.ids import new_public_id
from marketplace.common.money import BASIS_POINTS, MAX_MONEY, MoneyField, money_check
from marketplace.common.texts import MAX_REASON

from .states import TOP_UP_TONES, DemoState, HoldStatus, TopUpStatus


class StoreWallet(models.TextChoices):
    """The store's own wallets. No sale locks them: their balance is the sum of their rows."""

    CASH = "cash", _("Cash outside the store")
    FEES = "fees", _("Fees earned")


class Wallet(models.Model):
    """What somebody can spend and what is held; a cache of the wallet's Transaction rows.

    `balance` is what can be spent now; `held_balance` is the sum of the open holds. Store wallets
    (`code` set, no owner) keep both at zero and are summed from their rows.
    """

    LOCK_RANK = 11

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="wallet")
    code = models.CharField(max_length=12, choices=StoreWallet, null=True, unique=True)
    balance = MoneyField(default=0)
    held_balance = MoneyField(default=0)
    # Of what its owner is paid as a seller, and for how many days, where an admin set it for them (reserves.py).
    reserve_bps = models.PositiveIntegerField(null=True)
    reserve_days = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [
            money_check("balance"),
            money_check("held_balance"),
            models.CheckConstraint(
                condition=Q(reserve_bps__isnull=True, reserve_days__isnull=True)
                | Q(reserve_bps__isnull=False, reserve_bps__lte=BASIS_POINTS)
                & Q(reserve_days__isnull=False, reserve_days__gte=1),
                name="wallet_wallet_reserve_terms",
            ),
            models.CheckConstraint(
                condition=Q(owner__isnull=True, code__isnull=False)
                | Q(owner__isnull=False, code__isnull=True),
                name="wallet_wallet_person_or_store",
            ),
        ]

    def __str__(self) -> str:
        return f"wallet of {self.code or self.owner_id}"


class HoldKind(models.TextChoices):
    SHIPMENT = "shipment", _("Held for a shipment")
    BID = "bid", _("Held for a bid")
    PAYOUT = "payout", _("Held for a payout")
    EARNING = "earning", _("Earned, for disputes")
    RESERVE = "reserve", _("Kept in reserve")


class Hold(models.Model):
    """Money set aside in a wallet until it is captured (all or part, the rest returned) or released.

    `amount` is what was set aside, `captured` what was paid on, `released` what went back; a closed
    hold has `captured + released == amount`. `open_key` ("shipment:7") is set while it is open and NULL after,
    so that a purpose has one open hold at most on every database (docs/reliability.md M7).
    """

    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="holds")
    kind = models.CharField(max_length=12, choices=HoldKind)
    status = models.CharField(max_length=12, choices=HoldStatus, default=HoldStatus.OPEN)
    amount = MoneyField()
    released = MoneyField(default=0)
    captured = MoneyField(default=0)
    open_key = models.CharField(max_length=60, null=True, unique=True)
    content_type = models.ForeignKey(ContentType, models.PROTECT)
    object_id = models.PositiveBigIntegerField()
    subject = GenericForeignKey()
    created_at = models.DateTimeField(default=clock.now)
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["content_type", "object_id"]),
            models.Index(fields=["wallet", "status"]),
        ]
        constraints = [
            money_check("amount", minimum=1),
            money_check("released"),
            money_check("captured"),
            models.CheckConstraint(
                condition=Q(status=HoldStatus.OPEN, open_key__isnull=False, resolved_at__isnull=True)
                | Q(~Q(status=HoldStatus.OPEN), open_key__isnull=True, resolved_at__isnull=False),
                name="wallet_hold_open_has_key",
            ),
            models.CheckConstraint(
                condition=Q(status=HoldStatus.OPEN, released__lt=models.F("amount") - models.F("captured"))
                | Q(status=HoldStatus.RELEASED, captured=0, released=models.F("amount"))
                | Q(status=HoldStatus.CAPTURED, captured__gte=1)
                & Q(captured=models.F("amount") - models.F("released")),
                name="wallet_hold_closed_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} hold {self.pk}: {self.amount} ({self.status})"

    @property
    def outstanding(self) -> int:
        """What is held right now, in minor units."""
        return self.amount - self.captured - self.released


class Reserve(models.Model):
    """A part of what a seller was paid, held back until `releases_at`. Written once, with its hold (reserves.py)."""

    hold = models.OneToOneField(Hold, models.PROTECT, primary_key=True, related_name="reserve")
    releases_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"reserve {self.hold_id} until {self.releases_at:%Y-%m-%d}"


class ReserveChange(models.Model):
    """An admin's decision about how much of a seller's sales is held back: what, who, when and why. Written once.

    NULL for both is the store's own rule again.
    """

    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="reserve_changes")
    bps = models.PositiveIntegerField(null=True)
    days = models.PositiveIntegerField(null=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = ProseField(max_length=MAX_REASON)
    at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"reserve of {self.wallet_id}: {self.bps} for {self.days} days"


class TransactionKind(models.TextChoices):
    TOP_UP = "top_up", _("Top-up")
    ESCROW_HOLD = "escrow_hold", _("Held in escrow")
    ESCROW_RELEASE = "escrow_release", _("Released from escrow")
    PAYMENT = "payment", _("Payment")
    REFUND = "refund", _("Refund")
    FEE = "fee", _("Fee")
    PAYOUT = "payout", _("Payout")
    ADJUSTMENT = "adjustment", _("Adjustment")


class Transaction(models.Model):
    """One wallet's side of a movement of money. Written once, never changed; corrected by reversal.

    The rows of a `journal` sum to zero over `balance_delta + held_delta`. The balances after are
    those of the wallet once this row counted; store wallets, which are not locked, have none.
    """

    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="transactions")
    kind = models.CharField(max_length=16, choices=TransactionKind)
    balance_delta = models.BigIntegerField(default=0)
    held_delta = models.BigIntegerField(default=0)
    balance_after = MoneyField(null=True)
    held_after = MoneyField(null=True)
    journal = models.UUIDField(db_index=True)
    key = models.CharField(max_length=120, unique=True)
    hold = models.ForeignKey(Hold, models.PROTECT, null=True, related_name="transactions")
    content_type = models.ForeignKey(ContentType, models.PROTECT, null=True)
    object_id = models.PositiveBigIntegerField(null=True)
    subject = GenericForeignKey()
    memo = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [
            models.Index(fields=["wallet", "-id"]),
            models.Index(fields=["wallet", "kind", "-id"]),
            models.Index(fields=["content_type", "object_id"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(balance_delta__gte=-MAX_MONEY, balance_delta__lte=MAX_MONEY)
                & Q(held_delta__gte=-MAX_MONEY, held_delta__lte=MAX_MONEY),
                name="wallet_transaction_delta_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.balance_delta:+d}/{self.held_delta:+d}"


class TopUp(models.Model):
    """A payment into a wallet, from the click to the provider's word that it came."""

    LOCK_RANK = 10.5

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="top_ups")
    amount = MoneyField()
    currency = models.CharField(max_length=3)
    provider = models.CharField(max_length=20)
    provider_reference = KeyField(max_length=120, null=True, unique=True)
    status = models.CharField(max_length=12, choices=TopUpStatus, default=TopUpStatus.PENDING)
    next_url = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["status", "expires_at"])]
        constraints = [
            money_check("amount", minimum=1),
            models.CheckConstraint(
                condition=Q(status=TopUpStatus.PENDING, settled_at__isnull=True)
                | Q(~Q(status=TopUpStatus.PENDING), settled_at__isnull=False),
                name="wallet_topup_end_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"top-up {self.public_id}: {self.amount} ({self.status})"

    @property
    def is_open(self) -> bool:
        """Whether the payment may still be made or be on its way."""
        return self.status == TopUpStatus.PENDING

    @property
    def is_paid(self) -> bool:
        return self.status == TopUpStatus.SUCCEEDED

    @property
    def tone(self) -> str:
        """The colour of its status (templates/components/status_pill.html)."""
        return TOP_UP_TONES[self.status]


class DemoPayment(models.Model):
    """What the demo provider knows of a payment: it stands in for a bank's own records.

    Nothing of the wallet reads it but `payments/demo.py`, through the same port as a real provider.
    """

    reference = models.CharField(max_length=20, unique=True)
    amount = MoneyField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=12, choices=DemoState, default=DemoState.OPEN)
    return_url = models.CharField(max_length=300)
    created_at = models.DateTimeField(default=clock.now)
    decided_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.reference}: {self.amount} ({self.state})"


class PaymentEvent(models.Model):
    """A message from a payment provider that was acted on; the same one again does nothing."""

    provider = models.CharField(max_length=20)
    event_id = KeyField(max_length=120)
    top_up = models.ForeignKey(TopUp, models.PROTECT, null=True, related_name="events")
    kind = models.CharField(max_length=60)
    received_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="wallet_paymentevent_once")
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.event_id}"
