"""Each invariant finds what it is there to find: something is broken on purpose, by hand."""

from datetime import timedelta

import pytest
from django.db.models import F

from marketplace.common.invariants import find_breaches
from marketplace.coupons.invariants import INVARIANTS
from marketplace.coupons.models import Coupon, CouponUse

pytestmark = [pytest.mark.django_db, pytest.mark.breaks_books, pytest.mark.every_database]

BREAKS = [
    ("I52 a coupon's count", lambda: Coupon.objects.update(uses=2)),
    ("I52 a coupon's count", lambda: Coupon.objects.update(uses=0)),
    ("I52 a coupon's count", lambda: CouponUse.objects.update(given_back_at=F("at"))),
    ("I52 a coupon's count", lambda: Coupon.objects.update(most_uses=1, uses=2)),
    ("I52 a use", lambda: CouponUse.objects.update(version=2)),
    ("I52 a use", lambda: CouponUse.objects.update(version=0)),
    ("I52 a use", lambda: CouponUse.objects.update(given_back_at=F("at") - timedelta(seconds=1))),
]


@pytest.mark.parametrize(("name", "break_it"), BREAKS)
def test_a_break_is_found(seller, buyer, goods, fund, fill_cart, check_out, name, break_it, coupons):
    fund(buyer, 10_000)
    fill_cart(buyer, {goods(seller, price=1000): 1})
    coupons.apply(buyer, coupons.make(seller, most_uses=5))
    check_out(buyer)
    assert find_breaches(INVARIANTS) == []

    break_it()

    assert any(str(breach).startswith(name) for breach in find_breaches(INVARIANTS))


def test_every_invariant_has_its_break():
    assert all(any(rule.name.startswith(name) for name, _ in BREAKS) for rule in INVARIANTS)
