"""Where people are: the buyer must be found by nothing that a page shows before the claim."""

from decimal import Decimal

import pytest

from marketplace.accounts.models import User
from marketplace.accounts.services import save_location, save_profile

BUYERS_NAME = "Beatrix Quellenhofer"
BUYERS_PHONE = "+49 30 9988776"
BUYERS_ADDRESS = "Weserstraße 180, 12045 Berlin"
BUYERS_NOTES = "Ring twice at Quell"
SECRETS = (
    BUYERS_NAME,
    "Quellenhofer",
    BUYERS_PHONE,
    "+49309988776",
    BUYERS_ADDRESS,
    "Weserstra",
    BUYERS_NOTES,
    "52.481",
    "13.431",
)


@pytest.fixture
def client(as_person, courier):
    """The courier's browser."""
    return as_person(courier)


@pytest.fixture
def move():
    """`move(user, "52.5", "13.4", "Street 1")`: somebody's place from now on."""

    def run(user: User, lat: str, lng: str, address: str = "Somewhere 1", notes: str = "") -> User:
        save_location(
            user_id=user.pk,
            actor=user,
            lat=Decimal(lat),
            lng=Decimal(lng),
            address=address,
            access_notes=notes,
        )
        user.refresh_from_db()
        return user

    return run


@pytest.fixture
def buyer(person, move):
    bea = person(name=BUYERS_NAME, email="bea@example.org")
    save_profile(user_id=bea.pk, actor=bea, name=BUYERS_NAME, phone=BUYERS_PHONE, time_zone="")
    return move(bea, "52.481", "13.431", BUYERS_ADDRESS, BUYERS_NOTES)


@pytest.fixture
def tells_nothing_of_the_buyer():
    """`tells_nothing_of_the_buyer(response)`: neither who nor where."""

    def check(response) -> None:
        page = response.content.decode()
        assert [secret for secret in SECRETS if secret in page] == []

    return check


@pytest.fixture
def tells_all_of_the_buyer():
    def check(response) -> None:
        page = response.content.decode()
        for told in (BUYERS_NAME, BUYERS_ADDRESS, BUYERS_NOTES, "tel:+49309988776", "geo:52.481"):
            assert told in page

    return check
