"""What somebody handed in for an admin to decide, and each step of it."""

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models

from marketplace.common import clock
from marketplace.common.fields import KeyField, ProseField
from marketplace.common.ids import new_public_id
from marketplace.common.texts import MAX_REASON

from .states import OPEN, TONES, SubmissionStatus


class Submission(models.Model):
    """Something that a person submitted and an admin decides; its subject's own domain says what that means.

    One is open a subject: `open_key` names that while it waits for a decision or for what it asked for.
    """

    LOCK_RANK = 8.5

    public_id = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)
    # The name of a kind that some domain declares in its `reviewed.py` (kinds.py).
    kind = models.CharField(max_length=40)
    content_type = models.ForeignKey(ContentType, models.PROTECT, db_index=False)
    object_id = models.PositiveBigIntegerField()
    subject = GenericForeignKey()
    submitter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="submissions", db_index=False
    )
    status = models.CharField(
        max_length=20, choices=SubmissionStatus, default=SubmissionStatus.SUBMITTED, editable=False
    )
    open_key = KeyField(max_length=60, null=True, unique=True, editable=False)
    # How often it was handed in: once, and once more after each time that changes were asked for.
    round = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField(default=clock.now)
    submitted_at = models.DateTimeField(default=clock.now)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    # The decision that stands: of one that asked for changes, too, until it is handed in again.
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    reason = ProseField(max_length=MAX_REASON, blank=True, default="")

    class Meta:
        indexes = [
            # The queue: what waits, the longest first; of one kind; an admin's own.
            models.Index(fields=["status", "submitted_at", "id"], name="reviewing_queue"),
            models.Index(fields=["status", "kind", "submitted_at", "id"], name="reviewing_queue_of_kind"),
            models.Index(fields=["assigned_to", "status", "submitted_at", "id"], name="reviewing_queue_mine"),
            models.Index(fields=["content_type", "object_id"], name="reviewing_of_subject"),
            models.Index(fields=["submitter", "id"], name="reviewing_of_submitter"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=OPEN, open_key__isnull=False)
                | (~models.Q(status__in=OPEN) & models.Q(open_key=None)),
                name="reviewing_open_has_its_key",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}: {self.status}"

    @property
    def is_waiting(self) -> bool:
        """Whether an admin may decide now."""
        return self.status == SubmissionStatus.SUBMITTED

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def tone(self) -> str:
        return TONES[SubmissionStatus(self.status)]


class SubmissionEvent(models.Model):
    """A step of a submission: who, from, to, why, when."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="events")
    from_status = models.CharField(max_length=20, blank=True)
    to_status = models.CharField(max_length=20, choices=SubmissionStatus)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    reason = ProseField(max_length=MAX_REASON, blank=True, default="")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.from_status or '–'} → {self.to_status}"
