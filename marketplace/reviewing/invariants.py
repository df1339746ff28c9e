"""What must always hold of submissions: each SQL must return no row."""

from marketplace.common.invariants import Invariant

from .kinds import kinds
from .states import OPEN, SubmissionStatus

_KINDS = ", ".join(f"'{name}'" for name in kinds()) or "''"
_OPEN = ", ".join(f"'{status.value}'" for status in OPEN)
_DECIDED = ", ".join(
    f"'{status.value}'"
    for status in (SubmissionStatus.APPROVED, SubmissionStatus.REJECTED, SubmissionStatus.CHANGES_REQUESTED)
)

INVARIANTS = [
    Invariant(
        "a submission is of a kind that is reviewed",
        f"SELECT id, kind FROM reviewing_submission WHERE kind NOT IN ({_KINDS})",  # noqa: S608
    ),
    Invariant(
        "one submission is open a subject, and only an open one has its key",
        f"SELECT id, status FROM reviewing_submission WHERE (status IN ({_OPEN})) <> (open_key IS NOT NULL)",  # noqa: S608
    ),
    Invariant(
        "nobody decides about their own",
        "SELECT id, decided_by_id FROM reviewing_submission WHERE decided_by_id = submitter_id",
    ),
    Invariant(
        "what is decided says when, and what is not says nothing",
        f"SELECT id, status FROM reviewing_submission WHERE (status IN ({_DECIDED})) <> (decided_at IS NOT NULL)",  # noqa: S608
    ),
    Invariant(
        "a refusal says why",
        "SELECT id, status FROM reviewing_submission WHERE status IN ('rejected', 'changes_requested')"
        " AND reason = ''",
    ),
    Invariant(
        "a submission is where its history ends",
        "SELECT s.id, s.status FROM reviewing_submission s WHERE NOT EXISTS (SELECT 1 FROM"
        " reviewing_submissionevent e WHERE e.submission_id = s.id AND e.to_status = s.status AND e.id ="
        " (SELECT MAX(l.id) FROM reviewing_submissionevent l WHERE l.submission_id = s.id))",
    ),
]
