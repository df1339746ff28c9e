"""Opening an account, saying who and where one is."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from marketplace.accounts import services
from marketplace.accounts.models import Profile, Role, User
from marketplace.accounts.services import create_account, save_location, save_profile
from marketplace.common.errors import Invalid

pytestmark = pytest.mark.django_db

BERLIN = {"lat": Decimal("52.5200084"), "lng": Decimal("13.4049540"), "address": "Torstraße 1, 10119 Berlin"}


def test_an_account_has_a_profile_an_address_and_a_hashed_password():
    user = create_account(email="Ann@Example.org ", password="a long password", name="Ann", verified=True)

    user = User.objects.get(pk=user.pk)
    assert (user.email, user.role, user.profile.name) == ("ann@example.org", Role.USER, "Ann")
    assert user.check_password("a long password")
    address = user.emailaddress_set.get()
    assert (address.email, address.primary, address.verified) == ("ann@example.org", True, True)


def test_an_account_without_a_password_cannot_be_opened_by_one():
    assert not create_account(email="ann@example.org", password=None).has_usable_password()


@pytest.mark.parametrize("email", ["ann@example.org", "ANN@Example.ORG", " ann@example.org"])
def test_an_address_is_taken_whatever_its_case(email):
    create_account(email="ann@example.org", password="one")

    with pytest.raises(Invalid) as refusal:
        create_account(email=email, password="two")

    assert refusal.value.field == "email"
    assert User.objects.count() == Profile.objects.count() == 1


def test_the_database_itself_keeps_addresses_in_lower_case(buyer):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET email = UPPER(email) WHERE id = %s", [buyer.pk])


@pytest.mark.parametrize("bad", [{"email": "nobody"}, {"role": "emperor"}, {"name": "x" * 121}])
def test_a_bad_account_is_refused_whole(bad):
    with pytest.raises(Invalid) as refusal:
        create_account(**{"email": "ann@example.org", "password": "one", "role": Role.USER, "name": ""} | bad)

    assert refusal.value.field in bad
    assert not User.objects.exists() and not Profile.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_one_address_makes_one_account_however_many_ask(race):
    results = race(lambda n: create_account(email="ann@example.org", password=f"number {n}"), range(6))

    assert sorted(type(result).__name__ for result in results) == ["EmailTaken"] * 5 + ["User"]
    assert User.objects.count() == Profile.objects.count() == 1


def test_a_profile_is_saved(buyer):
    save_profile(
        user_id=buyer.pk, actor=buyer, name="Bea B.", phone="+49 (30) 123-45", time_zone="Europe/Berlin"
    )

    profile = Profile.objects.get(pk=buyer.pk)
    assert (profile.name, profile.phone, profile.time_zone) == ("Bea B.", "+49 (30) 123-45", "Europe/Berlin")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("phone", "call me"),
        ("phone", "123\u30fb456"),
        ("name", "x" * 121),
    ],
)
def test_a_bad_profile_changes_nothing(buyer, field, value):
    before = Profile.objects.values().get(pk=buyer.pk)

    with pytest.raises(Invalid) as refusal:
        save_profile(
            user_id=buyer.pk, actor=buyer, **{"name": "New", "phone": "", "time_zone": ""} | {field: value}
        )

    assert refusal.value.field == field
    assert Profile.objects.values().get(pk=buyer.pk) == before


def test_a_location_is_a_pin_of_six_decimals_an_address_and_notes(person):
    shopper = person(located=False)
    assert not shopper.profile.has_location

    save_location(user_id=shopper.pk, actor=shopper, **BERLIN, access_notes="Second yard")

    profile = Profile.objects.get(pk=shopper.pk)
    assert (profile.location_lat, profile.location_lng) == (Decimal("52.520008"), Decimal("13.404954"))
    assert (profile.location_address, profile.access_notes) == (BERLIN["address"], "Second yard")
    assert profile.has_location


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("location_lat", {"lat": Decimal("90.000001")}),
        ("location_lat", {"lat": Decimal("NaN")}),
        ("location_lat", {"lat": Decimal("1e30")}),
        ("location_lng", {"lng": Decimal("-180.000001")}),
        ("location_lng", {"lng": Decimal("Infinity")}),
        ("location_address", {"address": "  "}),
        ("location_address", {"address": "x" * 301}),
    ],
)
def test_a_bad_location_changes_nothing(buyer, field, bad):
    before = Profile.objects.values().get(pk=buyer.pk)

    with pytest.raises(Invalid) as refusal:
        save_location(user_id=buyer.pk, actor=buyer, **BERLIN | bad)

    assert refusal.value.field == field
    assert Profile.objects.values().get(pk=buyer.pk) == before


def test_the_edges_of_the_world_are_places(buyer):
    profile = save_location(
        user_id=buyer.pk, actor=buyer, lat=Decimal(-90), lng=Decimal(180), address="South Pole station"
    )

    assert (profile.location_lat, profile.location_lng) == (-90, 180)


def test_initials_stand_for_the_person(buyer):
    profile = services.save_profile(
        user_id=buyer.pk, actor=buyer, name="Ada King Lovelace", phone="", time_zone=""
    )
    assert profile.initials == "AL"
    assert (
        services.save_profile(user_id=buyer.pk, actor=buyer, name="ada", phone="", time_zone="").initials
        == "A"
    )
    assert (
        services.save_profile(user_id=buyer.pk, actor=buyer, name="", phone="", time_zone="").initials == "B"
    )
