"""Who may not decide: nobody about their own thing, nor about somebody's with whom they have something going on.

A domain in which two people can be bound to each other (an order, a parcel, money that is held) says so in its
`ties.py`, in a list `TIES` of functions `(user_id, other_id) -> bool` that read its own rows. They are found by
name, as invariants and sweeps are, for the orders stand above and a decision here must know of them.
"""

from collections.abc import Callable, Iterable
from functools import cache

from django.utils.translation import gettext as _

from marketplace.common.authorisation import Actor, System, authorize
from marketplace.common.discovery import declared
from marketplace.common.errors import DomainError

from .models import Submission

Tie = Callable[[int, int], bool]


class ConflictOfInterest(DomainError):
    """Who asks has a stake in what is to be decided; another admin decides."""

    code = "conflict_of_interest"


@cache
def ties() -> tuple[Tie, ...]:
    """What can bind two people, from all domains."""
    return tuple(declared("ties", "TIES"))


def are_tied(user_id: int, other_id: int) -> bool:
    """Whether these two have an order, a parcel or money with each other that is not over yet."""
    return any(binds(user_id, other_id) for binds in ties())


def require_impartial(actor: Actor, submission: Submission, parties: Iterable[int] = ()) -> None:
    """Raise PermissionDenied unless `actor` reviews, `ConflictOfInterest` where they have a stake in it.

    `parties` are people whom the subject is about besides its submitter (of a brand: its other sellers).
    """
    authorize(actor, "reviewing.decide", submission)
    if isinstance(actor, System):
        return
    people = {submission.submitter_id, *parties}
    if actor.pk in people:
        raise ConflictOfInterest(_("This is your own. Another admin decides about it."))
    if any(are_tied(actor.pk, person) for person in sorted(people)):
        raise ConflictOfInterest(
            _(
                "You and the person who sent this have an order, a parcel or money with each other."
                " Another admin decides about it."
            )
        )


def why_not(actor: Actor, submission: Submission) -> str:
    """The sentence that a page shows to whoever may read this case and not decide it; "" for who may."""
    try:
        require_impartial(actor, submission)
    except ConflictOfInterest as refusal:
        return str(refusal)
    return ""
