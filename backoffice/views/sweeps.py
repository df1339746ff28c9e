from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from marketplace.accounts.models import STAFF_ROLES
from marketplace.common import clock
from marketplace.web.access import for_roles
from marketplace.web.see_other import see_other
from marketplace.web.sweeps import SweepLine, run_sweep, sweep_lines, sweep_troubles

TROUBLES_SHOWN = 100
# A sweep that is so much later than it should be: nobody runs the loop.
LATE = timedelta(minutes=15)

# What each sweep does, for people; one that is not here goes by its name.
WORDS: dict[str, Promise] = {
    "refresh_prices": gettext_lazy("Start and end sale prices"),
    "complete_due": gettext_lazy("Pay sellers whose buyers’ time is up"),
    "remind_of_completion": gettext_lazy("Remind buyers a day before"),
    "cancel_overdue": gettext_lazy("Cancel what nobody picked up"),
    "expire_top_ups": gettext_lazy("Give up top-ups that were not paid"),
    "forget_old_carts": gettext_lazy("Forget visitors’ old carts"),
    "forget_old_keys": gettext_lazy("Forget used form keys"),
    "refresh_popularity": gettext_lazy("Count what is popular"),
    "forget_orphans": gettext_lazy("Remove pictures of nothing"),
    "forget_orphan_photos": gettext_lazy("Remove photos of nothing"),
    "forget_old_windows": gettext_lazy("Forget old request counts"),
    "forget_old_sessions": gettext_lazy("Forget sessions that ran out"),
}


@dataclass(frozen=True)
class SweepRow:
    """A sweep as the table shows it: its words, and how it stands in one word and tone."""

    line: SweepLine
    words: str
    tone: str
    state: str

    @property
    def is_in_trouble(self) -> bool:
        return self.tone == "trouble"


def rows() -> list[SweepRow]:
    """All sweeps in the order in which they run."""
    return [SweepRow(line, str(WORDS.get(line.name, line.name)), *_stand(line)) for line in sweep_lines()]


@require_GET
@for_roles(*STAFF_ROLES)
def sweeps(request: HttpRequest) -> HttpResponse:
    """What the clock does: when it last ran, what it did, and what it could not do."""
    context = {
        "rows": rows(),
        "troubles": [
            (trouble, WORDS.get(trouble.sweep, trouble.sweep)) for trouble in sweep_troubles(TROUBLES_SHOWN)
        ],
    }
    return render(request, "backoffice/sweeps.html", context)


@require_POST
@for_roles(*STAFF_ROLES)
def run_now(request: HttpRequest, name: str) -> HttpResponse:
    """Run one sweep now: the same function, and as safe beside the loop, as `manage.py run_due`."""
    try:
        ran = run_sweep(name, confirm_clock=bool(request.POST.get("confirm_clock")))
    except KeyError as error:
        raise Http404 from error
    words = WORDS.get(name, name)
    if ran.stopped:
        messages.error(
            request, _("“%(sweep)s” is stopped: the clock looks wrong. Nothing was done.") % {"sweep": words}
        )
    elif ran.error:
        messages.error(
            request,
            _("“%(sweep)s” failed (%(error)s). The log has more.") % {"sweep": words, "error": ran.error},
        )
    else:
        done = ngettext("%(count)d done", "%(count)d done", ran.done) % {"count": ran.done}
        if ran.failed:
            done = _("%(done)s, %(failed)d failed") % {"done": done, "failed": ran.failed}
        tone = messages.warning if ran.failed else messages.success
        tone(request, _("“%(sweep)s”: %(done)s.") % {"sweep": words, "done": done})
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
    if clock.now() - run.finished_at > timedelta(seconds=line.every) + LATE:
        return "waiting", _("Late")
    return "done", _("Fine")
