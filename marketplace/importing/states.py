"""An import is looked through before its seller starts it; then it runs until it is through, or is stopped."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marketplace.common.moving import Steps


class ImportStatus(models.TextChoices):
    UPLOADED = "uploaded", _("Being looked through")
    CHECKED = "checked", _("Waiting for your word")
    RUNNING = "running", _("Under way")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Stopped")
    FAILED = "failed", _("Failed")


IMPORT_NEXT: Steps = {
    ImportStatus.UPLOADED: {ImportStatus.CHECKED, ImportStatus.CANCELLED, ImportStatus.FAILED},
    ImportStatus.CHECKED: {ImportStatus.RUNNING, ImportStatus.CANCELLED},
    ImportStatus.RUNNING: {ImportStatus.DONE, ImportStatus.CANCELLED, ImportStatus.FAILED},
    ImportStatus.DONE: {ImportStatus.RUNNING},  # missing pictures are tried again
    ImportStatus.CANCELLED: set(),
    ImportStatus.FAILED: set(),
}
WORKED_ON = (ImportStatus.UPLOADED, ImportStatus.RUNNING)
OPEN = (*WORKED_ON, ImportStatus.CHECKED)

TONES = {
    ImportStatus.UPLOADED: "moving",
    ImportStatus.CHECKED: "waiting",
    ImportStatus.RUNNING: "moving",
    ImportStatus.DONE: "done",
    ImportStatus.CANCELLED: "trouble",
    ImportStatus.FAILED: "trouble",
}


class Outcome(models.TextChoices):
    """What becomes, or became, of a product of the file."""

    MADE = "made", _("New")
    CHANGED = "changed", _("Changed")
    SAME = "same", _("Nothing new")
    REFUSED = "refused", _("Left out")


OUTCOME_TONES = {
    Outcome.MADE: "done",
    Outcome.CHANGED: "moving",
    Outcome.SAME: "waiting",
    Outcome.REFUSED: "trouble",
}


class PictureStatus(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    HERE = "here", _("Here")
    MISSING = "missing", _("Missing")


def import_not_possible(before: str, to: str) -> str:
    """The sentence for a step that is not there."""
    return gettext("This import is “%(before)s” now; it cannot become “%(to)s”.") % {
        "before": ImportStatus(before).label,
        "to": ImportStatus(to).label,
    }
