"""Who may do what with accounts (docs/permissions.md)."""

import rules

from .models import SellerProfile, User


@rules.predicate
def is_oneself(user: User, person: User | None) -> bool:
    return person is not None and person.pk == user.pk


@rules.predicate
def is_store_staff(user: User) -> bool:
    return user.is_store_staff


@rules.predicate
def is_seller(user: User) -> bool:
    return user.is_seller


@rules.predicate
def is_its_seller(user: User, shop: SellerProfile | None) -> bool:
    return shop is not None and shop.pk == user.pk and user.is_seller


rules.add_perm("accounts.change_profile", is_oneself)
rules.add_perm("accounts.add_pick_up", is_oneself & is_seller)
rules.add_perm("accounts.grant_role", is_store_staff & ~is_oneself)
rules.add_perm("accounts.change_shop", is_its_seller)
rules.add_perm("accounts.suspend_shop", is_store_staff)
