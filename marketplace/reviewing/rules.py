"""Who may do what with submissions (docs/permissions.md); who has a stake in one is told in a sentence."""

import rules

from marketplace.accounts.models import User

from .models import Submission


@rules.predicate
def is_store_staff(user: User) -> bool:
    return user.is_store_staff


@rules.predicate
def is_submitter(user: User, submission: Submission | None) -> bool:
    return submission is not None and submission.submitter_id == user.pk


rules.add_perm("reviewing.review", is_store_staff)
rules.add_perm("reviewing.decide", is_store_staff)
rules.add_perm("reviewing.withdraw", is_submitter)
