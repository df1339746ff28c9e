"""People come: as shoppers, sellers, couriers or staff."""

from decimal import Decimal

from marketplace.accounts.models import Role, User
from marketplace.accounts.services import become_seller, create_account, save_location, save_profile

BERLIN = (Decimal("52.520008"), Decimal("13.404954"))


def join(
    *, email: str, password: str | None, name: str, role: str = Role.USER, phone: str = "+49 30 1234567"
) -> User:
    """Somebody with a checked address and a phone; None is a password that nobody can type."""
    user = create_account(email=email, password=password, role=role, name=name, verified=True)
    introduce(user, name=name, phone=phone)
    return user


def introduce(user: User, *, name: str, phone: str) -> None:
    """Say how one is called and reached."""
    save_profile(user_id=user.pk, name=name, phone=phone, time_zone="", actor=user)


def settle(
    user: User,
    *,
    lat: Decimal = BERLIN[0],
    lng: Decimal = BERLIN[1],
    address: str = "Torstraße 1, 10119 Berlin",
    access_notes: str = "",
) -> None:
    """Say where parcels go to, or come from."""
    save_location(user_id=user.pk, lat=lat, lng=lng, address=address, access_notes=access_notes, actor=user)


def open_shop(seller: User, *, name: str, about: str = "", ships_from: str = "") -> None:
    """Become a seller; one who is stays one."""
    become_seller(user_id=seller.pk, shop_name=name, about=about, ships_from=ships_from, actor=seller)
