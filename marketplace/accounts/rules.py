"""Who is who, for django-rules: the roles that every domain asks about, and what a person may do to accounts."""

import rules

from .models import Profile, Role, User


@rules.predicate
def is_shopper(actor: User) -> bool:
    return actor.role == Role.USER


@rules.predicate
def is_seller(actor: User) -> bool:
    return actor.role == Role.SELLER


@rules.predicate
def is_courier(actor: User) -> bool:
    return actor.role == Role.DELIVERY


@rules.predicate
def is_superadmin(actor: User) -> bool:
    return actor.role == Role.SUPERADMIN


@rules.predicate
def is_store_staff(actor: User) -> bool:
    return actor.is_store_staff


@rules.predicate
def may_buy(actor: User) -> bool:
    return actor.may_buy


@rules.predicate
def is_own_profile(actor: User, profile: Profile | None) -> bool:
    return profile is not None and profile.pk == actor.pk


rules.add_perm("accounts.view_profile", is_own_profile | is_store_staff)
rules.add_perm("accounts.change_profile", is_own_profile)
rules.add_perm("accounts.become_seller", is_shopper)
