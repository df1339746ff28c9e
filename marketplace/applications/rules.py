"""Who may do what with applications (docs/permissions.md)."""

import rules

from marketplace.accounts.models import Role, User

from .models import Application


@rules.predicate
def is_shopper(user: User) -> bool:
    return user.role == Role.USER


@rules.predicate
def is_applicant(user: User, application: Application | None) -> bool:
    return application is not None and application.applicant_id == user.pk


rules.add_perm("applications.apply", is_shopper)
rules.add_perm("applications.change", is_applicant)
