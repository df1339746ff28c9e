"""Who may do what with wallets and payments (docs/permissions.md)."""

import rules

from marketplace.accounts.models import User

from .models import TopUp


@rules.predicate
def may_buy(user: User) -> bool:
    return user.may_buy


@rules.predicate
def is_owner(user: User, top_up: TopUp | None) -> bool:
    return top_up is not None and top_up.wallet.owner_id == user.pk


@rules.predicate
def is_store_staff(user: User) -> bool:
    return user.is_store_staff


rules.add_perm("wallet.change_reserve", is_store_staff)
rules.add_perm("wallet.top_up", may_buy)
rules.add_perm("wallet.pay", is_owner)
