import pytest

from marketplace.points.models import PointsEntry
from marketplace.points.selectors import points_of
from marketplace.points.services import award_points

pytestmark = pytest.mark.usefixtures("books_balance")


def test_points_are_the_sum_of_their_entries(seller, other_seller):
    award_points(seller_id=seller.pk, amount=10, cause="sale", key="sale:1")
    award_points(seller_id=seller.pk, amount=-25, cause="cancelled", key="cancel:1", reason="Out of stock")

    assert points_of(seller.pk) == -15
    assert points_of(other_seller.pk) == 0


def test_the_same_key_counts_once(seller):
    for _ in range(2):
        award_points(seller_id=seller.pk, amount=10, cause="sale", key="sale:1")

    assert points_of(seller.pk) == 10
    assert PointsEntry.objects.count() == 1
