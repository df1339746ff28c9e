"""The address of an account: proven, changed, and taken back by the one before."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import signing

from marketplace.accounts.addresses import change_to_undo, confirm_address, undo_address_change, undo_token
from marketplace.accounts.models import AddressChange, User
from marketplace.accounts.services import EmailTaken, create_account
from marketplace.common import clock
from marketplace.common.errors import StaleState

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

OLD, NEW = "bea@example.org", "mallory@example.org"


@pytest.fixture
def bea(person):
    return person(email=OLD)


def standing(user: User) -> tuple[str, list]:
    user = User.objects.get(pk=user.pk)
    return user.email, list(user.emailaddress_set.values_list("email", "primary", "verified"))


def test_a_proven_address_takes_the_place_of_the_one_before(bea):
    change = confirm_address(user_id=bea.pk, email=" Mallory@Example.org")

    assert standing(bea) == (NEW, [(NEW, True, True)])
    assert (change.old_email, change.new_email, change.undone_at) == (OLD, NEW, None)
    assert confirm_address(user_id=bea.pk, email=NEW) is None
    assert AddressChange.objects.count() == 1


def test_the_first_address_is_no_change():
    user = create_account(email=OLD, password="one")

    assert confirm_address(user_id=user.pk, email=OLD) is None
    assert standing(user) == (OLD, [(OLD, True, True)])


@pytest.mark.parametrize("verified", [True, False])
def test_an_address_of_another_account_is_refused_and_nothing_changes(bea, verified):
    other = create_account(email=NEW, password="one", verified=verified)
    before = standing(bea), standing(other)

    with pytest.raises(EmailTaken):
        confirm_address(user_id=bea.pk, email=NEW)

    assert (standing(bea), standing(other)) == before
    assert not AddressChange.objects.exists()


def test_undoing_gives_the_account_back_to_its_old_address_and_to_nobody_else(bea, as_person):
    Authenticator.objects.create(user=bea, type=Authenticator.Type.RECOVERY_CODES, data={})
    Authenticator.objects.update(created_at=clock.now() - timedelta(days=9))
    thief = as_person(bea)
    change = confirm_address(user_id=bea.pk, email=NEW)
    Authenticator.objects.create(user=bea, type=Authenticator.Type.TOTP, data={})

    user = undo_address_change(token=undo_token(change))

    assert standing(bea) == (OLD, [(OLD, True, True)])
    assert not user.has_usable_password()
    assert [factor.type for factor in Authenticator.objects.all()] == [Authenticator.Type.RECOVERY_CODES]
    assert thief.get("/account/").status_code == 302


@pytest.mark.parametrize(("hours", "stays"), [(1, False), (71, False), (73, True)])
def test_a_way_to_sign_in_that_was_added_shortly_before_the_change_is_the_thiefs_too(bea, hours, stays):
    """Whoever adds a passkey first and changes the address then would come back with it, without a password."""
    Authenticator.objects.create(user=bea, type=Authenticator.Type.WEBAUTHN, data={})
    Authenticator.objects.update(created_at=clock.now() - timedelta(hours=hours))
    change = confirm_address(user_id=bea.pk, email=NEW)

    undo_address_change(token=undo_token(change))

    assert Authenticator.objects.exists() is stays


def test_a_link_works_once(bea):
    token = undo_token(confirm_address(user_id=bea.pk, email=NEW))
    undo_address_change(token=token)
    confirm_address(user_id=bea.pk, email=NEW)
    before = standing(bea)

    with pytest.raises(StaleState):
        undo_address_change(token=token)

    assert change_to_undo(token) is None
    assert standing(bea) == before


@pytest.mark.parametrize(("hours", "works"), [(71.9, True), (72.1, False)])
def test_a_link_works_for_72_hours(bea, hours, works):
    token = undo_token(confirm_address(user_id=bea.pk, email=NEW))

    with time_machine.travel(clock.now() + timedelta(hours=hours)):
        assert (change_to_undo(token) is not None) is works
        if not works:
            with pytest.raises(StaleState):
                undo_address_change(token=token)
    assert standing(bea)[0] == NEW


@pytest.mark.parametrize("forged", ["", "1", "1:x:y", "é", "\x00"])
def test_a_forged_link_is_none(bea, forged):
    change = confirm_address(user_id=bea.pk, email=NEW)

    for token in (forged, signing.dumps(change.pk), undo_token(change)[:-1]):
        assert change_to_undo(token) is None
        with pytest.raises(StaleState):
            undo_address_change(token=token)
    assert standing(bea)[0] == NEW


def test_a_chain_of_changes_ends_at_the_owners_and_the_thiefs_link_is_worth_nothing(bea):
    first = undo_token(confirm_address(user_id=bea.pk, email=NEW))
    second = undo_token(confirm_address(user_id=bea.pk, email="third@example.org"))

    undo_address_change(token=first)

    assert standing(bea) == (OLD, [(OLD, True, True)])
    with pytest.raises(StaleState):
        undo_address_change(token=second)
    assert standing(bea)[0] == OLD


def test_an_address_that_can_come_back_is_nobody_elses(bea, person):
    confirm_address(user_id=bea.pk, email=NEW)
    eve = person(name="Eve")

    with pytest.raises(EmailTaken):
        create_account(email=OLD, password="one")
    with pytest.raises(EmailTaken):
        confirm_address(user_id=eve.pk, email=OLD)
    with time_machine.travel(clock.now() + timedelta(hours=73)):
        assert create_account(email=OLD, password="one").email == OLD


def test_the_owner_may_go_back_without_the_link_and_the_thief_gets_none(bea):
    """The old address could take the account back anyway: the one that it leaves has no claim to it."""
    link = undo_token(confirm_address(user_id=bea.pk, email=NEW))

    assert confirm_address(user_id=bea.pk, email=OLD) is None
    assert standing(bea) == (OLD, [(OLD, True, True)])
    assert AddressChange.objects.count() == 1 and change_to_undo(link) is not None


def test_going_back_after_three_days_is_a_change_like_any_other(bea):
    confirm_address(user_id=bea.pk, email=NEW)

    with time_machine.travel(clock.now() + timedelta(hours=73)):
        assert confirm_address(user_id=bea.pk, email=OLD).old_email == NEW


@pytest.mark.django_db(transaction=True)
def test_a_link_that_is_followed_twice_at_once_works_once(bea, race):
    token = undo_token(confirm_address(user_id=bea.pk, email=NEW))

    results = race(lambda _n: undo_address_change(token=token), range(4))

    assert sorted(type(result).__name__ for result in results) == ["StaleState"] * 3 + ["User"]
    assert standing(bea) == (OLD, [(OLD, True, True)])
