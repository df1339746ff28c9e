"""What waits for a decision: the list beside the case, and the decision; the next case opens by itself."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from backoffice.forms import DecisionForm
from backoffice.reviews import REVIEWED, Decided, Subjects, subjects_of
from marketplace.accounts.models import STAFF_ROLES
from marketplace.reviewing.conflicts import why_not
from marketplace.reviewing.models import Submission
from marketplace.reviewing.selectors import (
    Queue,
    QueuePage,
    events_of,
    next_in_queue,
    queue_counts,
    queue_page,
    submission_for,
)
from marketplace.reviewing.services import assign
from marketplace.reviewing.shown import mark_of_assignment, mark_of_submission
from marketplace.reviewing.states import Decision
from marketplace.web.access import for_roles
from marketplace.web.forms import FRESH, Refusal, answer_form, say_and_go
from marketplace.web.htmx import render_part, wants_part
from marketplace.web.see_other import SeeOther
from marketplace.web.typed import asked, is_sent, sent, sent_mark

PAGE = "backoffice/reviews/reviews.html"
# The key that opens it, and its icon.
ACTS = {
    Decision.APPROVE: ("a", "check-circle"),
    Decision.ASK_FOR_CHANGES: ("c", "pencil"),
    Decision.REJECT: ("r", "close"),
}


@require_GET
@for_roles(*STAFF_ROLES)
def reviews(request: HttpRequest) -> HttpResponse:
    """The queue; beside it, where there is room, a word on how to use it."""
    return render_part(request, PAGE, "rows", _list(request))


@require_GET
@for_roles(*STAFF_ROLES)
def review(request: HttpRequest, public_id: str) -> HttpResponse:
    """One case: what was submitted beside what can be decided."""
    return _page(request, _case(request, public_id))


@require_POST
@for_roles(*STAFF_ROLES)
def review_decide(request: HttpRequest, public_id: str) -> HttpResponse:
    """Approve, ask for changes or reject; then the next case. A reason's button only writes into the field."""
    submission = _case(request, public_id)
    form = DecisionForm(request.POST)
    if is_sent(request, "template"):
        return _page(request, submission, form.with_template(REVIEWED[submission.kind].kind.reasons))

    def call() -> object:
        return REVIEWED[submission.kind].decide(
            Decided(
                submission,
                form.cleaned_data["decision"],
                form.cleaned_data["reason"],
                request.user,
                sent_mark(request),
            )
        )

    return answer_form(
        request,
        call,
        form=form,
        done=lambda result: _go_on(request, submission, form.cleaned_data["decision"]),
        page=lambda refusal: _page(request, _case(request, public_id), form, refusal),
    )


@require_POST
@for_roles(*STAFF_ROLES)
def review_assign(request: HttpRequest, public_id: str) -> HttpResponse:
    """It is my case now, or everybody's again."""
    submission = _case(request, public_id)
    to_me = sent(request, "to") == "me"

    def page(refusal: Refusal) -> HttpResponse:
        return _page(request, _case(request, public_id), refusal=refusal)

    return answer_form(
        request,
        lambda: assign(
            submission_id=submission.pk, to_me=to_me, actor=request.user, expected=sent_mark(request)
        ),
        done=lambda assigned: say_and_go(
            request,
            _("This is your case now.") if to_me else _("Everybody can take it."),
            _here(request, submission),
        ),
        page=page,
    )


def _go_on(request: HttpRequest, submission: Submission, decision: str) -> HttpResponse:
    done = {
        Decision.APPROVE: _("Approved; they were told."),
        Decision.ASK_FOR_CHANGES: _("They were asked for changes."),
        Decision.REJECT: _("Rejected; they were told why."),
    }[Decision(decision)]
    messages.success(request, done)
    following = next_in_queue(request.user, _kept(request).queue, submission)
    if following is None:
        return SeeOther(_kept(request).link())
    return SeeOther(_here(request, following))


def _case(request: HttpRequest, public_id: str) -> Submission:
    submission = submission_for(request.user, public_id)
    if submission is None:
        raise Http404
    return submission


def _page(
    request: HttpRequest, submission: Submission, form: DecisionForm | None = None, refusal: Refusal = FRESH
) -> HttpResponse:
    entry = REVIEWED[submission.kind]
    context = _list(request, submission)
    subjects: Subjects = context["subjects"]
    subject = subjects.of(submission)
    if subject is None:
        raise Http404
    barred = why_not(request.user, submission)
    context |= entry.evidence(subject, subjects.rows_of(submission))
    context |= {
        "submission": submission,
        "title": entry.title(subject),
        "evidence": entry.template,
        "kind_label": entry.kind.label,
        "reasons": entry.kind.reasons,
        "decide_url": _here(request, submission, "review_decide"),
        "assign_url": _here(request, submission, "review_assign"),
        "events": events_of(submission),
        "mark": mark_of_submission(submission),
        "assign_mark": mark_of_assignment(submission),
        "is_mine": submission.assigned_to_id == request.user.pk,
        "barred": barred,
        "can_decide": submission.is_waiting and not barred,
        "acts": _acts(form),
        "refused": refusal.text,
        "problems": getattr(refusal.error, "problems", ()),
    }
    return render(request, PAGE, context)


@dataclass(frozen=True)
class Act:
    """One of the three decisions as the page offers it."""

    decision: Decision
    key: str
    icon: str
    form: DecisionForm
    is_open: bool


def _acts(form: DecisionForm | None) -> list[Act]:
    acts = []
    for decision, (key, icon) in ACTS.items():
        mine = form if form is not None and form.is_for(decision) else None
        shown = mine or DecisionForm(initial={"decision": decision.value})
        shown.prepare(decision)
        acts.append(Act(decision, key, icon, shown, is_open=mine is not None))
    return acts


@dataclass(frozen=True)
class Kept:
    """The list's filters, as every link and form of the page carries them on."""

    kind: str = ""
    mine: str = ""
    after: str = ""

    @property
    def queue(self) -> Queue:
        return Queue(self.kind, bool(self.mine))

    @property
    def query(self) -> str:
        return urlencode({name: value for name, value in vars(self).items() if value})

    def link(self, **changes: str) -> str:
        """The list with these filters instead, from its start."""
        wanted = {**vars(self), "after": "", **changes}
        query = urlencode({name: value for name, value in wanted.items() if value})
        path = reverse("backoffice:reviews")
        return f"{path}?{query}" if query else path


def _kept(request: HttpRequest) -> Kept:
    kind = asked(request, "kind", most=40)
    return Kept(
        kind=kind if kind in REVIEWED else "",
        mine="1" if asked(request, "mine") == "1" else "",
        after=asked(request, "after", most=200),
    )


def _here(request: HttpRequest, submission: Submission, route: str = "review") -> str:
    path, query = reverse(f"backoffice:{route}", args=[submission.public_id]), _kept(request).query
    return f"{path}?{query}" if query else path


def _list(request: HttpRequest, case: Submission | None = None) -> dict[str, Any]:
    kept = _kept(request)
    page: QueuePage = queue_page(request.user, kept.queue, after=kept.after)
    subjects = subjects_of(page.rows, case)
    context: dict[str, Any] = {
        "rows": [
            (row, REVIEWED[row.kind], _title(row, subjects.of(row)), _here(request, row)) for row in page.rows
        ],
        "subjects": subjects,
        "kept": kept,
        "more_url": kept.link(after=page.next_after) if page.next_after else "",
    }
    if wants_part(request):
        return context
    context |= {
        "all_url": kept.link(mine=""),
        "mine_url": kept.link(mine="1"),
        "kinds": [(entry.name, entry.kind.label, entry.name == kept.kind) for entry in REVIEWED.values()],
    }
    if case is None:
        everybodys, mine = queue_counts(request.user, Queue(kept.kind))
        context["counts"] = {"all": everybodys, "mine": mine}
    return context


def _title(row: Submission, subject: Any) -> str:
    return REVIEWED[row.kind].title(subject) if subject is not None else str(row.submitter.profile)
