"""Who mistyped the address when signing up gives the account another one."""

import pytest

from marketplace.accounts.models import User
from marketplace.accounts.services import EmailTaken, change_unconfirmed_address, create_account
from marketplace.common.errors import Invalid, StaleState

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


def addresses() -> list[tuple[str, str, bool]]:
    return sorted(
        (user.email, address.email, address.primary)
        for user in User.objects.all()
        for address in user.emailaddress_set.all()
    )


def test_the_account_and_its_address_change_together():
    user = create_account(email="amn@example.org", password="one")

    assert change_unconfirmed_address(user_id=user.pk, email=" Ann@Example.org").email == "ann@example.org"

    assert addresses() == [("ann@example.org", "ann@example.org", True)]


@pytest.mark.parametrize(
    ("email", "verified", "refusal"),
    [
        ("bea@example.org", False, EmailTaken),
        ("nobody", False, Invalid),
        ("\u200b", False, Invalid),
        ("ann@example.org", True, StaleState),
    ],
)
def test_a_refusal_changes_nothing(person, email, verified, refusal):
    person(email="bea@example.org")
    user = create_account(email="amn@example.org", password="one", verified=verified)
    before = addresses()

    with pytest.raises(refusal):
        change_unconfirmed_address(user_id=user.pk, email=email)

    assert addresses() == before


@pytest.mark.django_db(transaction=True)
def test_two_who_want_the_same_address_do_not_both_get_it(race):
    users = [create_account(email=f"n{number}@example.org", password="one") for number in range(4)]

    race(lambda user: change_unconfirmed_address(user_id=user.pk, email="ann@example.org"), users)

    assert User.objects.filter(email="ann@example.org").count() == 1
    assert all(user == address for user, address, _primary in addresses())
