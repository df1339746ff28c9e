"""A seller shows a logo and a banner. Drawing and storing happen before the transaction, never in it."""

from typing import IO

from marketplace.accounts.models import SellerProfile, User
from marketplace.accounts.shops import show_picture
from marketplace.applications import pictures
from marketplace.common.authorisation import authorize
from marketplace.common.files import forgotten_on_failure
from marketplace.common.limits import limited


@limited("upload")
def save_shop_picture(*, user_id: int, place: str, file: IO[bytes], actor: User) -> SellerProfile:
    """Show `file` as the shop's `place` ("logo" or "banner") instead of the one before.

    Raises `Invalid` (field "file"), `Busy`, `CannotSave`, `SellerProfile.DoesNotExist`, PermissionDenied unless it is
    the actor's own.
    """
    # Drawing takes long: who may not is refused before; what counts is asked again under the lock.
    authorize(actor, "accounts.change_shop", SellerProfile.objects.get(pk=user_id))
    name = pictures.store(place, file)
    with forgotten_on_failure(pictures.forget, name):
        shop, before = show_picture(user_id=user_id, place=place, name=name, actor=actor)
    pictures.forget(before)
    return shop


def remove_shop_picture(*, user_id: int, place: str, actor: User) -> SellerProfile:
    """Show no picture as the shop's `place`; without one nothing happens. Raises as `save_shop_picture`."""
    shop, before = show_picture(user_id=user_id, place=place, name="", actor=actor)
    pictures.forget(before)
    return shop
