"""Saved addresses: several a person, one of them the default, which is what the profile says."""

from dataclasses import replace
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied

from marketplace.accounts.address_book import (
    AddressWish,
    add_address,
    change_address,
    make_default_address,
    remove_address,
    save_location,
)
from marketplace.accounts.invariants import INVARIANTS
from marketplace.accounts.models import Profile, SavedAddress
from marketplace.accounts.pick_ups import PickUp, default_pick_up
from marketplace.accounts.saved import AddressKind
from marketplace.accounts.selectors import addresses_of
from marketplace.accounts.shown import mark_of_address
from marketplace.common.errors import Invalid, KeyReused, StaleState
from marketplace.common.idempotency import new_form_key
from marketplace.common.invariants import find_breaches

pytestmark = pytest.mark.django_db

RIVALS = 4

WORK = AddressWish(
    label="Work",
    address="Hobrechtstraße 8, 12047 Berlin",
    lat=Decimal("52.4862431"),
    lng=Decimal("13.424805"),
    name="Front desk",
    phone="+49 30 7654321",
    notes="Second yard",
)


def key(user) -> str:
    return new_form_key(user_id=user.pk, action="add_address")


def save(user, wish=WORK, **asked) -> SavedAddress:
    asked = {"kind": AddressKind.DOOR, "form_key": key(user), "actor": user} | asked
    return add_address(user_id=user.pk, wish=wish, **asked)


def book(user) -> tuple:
    """All that is kept of somebody's addresses."""
    return Profile.objects.values().get(pk=user.pk), list(SavedAddress.objects.filter(owner=user).values())


def where(user) -> tuple:
    profile = Profile.objects.get(pk=user.pk)
    return (
        str(profile.location_lat),
        str(profile.location_lng),
        profile.location_address,
        profile.access_notes,
    )


@pytest.fixture(autouse=True)
def books_are_right(db):
    """No test leaves a profile that says something else than its default address."""
    yield
    assert find_breaches(INVARIANTS) == []


def test_the_first_address_is_the_default_and_what_the_profile_says(person):
    shopper = person(located=False)

    saved = save(shopper)

    assert where(shopper) == ("52.486243", "13.424805", WORK.address, "Second yard")
    assert Profile.objects.get(pk=shopper.pk).default_address_id == saved.pk


def test_another_one_is_not_unless_it_is_asked_for(buyer):
    before = where(buyer)

    save(buyer)
    assert where(buyer) == before

    save(buyer, replace(WORK, label="Garden"), as_default=True)
    assert where(buyer)[2] == WORK.address


def test_a_location_that_is_saved_changes_the_default_and_no_other(buyer):
    other = save(buyer)

    save_location(user_id=buyer.pk, lat=1, lng=2, address="Elsewhere 1", actor=buyer)

    assert where(buyer) == ("1.000000", "2.000000", "Elsewhere 1", "")
    assert addresses_of(buyer.pk).count() == 2
    assert SavedAddress.objects.values().get(pk=other.pk)["address"] == WORK.address


def test_changing_the_default_changes_the_profile_and_another_one_does_not(buyer):
    before, other = where(buyer), save(buyer)

    change_address(address_id=other.pk, wish=replace(WORK, address="Elsewhere 1"), actor=buyer)
    assert where(buyer) == before

    default = addresses_of(buyer.pk).first()
    change_address(address_id=default.pk, wish=replace(WORK, address="Elsewhere 2"), actor=buyer)
    assert where(buyer)[2] == "Elsewhere 2"


def test_another_default_moves_the_profile_and_repeating_it_changes_nothing(buyer):
    other = save(buyer)

    for _again in range(2):
        make_default_address(address_id=other.pk, actor=buyer)

    assert where(buyer)[2] == WORK.address


def test_without_the_default_the_oldest_other_one_is_it_and_without_any_there_is_no_place(buyer):
    other = save(buyer)

    remove_address(address_id=addresses_of(buyer.pk).first().pk, actor=buyer)
    assert where(buyer)[2] == WORK.address

    remove_address(address_id=other.pk, actor=buyer)
    assert where(buyer) == ("None", "None", "", "")
    assert not Profile.objects.get(pk=buyer.pk).has_location


def test_pick_up_places_are_kept_apart(seller):
    before = where(seller)

    place = save(seller, kind=AddressKind.PICK_UP)

    assert where(seller) == before
    assert Profile.objects.get(pk=seller.pk).default_pick_up_id == place.pk
    assert list(addresses_of(seller.pk, AddressKind.PICK_UP)) == [place]


def test_what_a_parcel_is_told_of_a_pick_up_place_is_the_default_ones(seller):
    assert default_pick_up(seller.pk) is None

    place = save(seller, kind=AddressKind.PICK_UP)
    save(seller, replace(WORK, label="Garden"), kind=AddressKind.PICK_UP)

    assert default_pick_up(seller.pk) == PickUp.of(place)


def test_only_who_sells_has_pick_up_places(buyer, courier):
    before = book(buyer), book(courier)

    for somebody in (buyer, courier):
        with pytest.raises(PermissionDenied):
            save(somebody, kind=AddressKind.PICK_UP)

    assert (book(buyer), book(courier)) == before


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("label", " "),
        ("label", "x" * 41),
        ("name", "x" * 121),
        ("phone", "call me"),
        ("address", "  "),
        ("address", "x" * 301),
        ("lat", Decimal("90.1")),
        ("lat", Decimal("NaN")),
        ("lng", Decimal(181)),
        ("lng", Decimal("1e40")),
        ("notes", "x" * 301),
    ],
)
def test_a_bad_address_is_refused_beside_its_field_and_nothing_changes(buyer, field, bad):
    own = addresses_of(buyer.pk).first()
    before = book(buyer)

    for act in (
        lambda wish: save(buyer, wish),
        lambda wish: change_address(address_id=own.pk, wish=wish, actor=buyer),
    ):
        with pytest.raises(Invalid) as refusal:
            act(replace(WORK, **{field: bad}))
        assert refusal.value.field == field
    assert book(buyer) == before


def test_there_is_an_end_to_it(seller, settings):
    settings.ADDRESSES_MAX = 2
    save(seller)
    before = book(seller)

    with pytest.raises(Invalid, match="You have saved 2 addresses"):
        save(seller)

    assert book(seller) == before
    save(seller, kind=AddressKind.PICK_UP)  # counted by themselves


def test_a_double_click_saves_once_and_the_same_key_says_nothing_else(buyer):
    form_key = key(buyer)

    assert save(buyer, form_key=form_key) == save(buyer, form_key=form_key)
    before = book(buyer)
    with pytest.raises(KeyReused):
        save(buyer, replace(WORK, label="Other"), form_key=form_key)
    assert book(buyer) == before


def test_a_form_of_before_changes_and_removes_nothing(buyer):
    saved = save(buyer)
    mark = mark_of_address(saved)
    change_address(address_id=saved.pk, wish=replace(WORK, address="Elsewhere 1"), actor=buyer)
    before = book(buyer)

    with pytest.raises(StaleState):
        change_address(address_id=saved.pk, wish=WORK, actor=buyer, expected=mark)
    with pytest.raises(StaleState):
        remove_address(address_id=saved.pk, actor=buyer, expected=mark)
    assert book(buyer) == before


def test_nobody_touches_somebody_elses(buyer, stranger, seller, courier, admin, superadmin):
    saved = save(buyer)
    before = book(buyer)

    for actor in (stranger, seller, courier, admin, superadmin):
        for act in (
            lambda actor: save(buyer, actor=actor),
            lambda actor: change_address(address_id=saved.pk, wish=WORK, actor=actor),
            lambda actor: remove_address(address_id=saved.pk, actor=actor),
            lambda actor: make_default_address(address_id=saved.pk, actor=actor),
        ):
            with pytest.raises(PermissionDenied):
                act(actor)
    assert book(buyer) == before


@pytest.mark.every_database
def test_the_migration_keeps_everybodys_place_once(buyer, person):
    nowhere = person(located=False)
    before = where(buyer)
    SavedAddress.objects.all().delete()
    migration = import_module("marketplace.accounts.migrations.0009_addresses_of_profiles")
    migration.BATCH = 1

    for _again in range(2):
        migration.save_where_people_are(apps, None)

    assert where(buyer) == before
    saved = addresses_of(buyer.pk).get()
    assert (saved.address, saved.label) == (before[2], "Home")
    assert Profile.objects.get(pk=buyer.pk).default_address_id == saved.pk
    assert not addresses_of(nowhere.pk).exists()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locked", [True, False], ids=["locked", "control"])
def test_the_last_free_place_in_the_book_is_taken_once(
    locked, person, race, settings, locks_rows, without_locks
):
    """Without the lock all of them count before one of them has written."""
    settings.ADDRESSES_MAX = 1
    shopper = person(located=False)
    if not locked:
        if not locks_rows:
            pytest.skip("SQLite locks all of itself")
        without_locks(RIVALS)

    race(lambda number: save(shopper), range(RIVALS))

    assert (addresses_of(shopper.pk).count() == 1) is locked
