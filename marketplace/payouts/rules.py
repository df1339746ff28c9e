"""Who may do what with payouts (docs/permissions.md)."""

import rules

from marketplace.accounts.models import User

from .models import Payout


@rules.predicate
def earns(user: User) -> bool:
    return user.earns


@rules.predicate
def is_store_staff(user: User) -> bool:
    return user.is_store_staff


@rules.predicate
def is_its_owner(user: User, payout: Payout | None) -> bool:
    return payout is not None and payout.owner_id == user.pk


rules.add_perm("payouts.request", earns)
rules.add_perm("payouts.cancel", is_its_owner)
rules.add_perm("payouts.decide", is_store_staff)
