from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from marketplace.accounts.models import STAFF_ROLES
from marketplace.common import clock
from marketplace.mail.selectors import mail_state
from marketplace.web.access import for_roles
from marketplace.web.clockwork import SweepLine, label_of, run_by_name, sweep_lines, sweep_troubles
from marketplace.web.see_other import see_other
from marketplace.web.typed import sent

TROUBLES_SHOWN = 100
# A sweep that is so much later than it should be: nobody runs the loop.
LATE = timedelta(minutes=15)


@dataclass(frozen=True)
class SweepRow:
    """A sweep as the table shows it, and how it stands in one word and tone."""

    line: SweepLine
    tone: str
    state: str

    @property
    def is_in_trouble(self) -> bool:
        return self.tone == "trouble"


def rows() -> list[SweepRow]:
    """All sweeps in the order in which they run."""
    return [SweepRow(line, *_stand(line)) for line in sweep_lines()]


@require_GET
@for_roles(*STAFF_ROLES)
def sweeps(request: HttpRequest) -> HttpResponse:
    """What the clock does: when it last ran, what it did, and what it could not do."""
    context = {
        "rows": rows(),
        "mail": mail_state(clock.now()),
        "troubles": [(trouble, label_of(trouble.sweep)) for trouble in sweep_troubles(TROUBLES_SHOWN)],
    }
    return render(request, "backoffice/sweeps.html", context)


@require_POST
@for_roles(*STAFF_ROLES)
def run_now(request: HttpRequest, name: str) -> HttpResponse:
    """Run one sweep now: the same function, and as safe beside the loop, as `manage.py run_due`."""
    try:
        ran = run_by_name(name, confirm_clock=bool(sent(request, "confirm_clock")))
    except KeyError as error:
        raise Http404 from error
    label = label_of(name)
    if ran.stopped:
        messages.error(
            request, _("“%(sweep)s” is stopped: the clock looks wrong. Nothing was done.") % {"sweep": label}
        )
    elif ran.error:
        messages.error(
            request,
            _("“%(sweep)s” failed (%(error)s). The log has more.") % {"sweep": label, "error": ran.error},
        )
    else:
        done = ngettext("%(count)d done", "%(count)d done", ran.done) % {"count": ran.done}
        if ran.failed:
            done = _("%(done)s, %(failed)d failed") % {"done": done, "failed": ran.failed}
        tone = messages.warning if ran.failed else messages.success
        tone(request, _("“%(sweep)s”: %(done)s.") % {"sweep": label, "done": done})
    return see_other("backoffice:sweeps")


def _stand(line: SweepLine) -> tuple[str, str]:
    run = line.run
    if run is not None and run.stopped:
        return "trouble", _("Stopped")
    if run is None or run.finished_at is None:
        return "waiting", _("Never ran")
    if run.error:
        return "trouble", _("Failed")
    if line.in_trouble:
        return "trouble", _("Rows in trouble")
    if clock.now() - run.finished_at > timedelta(seconds=line.sweep.every) + LATE:
        return "waiting", _("Late")
    return "done", _("Fine")
