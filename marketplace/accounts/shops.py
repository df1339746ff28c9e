"""Shops and couriers: becoming one, what a shop is called, when it is closed.

Who may become one is decided by staff, with an application (marketplace/applications). A shop that is away or
suspended is seen and found, and sells nothing (`selectors.shop_is_open`); what was ordered goes on.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError
from django.utils.text import slugify
from django.utils.translation import gettext as _

from marketplace.common import clock
from marketplace.common.authorisation import Actor, authorize
from marketplace.common.cleaning import clean_line, fold
from marketplace.common.errors import Invalid, StaleState
from marketplace.common.ids import new_public_id
from marketplace.common.locking import lock_row
from marketplace.common.lookalikes import skeleton
from marketplace.common.shown import require_as_shown
from marketplace.common.texts import clean_reason
from marketplace.common.transactions import service

from .checking import check
from .models import CourierProfile, Profile, Role, SellerProfile, User
from .shown import mark_of_shop, mark_of_tax, mark_of_vacation

LONGEST_VACATION = timedelta(days=366)


@service
def become_seller(
    *, user_id: int, shop_name: str, about: str = "", ships_from: str = "", actor: Actor
) -> SellerProfile:
    """Turn a shopper into a seller with a shop of that name. Who is one already stays as they are.

    What they have ordered goes on. Raises `Invalid` for a name that is taken or looks like another shop's,
    `StaleState` for couriers and staff: one role each; PermissionDenied unless staff decide about somebody else.
    """
    authorize(actor, "accounts.grant_role", User.objects.get(pk=user_id))
    if not _takes_role(user_id, Role.SELLER):
        existing = SellerProfile.objects.filter(pk=user_id).first()
        if existing is not None:
            return existing
        if User.objects.get(pk=user_id).role != Role.SELLER:
            raise StaleState(_("Only shoppers can open a shop."))
    shop = SellerProfile(user_id=user_id, about=about, ships_from=ships_from)
    _call(shop, shop_name)
    shop.found_as = shop.shop_name
    shop.slug = _free_slug(shop.shop_name)
    check(shop, "shop_name", "about", "ships_from")
    _or_taken(lambda: shop.save(force_insert=True))
    return shop


@service
def become_courier(
    *, user_id: int, name: str, phone: str, area: str, vehicle: str, actor: Actor
) -> CourierProfile:
    """Turn a shopper into a courier. Who is one already stays as they are.

    What they have ordered goes on, and so do its pages. Raises `Invalid` with the field, `StaleState` for sellers
    and staff; PermissionDenied unless staff decide about somebody else.
    """
    authorize(actor, "accounts.grant_role", User.objects.get(pk=user_id))
    if not _takes_role(user_id, Role.DELIVERY):
        existing = CourierProfile.objects.filter(pk=user_id).first()
        if existing is not None:
            return existing
        if User.objects.get(pk=user_id).role != Role.DELIVERY:
            raise StaleState(_("Only shoppers can become couriers."))
    courier = CourierProfile(user_id=user_id, area=area, vehicle=vehicle)
    check(courier, "area", "vehicle")
    courier.save(force_insert=True)
    profile = Profile(pk=user_id, name=name, phone=phone)
    check(profile, "name", "phone")
    profile.save(update_fields=["name", "phone"])
    return courier


def _takes_role(user_id: int, role: str) -> bool:
    """Whether a shopper got the role now; the conditional update is also the lock: of two that race, one waits."""
    return bool(User.objects.filter(pk=user_id, role=Role.USER).update(role=role))


@service
def save_shop(
    *,
    user_id: int,
    shop_name: str,
    about: str,
    ships_from: str,
    actor: Actor,
    expected: str | None = None,
) -> SellerProfile:
    """Save how a shop is called and what it says of itself; its address (the slug) stays.

    Raises `Invalid` with the field, `StaleState` where it was changed since the form was drawn, PermissionDenied
    unless it is the actor's own.
    """
    shop = _own_shop(user_id, actor)
    require_as_shown(expected, mark_of_shop(shop))
    if clean_line(shop_name) != shop.shop_name:
        _call(shop, shop_name)
    shop.about, shop.ships_from = about, ships_from
    check(shop, "shop_name", "about", "ships_from")
    _or_taken(lambda: shop.save(update_fields=["shop_name", "name_key", "look_key", "about", "ships_from"]))
    return shop


@service
def set_small_business(
    *, user_id: int, is_small_business: bool, actor: Actor, expected: str | None = None
) -> SellerProfile:
    """Note that a seller is a small business, which charges no tax, or is none any more.

    It holds for what is ordered from then on. Raises `StaleState` where it was changed since the form was drawn,
    PermissionDenied unless it is the actor's own shop.
    """
    shop = _own_shop(user_id, actor)
    require_as_shown(expected, mark_of_tax(shop))
    shop.is_small_business = is_small_business
    shop.save(update_fields=["is_small_business"])
    return shop


@service
def go_away(
    *,
    user_id: int,
    away_from: datetime,
    away_until: datetime,
    note: str = "",
    actor: Actor,
    expected: str | None = None,
) -> SellerProfile:
    """A vacation: from the first moment until the second one nothing of the shop can be bought.

    It comes back by itself. Raises `Invalid` (fields `away_from`, `away_until`, `away_note`) for a vacation that
    is over, ends before it begins or is longer than `LONGEST_VACATION`; `StaleState` where it was changed since the
    form was drawn; PermissionDenied unless it is the actor's own shop.
    """
    shop = _own_shop(user_id, actor)
    require_as_shown(expected, mark_of_vacation(shop))
    note = clean_reason(note, required=False, field="away_note")
    if away_until <= away_from:
        raise Invalid(_("You come back after you have left."), field="away_until")
    if away_until <= clock.now():
        raise Invalid(_("This day is over. When are you back?"), field="away_until")
    if away_until - away_from > LONGEST_VACATION:
        raise Invalid(_("A vacation is a year long at most."), field="away_until")
    return _set_vacation(shop, away_from, away_until, note)


@service
def come_back(*, user_id: int, actor: Actor, expected: str | None = None) -> SellerProfile:
    """End a shop's vacation now, or call off one that is to come. Without one, nothing happens.

    Raises `StaleState` where it was changed since the form was drawn, PermissionDenied unless the shop is the
    actor's own.
    """
    shop = _own_shop(user_id, actor)
    if shop.away_from is None:
        return shop
    require_as_shown(expected, mark_of_vacation(shop))
    return _set_vacation(shop, None, None, "")


@service
def show_picture(*, user_id: int, place: str, name: str, actor: Actor) -> tuple[SellerProfile, str]:
    """Show the stored file `name` as the shop's `place` ("logo", "banner"); "" shows none.

    Returns the shop and the file's name before, which nothing shows any more. Raises PermissionDenied unless it
    is the actor's own.
    """
    shop = _own_shop(user_id, actor)
    before: str = getattr(shop, place)
    setattr(shop, place, name)
    shop.save(update_fields=[place])
    return shop, before


def note_found_as(user_id: int, name: str) -> None:
    """Step: the goods of a shop are found and shown by `name` now, unless it is called otherwise again."""
    SellerProfile.objects.filter(pk=user_id, shop_name=name).update(found_as=name)


def suspend(shop: SellerProfile, reason: str) -> None:
    """Step: nothing of the locked `shop` can be bought from now on, for `reason`; its open orders go on."""
    shop.suspended_at, shop.suspended_reason = clock.now(), reason
    shop.save(update_fields=["suspended_at", "suspended_reason"])


def lift_suspension(shop: SellerProfile) -> None:
    """Step: the locked `shop` sells again."""
    shop.suspended_at, shop.suspended_reason = None, ""
    shop.save(update_fields=["suspended_at", "suspended_reason"])


def end_vacation(shop: SellerProfile) -> None:
    """Step: forget the vacation of the locked `shop` that is over."""
    _set_vacation(shop, None, None, "")


def require_free_name(shop_name: str, *, besides: int | None = None) -> None:
    """Raise `Invalid` (field `shop_name`) if another shop than `besides` has a name that reads or looks the same."""
    others = SellerProfile.objects.exclude(pk=besides) if besides else SellerProfile.objects.all()
    if others.filter(name_key=_name_key(shop_name)).exists():
        raise _taken()
    if others.filter(look_key=_look_key(shop_name)).exists():
        raise Invalid(
            _("Another shop has a name that looks like this one. Please choose another."), field="shop_name"
        )


def _call(shop: SellerProfile, shop_name: str) -> None:
    """Give `shop` the name and the keys that go with it; it is not saved yet."""
    require_free_name(shop_name, besides=shop.pk)
    shop.shop_name = clean_line(shop_name)
    shop.name_key, shop.look_key = _name_key(shop_name), _look_key(shop_name)


def _name_key(shop_name: str) -> str:
    return fold(clean_line(shop_name))[:250]


def _look_key(shop_name: str) -> str:
    return skeleton(clean_line(shop_name))[:250]


def _or_taken(save: Callable[[], None]) -> None:
    try:
        save()
    except IntegrityError as error:  # somebody else took the name between the question and the answer
        raise _taken() from error


def _taken() -> Invalid:
    return Invalid(_("Another shop has this name already."), field="shop_name")


def _free_slug(shop_name: str) -> str:
    slug = slugify(shop_name)[:80].strip("-")
    if slug and not SellerProfile.objects.filter(slug=slug).exists():
        return slug
    return f"{slug or 'shop'}-{new_public_id()[:6]}"


def _own_shop(user_id: int, actor: Actor) -> SellerProfile:
    shop = lock_row(SellerProfile, user_id)
    authorize(actor, "accounts.change_shop", shop)
    return shop


def _set_vacation(
    shop: SellerProfile, away_from: datetime | None, away_until: datetime | None, note: str
) -> SellerProfile:
    shop.away_from, shop.away_until, shop.away_note = away_from, away_until, note
    shop.save(update_fields=["away_from", "away_until", "away_note"])
    return shop
