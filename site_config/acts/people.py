"""People come: as shoppers, sellers, couriers or staff."""

from decimal import Decimal

from marketplace.accounts.address_book import AddressWish, add_address
from marketplace.accounts.models import Role, User
from marketplace.accounts.saved import AddressKind
from marketplace.accounts.selectors import addresses_of
from marketplace.accounts.services import create_account, save_location, save_profile
from marketplace.accounts.shops import become_seller
from marketplace.common.authorisation import SYSTEM
from marketplace.common.idempotency import new_form_key

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
    """The store makes somebody a seller; one who is stays one."""
    become_seller(user_id=seller.pk, shop_name=name, about=about, ships_from=ships_from, actor=SYSTEM)


def save_address(
    user: User,
    *,
    label: str,
    address: str,
    lat: str,
    lng: str,
    name: str = "",
    phone: str = "",
    notes: str = "",
    kind: str = AddressKind.DOOR,
) -> None:
    """Save another address, unless one of that name is there already."""
    if addresses_of(user.pk, kind).filter(label=label).exists():
        return
    wish = AddressWish(label, address, Decimal(lat), Decimal(lng), name, phone, notes)
    form_key = new_form_key(user_id=user.pk, action="add_address")
    add_address(user_id=user.pk, kind=kind, wish=wish, form_key=form_key, actor=user)
