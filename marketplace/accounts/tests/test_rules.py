import pytest

pytestmark = pytest.mark.django_db


def test_a_profile_is_changed_by_its_owner_alone_and_seen_by_staff(buyer, stranger, admin):
    profile = buyer.profile

    assert buyer.has_perm("accounts.change_profile", profile)
    assert not stranger.has_perm("accounts.change_profile", profile)
    assert not admin.has_perm("accounts.change_profile", profile)
    assert not buyer.has_perm("accounts.change_profile")
    assert [user.has_perm("accounts.view_profile", profile) for user in (buyer, stranger, admin)] == [
        True,
        False,
        True,
    ]


def test_only_shoppers_may_open_a_shop(buyer, seller, courier, admin):
    people = (buyer, seller, courier, admin)

    assert [user.has_perm("accounts.become_seller") for user in people] == [True, False, False, False]
