"""Each invariant finds what it is there to find: something is broken on purpose, by raw SQL."""

import pytest
from django.db import connection

from marketplace.common.invariants import find_breaches
from marketplace.points.invariants import INVARIANTS
from marketplace.points.services import award_points

BREAKS = {
    "I34 an entry": "UPDATE points_pointsentry SET amount = 0",
    "I34 points": "DELETE FROM accounts_sellerprofile",
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_is_found(seller, name):
    award_points(seller_id=seller.pk, amount=10, cause="sale", key="sale:1")
    assert find_breaches(INVARIANTS) == []

    with connection.cursor() as cursor:
        cursor.execute(BREAKS[name])

    assert any(str(breach).startswith(name) for breach in find_breaches(INVARIANTS))


def test_every_invariant_has_its_break():
    assert all(any(rule.name.startswith(name) for name in BREAKS) for rule in INVARIANTS)
