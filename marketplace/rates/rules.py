"""Who may say what delivery costs (docs/permissions.md)."""

import rules

from marketplace.accounts.models import User


@rules.predicate
def is_store_staff(user: User) -> bool:
    return user.is_store_staff


@rules.predicate
def is_seller(user: User) -> bool:
    return user.is_seller


rules.add_perm("rates.publish", is_store_staff)
rules.add_perm("rates.offer", is_seller)
