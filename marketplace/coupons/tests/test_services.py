"""A seller makes, changes, stops and starts their own coupons, and nobody else's."""

from dataclasses import asdict
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from marketplace.accounts.models import Role
from marketplace.common import clock
from marketplace.common.errors import Invalid, KeyReused, StaleState
from marketplace.common.idempotency import new_form_key
from marketplace.common.money import MAX_MONEY
from marketplace.coupons.models import Coupon
from marketplace.coupons.selectors import coupons_of, uses_of
from marketplace.coupons.services import (
    CouponTerms,
    change_coupon,
    make_coupon,
    resume_coupon,
    stop_coupon,
)
from marketplace.coupons.shown import mark_of_coupon
from marketplace.coupons.states import TONES, CouponState

pytestmark = pytest.mark.django_db
TEN = CouponTerms(percent_bps=1000)


@pytest.fixture
def coupon(seller, coupons):
    return coupons.make(seller, most_uses=5)


@pytest.mark.every_database
@pytest.mark.parametrize("typed", ["save10", " Save 10 ", "ＳＡＶＥ１０", "s a\u00a0v\u200be10", "SAVE10"])
def test_a_code_is_the_same_however_it_is_typed(seller, typed):
    made = make_coupon(actor=seller, code=typed, terms=TEN)

    assert Coupon.objects.get().code == made.code == "SAVE10"
    assert Coupon.objects.get(code=typed) == made
    with pytest.raises(Invalid) as refused:
        make_coupon(actor=seller, code="sAvE10", terms=TEN)
    assert refused.value.field == "code"
    assert Coupon.objects.count() == 1


def test_two_sellers_may_have_the_same_code(seller, other_seller, coupons):
    assert coupons.make(seller).code == coupons.make(other_seller).code


@pytest.mark.parametrize(
    "code",
    ["", "   ", "ABC", "A" * 25, "SÄVE10", "-SAVE", "SAVE-", "SAVE_10", "СAVE10", "10%OFF", "💶💶💶💶"],
)
def test_a_code_that_not_everybody_can_type_is_refused(seller, code):
    with pytest.raises(Invalid) as refused:
        make_coupon(actor=seller, code=code, terms=TEN)
    assert refused.value.field == "code"
    assert not Coupon.objects.exists()


def test_dashes_of_every_kind_are_one(seller):
    assert make_coupon(actor=seller, code="save–10", terms=TEN).code == "SAVE-10"


NOW = clock.now()


@pytest.mark.parametrize(
    ("field", "terms"),
    [
        ("percent_bps", {}),
        ("percent_bps", {"percent_bps": 1000, "amount": 500}),
        ("percent_bps", {"percent_bps": 0}),
        ("percent_bps", {"percent_bps": 10_000}),
        ("percent_bps", {"percent_bps": -1}),
        ("amount", {"amount": 0}),
        ("amount", {"amount": MAX_MONEY + 1}),
        ("smallest_cart", {"amount": 1, "smallest_cart": -1}),
        ("smallest_cart", {"amount": 1, "smallest_cart": MAX_MONEY + 1}),
        ("most_uses", {"amount": 1, "most_uses": 0}),
        ("most_uses", {"amount": 1, "most_uses": 1_000_001}),
        ("most_a_person", {"amount": 1, "most_a_person": 0}),
        ("ends_at", {"amount": 1, "starts_at": NOW, "ends_at": NOW}),
    ],
)
def test_terms_that_no_coupon_can_have_are_refused_beside_their_field(field, terms):
    with pytest.raises(Invalid) as refused:
        CouponTerms(**terms)
    assert refused.value.field == field


def test_one_that_is_over_already_is_not_made(seller, coupons):
    with pytest.raises(Invalid) as refused:
        coupons.make(seller, ends_at=clock.now() - timedelta(hours=1))
    assert refused.value.field == "ends_at"


def test_the_same_form_again_makes_no_second_one(seller):
    form = {
        "actor": seller,
        "code": "SAVE10",
        "terms": TEN,
        "form_key": new_form_key(user_id=seller.pk, action="coupon_new"),
    }
    assert make_coupon(**form) == make_coupon(**form)
    with pytest.raises(KeyReused):
        make_coupon(**form | {"code": "OTHER"})
    assert Coupon.objects.count() == 1


@pytest.mark.parametrize("role", [Role.USER, Role.DELIVERY, Role.ADMIN, Role.SUPERADMIN])
def test_only_sellers_make_coupons(person, role):
    with pytest.raises(PermissionDenied):
        make_coupon(actor=person(role), code="SAVE10", terms=TEN)
    assert not Coupon.objects.exists()


@pytest.mark.parametrize("who", ["other_seller", "buyer", "admin", "courier"])
def test_nobody_changes_somebody_elses(request, coupon, who):
    actor = request.getfixturevalue(who)
    for call in (stop_coupon, resume_coupon):
        with pytest.raises(PermissionDenied):
            call(coupon_id=coupon.pk, actor=actor)
    with pytest.raises(PermissionDenied):
        change_coupon(coupon_id=coupon.pk, terms=TEN, actor=actor)
    assert Coupon.objects.get() == coupon
    assert Coupon.objects.get().version == 1


@pytest.mark.every_database
def test_a_change_makes_a_version_and_keeps_the_code_and_the_uses(seller, coupon):
    ends = clock.now() + timedelta(days=3)
    changed = change_coupon(
        coupon_id=coupon.pk,
        terms=CouponTerms(amount=500, ends_at=ends, smallest_cart=2000, most_a_person=1),
        actor=seller,
        expected=mark_of_coupon(coupon),
    )

    row = Coupon.objects.get()
    assert (row.code, row.percent_bps, row.amount, row.most_uses, row.most_a_person) == (
        *("SAVE10", None, 500, None, 1),
    )
    assert (row.version, row.smallest_cart, row.starts_at, row.ends_at) == (2, 2000, coupon.starts_at, ends)
    assert changed == row
    with pytest.raises(StaleState):
        change_coupon(coupon_id=coupon.pk, terms=TEN, actor=seller, expected=mark_of_coupon(coupon))
    assert Coupon.objects.get().version == 2


def test_the_same_terms_again_change_nothing(seller, coupon):
    terms = {name: getattr(coupon, name) for name in asdict(TEN)}

    change_coupon(coupon_id=coupon.pk, terms=CouponTerms(**terms), actor=seller, expected="old")

    assert Coupon.objects.get().version == 1


def test_it_cannot_have_fewer_uses_than_it_had(seller, coupon):
    Coupon.objects.update(uses=3)

    with pytest.raises(Invalid) as refused:
        change_coupon(coupon_id=coupon.pk, terms=CouponTerms(amount=1, most_uses=2), actor=seller)
    assert refused.value.field == "most_uses"
    change_coupon(coupon_id=coupon.pk, terms=CouponTerms(amount=1, most_uses=3), actor=seller)


def test_it_cannot_end_before_it_begins(seller, coupon):
    with pytest.raises(Invalid) as refused:
        change_coupon(
            coupon_id=coupon.pk,
            terms=CouponTerms(amount=1, ends_at=coupon.starts_at),
            actor=seller,
        )
    assert refused.value.field == "ends_at"


def test_it_is_stopped_and_started_again_each_once(seller, coupon):
    for _ in range(2):
        stopped = stop_coupon(coupon_id=coupon.pk, actor=seller)
    assert (stopped.state(clock.now()), stopped.version) == (CouponState.STOPPED, 2)
    with pytest.raises(StaleState):
        resume_coupon(coupon_id=coupon.pk, actor=seller, expected=mark_of_coupon(coupon))
    for _ in range(2):
        resumed = resume_coupon(coupon_id=coupon.pk, actor=seller)
    assert (resumed.state(clock.now()), resumed.version) == (CouponState.RUNNING, 3)


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({}, CouponState.RUNNING),
        ({"starts_at": NOW + timedelta(hours=1)}, CouponState.PLANNED),
        ({"starts_at": NOW}, CouponState.RUNNING),
        ({"ends_at": NOW}, CouponState.ENDED),
        ({"ends_at": NOW + timedelta(seconds=1)}, CouponState.RUNNING),
        ({"most_uses": 3, "uses": 2}, CouponState.RUNNING),
        ({"most_uses": 3, "uses": 3}, CouponState.USED_UP),
        ({"stopped_at": NOW, "most_uses": 3, "uses": 3}, CouponState.STOPPED),
    ],
)
def test_its_state_follows_from_what_it_says(said, state):
    coupon = Coupon(**{"starts_at": NOW - timedelta(days=1), "amount": 1} | said)
    assert coupon.state(NOW) == state


def test_every_state_has_its_colour():
    assert set(TONES) == set(CouponState)


@pytest.mark.every_database
def test_its_seller_reads_what_it_has_given(
    seller, buyer, goods, fund, fill_cart, check_out, coupon, delivery, coupons
):
    fund(buyer, 50_000)
    lamp = goods(seller, price=1000)
    orders = []
    for _ in range(2):
        fill_cart(buyer, {lamp: 1})
        coupons.apply(buyer, coupon)
        orders.append(check_out(buyer))
    delivery.cancel(orders[0].shipments.get())

    [row] = coupons_of(seller.pk)
    assert (row.uses, row.given) == (1, 100)
    newest, first = uses_of(row)
    assert (newest.order_number, newest.given_back_at) == (orders[1].number, None)
    assert first.given_back_at >= first.at
