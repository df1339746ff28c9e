"""The test world's people: a buyer, sellers, a courier, an admin and a stranger."""

from itertools import count

import pytest

from marketplace.accounts.models import Profile, Role, SellerProfile, User

PASSWORD = "correct horse battery staple"  # noqa: S105  of people who exist in tests only

_numbers = count(1)


@pytest.fixture
def person(db):
    """Make somebody: `person(Role.SELLER, name="Sam")`. Everybody but staff has a location."""

    def make(role: str = Role.USER, *, name: str = "", email: str = "", located: bool = True) -> User:
        number = next(_numbers)
        name = name or f"Person {number}"
        email = email or f"{name.lower().replace(' ', '-')}-{number}@example.org"
        user = User.objects.create_user(email, PASSWORD, role=role)
        place = {
            "location_lat": "52.520008",
            "location_lng": "13.404954",
            "location_address": "Torstraße 1, 10119 Berlin",
        }
        Profile.objects.filter(user=user).update(
            name=name, phone="+49 30 1234567", **(place if located else {})
        )
        if role == Role.SELLER:
            SellerProfile.objects.create(
                user=user, shop_name=f"{name}'s shop {number}", slug=f"shop-{number}"
            )
        user.emailaddress_set.create(email=email, primary=True, verified=True)
        return User.objects.select_related("profile").get(pk=user.pk)

    return make


@pytest.fixture
def buyer(person):
    return person(name="Bea")


@pytest.fixture
def seller(person):
    return person(Role.SELLER, name="Sam")


@pytest.fixture
def other_seller(person):
    return person(Role.SELLER, name="Sue")


@pytest.fixture
def courier(person):
    return person(Role.DELIVERY, name="Cara")


@pytest.fixture
def admin(person):
    return person(Role.ADMIN, name="Ada")


@pytest.fixture
def stranger(person):
    return person(name="Eve")
