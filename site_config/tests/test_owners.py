"""The watch that goes around every statement of the tests (site_config/testing/owners.py)."""

import pytest
from django.conf import settings

from marketplace.accounts.models import Profile

pytestmark = pytest.mark.django_db


def write_from(place: str, person) -> None:
    """Save somebody's profile as if this code stood in the file `place`."""
    code = compile("profile.save(update_fields=['name'])", f"{settings.BASE_DIR}/{place}", "exec")
    exec(code, {"profile": Profile.objects.get(pk=person.pk)})


@pytest.mark.parametrize(
    "place", ["marketplace/wallet/services/holds.py", "shop/views/account.py", "site_config/demo/world.py"]
)
def test_whoever_writes_a_strangers_rows_is_seen(buyer, watch_of_writes, place):
    write_from(place, buyer)

    assert watch_of_writes.broken == [f"{place}:1 writes accounts_profile"]
    watch_of_writes.broken.clear()


@pytest.mark.parametrize(
    "place",
    [
        "marketplace/accounts/services.py",
        "marketplace/common/moving.py",
        "marketplace/wallet/tests/test_holds.py",
    ],
)
def test_the_owner_the_foundations_and_tests_may(buyer, watch_of_writes, place):
    write_from(place, buyer)

    assert watch_of_writes.broken == []
