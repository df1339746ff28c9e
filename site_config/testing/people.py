"""The test world's people: a buyer, sellers, a courier, an admin and a stranger."""

from itertools import count

import pytest
from django.test import Client

from marketplace.accounts.models import STAFF_ROLES, Role, User
from site_config.acts import people

PASSWORD = "correct horse battery staple"  # noqa: S105  of people who exist in tests only

_numbers = count(1)


def make_person(role: str = Role.USER, *, name: str = "", email: str = "", located: bool = True) -> User:
    """Make somebody: `make_person(Role.SELLER, name="Sam")`. Everybody but staff has a location."""
    if role == Role.ADMIN and not User.objects.filter(role=Role.SUPERADMIN).exists():
        make_person(Role.SUPERADMIN)  # who else would have made an admin (I39)
    number = next(_numbers)
    name = name or f"Person {number}"
    email = email or f"{name.lower().replace(' ', '-')}-{number}@example.org"
    user = people.join(email=email, password=PASSWORD, role=role, name=name)
    if located and role not in STAFF_ROLES:
        people.settle(user)
    if role == Role.SELLER:
        people.open_shop(user, name=f"{name}'s shop {number}")
    return User.objects.select_related("profile").get(pk=user.pk)


@pytest.fixture
def person(db):
    """`make_person`, for tests that need more people than there are below."""
    return make_person


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


@pytest.fixture
def other_courier(person):
    return person(Role.DELIVERY, name="Carl")


@pytest.fixture
def superadmin(person):
    return person(Role.SUPERADMIN, name="Suri")


@pytest.fixture
def as_person():
    """A browser that is signed in: `as_person(buyer).get(url)`; `as_person()` is a visitor."""

    def sign_in(user: User | None = None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user)
        return client

    return sign_in
