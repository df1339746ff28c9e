from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from . import clock
from .fields import ProseField
from .texts import MAX_REASON


class Step(models.Model):
    """A row of a thing's history: who, from, to, why, when. `actor` is NULL when the clock did it.

    A history adds what it is of, and the choices of both states.
    """

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    from_status = models.CharField(max_length=20, blank=True)
    to_status = models.CharField(max_length=20)
    reason = ProseField(max_length=MAX_REASON, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        abstract = True
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.from_status or '·'} → {self.to_status}"

    @property
    def is_step(self) -> bool:
        """False for a row that tells something without a change of state."""
        return self.from_status != self.to_status


class FormKey(models.Model):
    """A form that was carried out: its key, what it said and where its result is.

    Written in the business transaction, so a key exists exactly if its effect does.
    """

    key = models.CharField(max_length=64, primary_key=True)
    nonce = models.CharField(max_length=32)
    user_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=40)
    input_sha256 = models.CharField(max_length=64)
    result = models.CharField(max_length=200)
    created_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.action} {self.key[:8]}"


class RateWindow(models.Model):
    """How often somebody did something in one window of time (marketplace.common.limits)."""

    key = models.CharField(max_length=120, primary_key=True)
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"


class KeptEntry(models.Model):
    """What the cache would hold, while Redis is away and only of what must not be lost (marketplace/common/caching.py).

    The columns are those that Django's DatabaseCache asks for; nobody else writes here.
    """

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.cache_key


class BookCurrency(models.Model):
    """The currency that all amounts were written in (marketplace/common/currency.py): one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    code = models.CharField(max_length=3)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="common_bookcurrency_is_one")]

    def __str__(self) -> str:
        return self.code


class SweepRun(models.Model):
    """How the last run of a sweep went; a row a sweep, whoever ran it (the loop, an admin, Celery).

    `stopped` says why a sweep that moves money does not run: the clock looks wrong (marketplace/web/clockwork.py).
    `finished_at` then stays that of the last run that did happen.
    """

    class Stopped(models.TextChoices):
        DRIFT = "drift", _("Our clock and the database's differ by more than a minute")
        GAP = "gap", _("It has not run for two days")

    name = models.CharField(max_length=60, unique=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    took_ms = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    # What ended the last run early: the kind of error only, its words may name people. The log has them.
    error = models.CharField(max_length=100, blank=True)
    runs = models.PositiveBigIntegerField(default=0)
    stopped = models.CharField(max_length=12, choices=Stopped, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name}: {self.done} done, {self.failed} failed"


class SweepTrouble(models.Model):
    """A row that a sweep could not do: tried again ever more rarely, while the others go on.

    Gone once it worked, or once nothing is due of it any more. `told_at`: when the admins were.
    """

    sweep = models.CharField(max_length=60)
    object_id = models.PositiveBigIntegerField()
    errors = models.PositiveIntegerField(default=0)
    # The kind of error only, as above.
    last_error = models.CharField(max_length=100, blank=True)
    first_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["sweep", "next_try_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["sweep", "object_id"], name="common_sweeptrouble_once")
        ]

    def __str__(self) -> str:
        return f"{self.sweep} {self.object_id}: {self.last_error} ({self.errors} times)"


class NumberSeries(models.Model):
    """The last number that was given out of a series without gaps; its row's lock makes the next one wait."""

    LOCK_RANK = 10.57

    name = models.CharField(max_length=40, unique=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name}: {self.last}"
