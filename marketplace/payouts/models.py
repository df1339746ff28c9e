from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marketplace.common import clock
from marketplace.common.fields import KeyField, LineField, ProseField
from marketplace.common.ids import new_public_id
from marketplace.common.money import MoneyField, money_check
from marketplace.common.texts import MAX_REASON
from marketplace.wallet.models import Transaction

from .states import OPEN, TONES, BatchKind, Every, Matter, PayoutStatus, Provider

REFERENCE_LENGTH = 60
TROUBLE_LENGTH = 200


class PayoutAddress(models.Model):
    """Where somebody's payouts go, sealed; only its last four signs stand here as they are.

    It is an IBAN, which the store's bank pays to, or somebody's account at a `provider`, and its holder.

    A row never changes but for being replaced: who changes their address gets another one. `current_for` is its
    owner's key while it is theirs and NULL after, so that everybody has one at most.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="payout_addresses")
    current_for = models.PositiveBigIntegerField(null=True, unique=True)
    sealed = models.TextField()
    provider = models.CharField(
        max_length=12, choices=Provider, default=Provider.MANUAL, db_default=Provider.MANUAL
    )
    country = models.CharField(max_length=2, blank=True)
    last4 = models.CharField(max_length=4)
    created_at = models.DateTimeField(default=clock.now)
    usable_from = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(current_for__isnull=True) | Q(current_for=models.F("owner_id")),
                name="payouts_address_current_is_its_owners",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country or self.get_provider_display()}…{self.last4}"

    @property
    def is_usable(self) -> bool:
        """Whether its wait is over: payouts may go there."""
        return self.usable_from <= clock.now()


class PayoutPlan(models.Model):
    """How somebody wants to be paid out by themselves: how often, and from which amount on."""

    LOCK_RANK = 10.55

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="payout_plan"
    )
    every = models.CharField(_("how often"), max_length=8, choices=Every, default=Every.NEVER)
    above = MoneyField(default=0)
    next_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        constraints = [
            money_check("above"),
            models.CheckConstraint(
                condition=Q(every=Every.NEVER, next_at__isnull=True)
                | Q(~Q(every=Every.NEVER), next_at__isnull=False),
                name="payouts_plan_has_its_next_time",
            ),
        ]

    def __str__(self) -> str:
        return f"plan of {self.owner_id}: {self.every}"


class PayoutBatch(models.Model):
    """Approved payouts that went to the bank in one file: numbered without gaps, made once, kept as it was made.

    Until it is noted as sent it may be withdrawn: its payouts wait for another one, and `WithdrawnPayout` keeps which
    they were. Its number stays used.
    """

    LOCK_RANK = 10.58

    number = models.PositiveIntegerField(unique=True)
    public_id = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)
    kind = models.CharField(max_length=4, choices=BatchKind)
    currency = models.CharField(max_length=3)
    payout_count = models.PositiveIntegerField()
    total = MoneyField()
    sealed = models.TextField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=clock.now)
    reference = LineField(max_length=REFERENCE_LENGTH, blank=True)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = ProseField(max_length=MAX_REASON, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            money_check("total", minimum=1),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True, sent_by__isnull=True, reference="")
                | Q(sent_at__isnull=False, sent_by__isnull=False) & ~Q(reference=""),
                name="payouts_batch_sent_has_reference",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False, sent_at__isnull=True),
                name="payouts_batch_withdrawn_is_not_sent",
            ),
        ]

    def __str__(self) -> str:
        return f"batch {self.number}: {self.total}"

    @property
    def name(self) -> str:
        """What the bank knows it by, and its file is called."""
        return f"PAYOUT-{self.number:06d}"


class Payout(models.Model):
    """Money on its way from somebody's wallet to their bank, from the click to the bank's word."""

    LOCK_RANK = 10.6

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="payouts")
    address = models.ForeignKey(PayoutAddress, models.PROTECT, related_name="payouts")
    amount = MoneyField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=12, choices=PayoutStatus, default=PayoutStatus.REQUESTED)
    by_plan = models.BooleanField(default=False)
    reference = LineField(max_length=REFERENCE_LENGTH, blank=True)
    requested_at = models.DateTimeField(default=clock.now)
    batch = models.ForeignKey(PayoutBatch, models.PROTECT, null=True, related_name="payouts")

    class Meta:
        indexes = [
            models.Index(fields=["owner", "-id"]),
            models.Index(fields=["status", "id"]),
        ]
        constraints = [
            money_check("amount", minimum=1),
            models.CheckConstraint(
                condition=Q(status__in=[PayoutStatus.SENT, PayoutStatus.CAME_BACK]) & ~Q(reference="")
                | ~Q(status__in=[PayoutStatus.SENT, PayoutStatus.CAME_BACK]) & Q(reference=""),
                name="payouts_payout_sent_has_reference",
            ),
        ]

    def __str__(self) -> str:
        return f"payout {self.public_id}: {self.amount} ({self.status})"

    @property
    def hold_key(self) -> str:
        """What its hold is opened under, and its bookings are named after."""
        return f"payout:{self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether its money is held still."""
        return self.status in OPEN

    @property
    def waits_for_provider(self) -> bool:
        """Whether it is approved, and its provider is to send it."""
        return self.status == PayoutStatus.APPROVED and self.address.provider != Provider.MANUAL

    @property
    def tone(self) -> str:
        """The colour of its status (templates/components/status_pill.html)."""
        return TONES[PayoutStatus(self.status)]


class WithdrawnPayout(models.Model):
    """A payout that was in a bank's file which was withdrawn. Written once."""

    batch = models.ForeignKey(PayoutBatch, models.PROTECT, related_name="withdrawn")
    payout = models.ForeignKey(Payout, models.PROTECT, related_name="withdrawals")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "payout"], name="payouts_withdrawn_once_a_batch"),
        ]

    def __str__(self) -> str:
        return f"{self.payout_id} out of {self.batch_id}"


class PayoutTransfer(models.Model):
    """What a provider was asked about a payout, and what it said. Written under the payout's lock.

    `asked_at` is set before the provider is asked, and NULL again once it has refused: while it is set, the money may
    have left. `attempt` is part of the name under which it is asked (after a refusal, another one), `reference` the
    provider's own name of what it sent, `look_at` when the clock asks it next. `matter` is why it must be looked at,
    and `part_back` how much of it came back, where that is not all.
    """

    payout = models.OneToOneField(Payout, models.PROTECT, primary_key=True, related_name="transfer")
    attempt = models.PositiveSmallIntegerField(default=1)
    asked_at = models.DateTimeField(null=True)
    reference = KeyField(max_length=REFERENCE_LENGTH, null=True, unique=True)
    trouble = LineField(max_length=TROUBLE_LENGTH, blank=True)
    look_at = models.DateTimeField(null=True, db_index=True)
    matter = models.CharField(max_length=12, choices=Matter, blank=True, default="", db_default="")
    part_back = MoneyField(default=0, db_default=0)

    class Meta:
        constraints = [
            money_check("part_back"),
            models.CheckConstraint(
                condition=Q(matter=Matter.IN_PART, part_back__gt=0) | ~Q(matter=Matter.IN_PART),
                name="payouts_transfer_came_back_in_part",
            ),
            models.CheckConstraint(
                condition=Q(reference__isnull=True) | Q(asked_at__isnull=False),
                name="payouts_transfer_answered_was_asked",
            ),
        ]

    def __str__(self) -> str:
        return f"transfer of {self.payout_id}: {self.reference or self.attempt}"

    @property
    def is_asked(self) -> bool:
        """Whether the provider was asked for it and has said neither yes nor no."""
        return self.asked_at is not None and self.reference is None


class PayoutLine(models.Model):
    """How much of an entry of the ledger, something earned, a payout settles. Written once, with its payout."""

    payout = models.ForeignKey(Payout, models.PROTECT, related_name="lines")
    entry = models.ForeignKey(Transaction, models.PROTECT, related_name="payout_lines")
    amount = MoneyField()

    class Meta:
        constraints = [
            money_check("amount", minimum=1),
            models.UniqueConstraint(fields=["payout", "entry"], name="payouts_line_once_a_payout"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of entry {self.entry_id}"


class PayoutEvent(models.Model):
    """A step of a payout: who made it, when, and why. Written once."""

    payout = models.ForeignKey(Payout, models.PROTECT, related_name="events")
    status = models.CharField(max_length=12, choices=PayoutStatus)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = ProseField(max_length=MAX_REASON, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payout", "status"], name="payouts_event_a_step_once"),
        ]

    def __str__(self) -> str:
        return f"{self.payout_id}: {self.status}"

    @property
    def tone(self) -> str:
        return TONES[PayoutStatus(self.status)]
