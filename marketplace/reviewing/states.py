"""How a submission goes on (docs/states.md); `services.steps` is the only writer."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.common.errors import Invalid


class SubmissionStatus(models.TextChoices):
    SUBMITTED = "submitted", _("Waiting for review")
    CHANGES_REQUESTED = "changes_requested", _("Changes asked for")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


NEXT: dict[str, set[str]] = {
    SubmissionStatus.SUBMITTED: {
        SubmissionStatus.APPROVED,
        SubmissionStatus.REJECTED,
        SubmissionStatus.CHANGES_REQUESTED,
        SubmissionStatus.WITHDRAWN,
    },
    SubmissionStatus.CHANGES_REQUESTED: {SubmissionStatus.SUBMITTED, SubmissionStatus.WITHDRAWN},
    SubmissionStatus.APPROVED: set(),
    SubmissionStatus.REJECTED: set(),
    SubmissionStatus.WITHDRAWN: set(),
}

OPEN = (SubmissionStatus.SUBMITTED, SubmissionStatus.CHANGES_REQUESTED)


class Decision(models.TextChoices):
    """What an admin can say; its value is the state that follows."""

    APPROVE = SubmissionStatus.APPROVED.value, _("Approve")
    ASK_FOR_CHANGES = SubmissionStatus.CHANGES_REQUESTED.value, _("Ask for changes")
    REJECT = SubmissionStatus.REJECTED.value, _("Reject")

    @classmethod
    def said(cls, word: str) -> "Decision":
        """The decision of this value. Raises `Invalid` (field `decision`) for anything else."""
        if word not in cls.values:
            raise Invalid(str(_("Please choose what you decide.")), field="decision")
        return cls(word)

    @property
    def needs_reason(self) -> bool:
        return self is not Decision.APPROVE


TONES = {
    SubmissionStatus.SUBMITTED: "waiting",
    SubmissionStatus.CHANGES_REQUESTED: "moving",
    SubmissionStatus.APPROVED: "done",
    SubmissionStatus.REJECTED: "trouble",
    SubmissionStatus.WITHDRAWN: "",
}
