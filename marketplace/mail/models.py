from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """How a mail stands. All but the first are ends: nothing is done with it any more."""

    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Sent")
    PARKED = "parked", _("Could not be sent")
    DROPPED = "dropped", _("Not wanted any more")


class OutgoingMail(models.Model):
    """A mail to be sent, written in the transaction of what it tells about (docs/decisions/0016-the-outbox.md).

    `next_try_at` is when it may be taken; whoever takes it moves that on, which is their lease. `tries` counts the
    takings and so names the lease: only its holder says how it went.
    """

    kind = models.CharField(max_length=12)
    address = models.CharField(max_length=320)
    """The first recipient, in lower case: for people who look, and to find the mails that a newer one replaces."""
    content = models.TextField()
    """The mail as JSON (marketplace/mail/letters.py); "" once it was sent or given up."""
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    useful_until = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    # The kind of error and the server's number: its words may name people.
    last_error = models.CharField(max_length=100, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["state", "next_try_at"], name="mail_state_and_next_try"),
            models.Index(fields=["address", "state"], name="mail_address_and_state"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="mail_state_known"),
            models.CheckConstraint(
                condition=models.Q(state=State.WAITING, ended_at=None)
                | (~models.Q(state=State.WAITING) & models.Q(content="", ended_at__isnull=False)),
                name="mail_that_ended_says_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}: {self.state}"
