"""How an application goes on, in step with its submission (docs/states.md); `services.applying` writes it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from marketplace.reviewing.states import Decision


class ApplicationStatus(models.TextChoices):
    PENDING = "pending", _("Waiting for review")
    CHANGES_REQUESTED = "changes_requested", _("Changes asked for")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Not accepted")
    WITHDRAWN = "withdrawn", _("Withdrawn")


NEXT: dict[str, set[str]] = {
    ApplicationStatus.PENDING: {
        ApplicationStatus.APPROVED,
        ApplicationStatus.REJECTED,
        ApplicationStatus.CHANGES_REQUESTED,
        ApplicationStatus.WITHDRAWN,
    },
    ApplicationStatus.CHANGES_REQUESTED: {ApplicationStatus.PENDING, ApplicationStatus.WITHDRAWN},
    ApplicationStatus.APPROVED: set(),
    ApplicationStatus.REJECTED: set(),
    ApplicationStatus.WITHDRAWN: set(),
}

OPEN = (ApplicationStatus.PENDING, ApplicationStatus.CHANGES_REQUESTED)

AFTER: dict[Decision, ApplicationStatus] = {
    Decision.APPROVE: ApplicationStatus.APPROVED,
    Decision.REJECT: ApplicationStatus.REJECTED,
    Decision.ASK_FOR_CHANGES: ApplicationStatus.CHANGES_REQUESTED,
}

TONES = {
    ApplicationStatus.PENDING: "waiting",
    ApplicationStatus.CHANGES_REQUESTED: "moving",
    ApplicationStatus.APPROVED: "done",
    ApplicationStatus.REJECTED: "trouble",
    ApplicationStatus.WITHDRAWN: "",
}


def no_such_step(before: str, to: str) -> str:
    """The sentence for a step that is not there any more."""
    return _("This application is “%(before)s” now; it cannot become “%(to)s”.") % {
        "before": ApplicationStatus(before).label,
        "to": ApplicationStatus(to).label,
    }
