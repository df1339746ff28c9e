"""Who may do what with accounts (docs/permissions.md)."""

import rules

from .models import User


@rules.predicate
def is_oneself(user: User, person: User | None) -> bool:
    return person is not None and person.pk == user.pk


rules.add_perm("accounts.change_profile", is_oneself)
rules.add_perm("accounts.become_seller", is_oneself)
