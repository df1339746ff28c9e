"""The seller's pages of coupons."""

import pytest
from django.urls import reverse

from marketplace.common import clock
from marketplace.common.idempotency import new_form_key
from marketplace.coupons.models import Coupon
from marketplace.coupons.services import CouponTerms, change_coupon
from marketplace.coupons.shown import mark_of_coupon

pytestmark = pytest.mark.django_db


@pytest.fixture
def me(as_person, seller):
    return as_person(seller)


def url(name, *args):
    return reverse(f"seller_dashboard:{name}", args=args)


def test_without_one_the_page_says_what_they_are(me):
    page = me.get(url("coupons")).content.decode()
    assert 'data-testid="empty"' in page
    assert url("coupon_new") in page


def test_one_is_made_and_shown(me, seller):
    form = {
        "form_key": new_form_key(user_id=seller.pk, action="coupon_new"),
        "code": "ｓummer 5",
        "amount": "5.00",
        "smallest_cart": "30",
        "starts_at": "2090-05-01T09:00",
        "ends_at": "2090-06-01T09:00",
        "most_uses": "100",
        "most_a_person": "1",
    }
    response = me.post(url("coupon_new"), form)

    assert (response.status_code, response["Location"]) == (303, url("coupon", "SUMMER5"))
    coupon = Coupon.objects.get()
    assert (coupon.amount, coupon.smallest_cart, coupon.most_uses, coupon.most_a_person) == (
        500,
        3000,
        100,
        1,
    )
    page = " ".join(me.get(url("coupons")).content.decode().split())
    for words in (
        "SUMMER5",
        "Not begun yet",
        "€5.00 off",
        "goods of €30.00 and more",
        "0 uses of 100",
        "once a person",
    ):
        assert words in page


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("code", {"code": "ä"}),
        ("code", {"code": ""}),
        ("percent_bps", {"amount": "", "percent_bps": ""}),
        ("percent_bps", {"percent_bps": "10"}),
        ("percent_bps", {"amount": "", "percent_bps": "100"}),
        ("percent_bps", {"amount": "", "percent_bps": "-5"}),
        ("percent_bps", {"amount": "", "percent_bps": "0"}),
        ("amount", {"amount": "0"}),
        ("amount", {"amount": "1e9"}),
        ("amount", {"amount": "99999999999999999"}),
        ("smallest_cart", {"smallest_cart": "x"}),
        ("starts_at", {"starts_at": "yesterday"}),
        ("ends_at", {"ends_at": "2001-01-01T00:00"}),
        ("ends_at", {"starts_at": "2090-05-02T00:00", "ends_at": "2090-05-01T00:00"}),
        ("most_uses", {"most_uses": "0"}),
        ("most_uses", {"most_uses": "1.5"}),
        ("most_a_person", {"most_a_person": "9999999"}),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_what_was_typed_stays(me, seller, field, changes):
    form = {
        "form_key": new_form_key(user_id=seller.pk, action="coupon_new"),
        "code": "SUMMER",
        "amount": "5.00",
        "most_uses": "77",
    }
    response = me.post(url("coupon_new"), form | changes)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    if "most_uses" not in changes:
        assert 'value="77"' in response.content.decode()
    assert not Coupon.objects.exists()


@pytest.mark.parametrize("typed", ["0", "100", "101", "999", "100%"])
def test_a_percentage_that_takes_off_nothing_or_all_is_told_what_would_do(me, seller, typed):
    """100 is "a number such as 15", and was told to be one."""
    form = {"form_key": new_form_key(user_id=seller.pk, action="coupon_new"), "code": "SUMMER"}
    response = me.post(url("coupon_new"), form | {"percent_bps": typed})

    assert response.status_code == 422
    assert "The percentage is more than 0 and less than 100." in response.content.decode()
    assert not Coupon.objects.exists()


def test_an_empty_beginning_means_at_once_for_a_new_one_and_as_it_was_for_another(me, seller, coupons):
    assert "Empty: at once." in me.get(url("coupon_new")).content.decode()
    later = clock.now().replace(year=2090, second=0, microsecond=0)
    coupon = coupons.make(seller, starts_at=later)
    page = me.get(url("coupon", "SAVE10")).content.decode()
    assert "Empty: as it was." in page
    assert "Empty: at once." not in page
    form = dict(_fields(page)) | {"starts_at": "", "percent_bps": "20", "shown": mark_of_coupon(coupon)}
    assert me.post(url("coupon", "SAVE10"), form).status_code == 303
    assert Coupon.objects.get().starts_at == later


def test_a_code_that_they_have_is_said(me, seller, coupons):
    coupons.make(seller)
    form = {
        "form_key": new_form_key(user_id=seller.pk, action="coupon_new"),
        "code": "save10",
        "amount": "5.00",
    }
    response = me.post(url("coupon_new"), form)
    assert response.status_code == 422
    assert "You have a coupon with the code SAVE10 already." in response.content.decode()


@pytest.mark.every_database
def test_its_page_holds_what_it_says_and_changes_it(me, seller, coupons):
    coupon = coupons.make(seller, percent_bps=1250, most_uses=7)
    page = me.get(url("coupon", "SAVE10")).content.decode()
    assert 'value="12.5"' in page
    form = dict(_fields(page)) | {"percent_bps": "20", "shown": mark_of_coupon(coupon)}

    assert me.post(url("coupon", "SAVE10"), form).status_code == 303

    row = Coupon.objects.get()
    assert (row.percent_bps, row.most_uses, row.version) == (2000, 7, 2)
    assert abs((row.starts_at - coupon.starts_at).total_seconds()) < 60


def test_its_form_sent_as_it_is_changes_nothing(me, seller, coupons):
    coupon = coupons.make(
        seller, most_uses=7, ends_at=clock.now().replace(year=2090, second=0, microsecond=0)
    )
    form = dict(_fields(me.get(url("coupon", "SAVE10")).content.decode()))

    assert me.post(url("coupon", "SAVE10"), form | {"shown": mark_of_coupon(coupon)}).status_code == 303

    assert Coupon.objects.get().version == 1


def _fields(page):
    for name in (
        "percent_bps",
        "amount",
        "starts_at",
        "ends_at",
        "most_uses",
        "most_a_person",
        "smallest_cart",
    ):
        tag = page.split(f'name="{name}"')[1].split(">")[0]
        yield name, tag.split('value="')[1].split('"')[0] if 'value="' in tag else ""


@pytest.mark.parametrize("route", ["coupon", "coupon_stop", "coupon_resume"])
def test_a_form_of_before_a_change_is_stale(me, seller, route, coupons):
    coupon = coupons.make(seller)
    mark = mark_of_coupon(coupon)
    if route == "coupon_resume":
        me.post(url("coupon_stop", "SAVE10"), {"shown": mark})
    change_coupon(coupon_id=coupon.pk, terms=CouponTerms(amount=1), actor=seller)
    before = Coupon.objects.values().get()

    response = me.post(url(route, "SAVE10"), {"amount": "7.00", "shown": mark})

    assert response.status_code == 409
    assert "This has changed since the page was drawn" in response.content.decode()
    assert Coupon.objects.values().get() == before


def test_it_is_stopped_and_started_again(me, seller, coupons):
    mark = mark_of_coupon(coupons.make(seller))
    assert me.post(url("coupon_stop", "SAVE10"), {"shown": mark}).status_code == 303
    page = me.get(url("coupon", "save10")).content.decode()
    assert "Stopped" in page
    mark = mark_of_coupon(Coupon.objects.get())
    assert me.post(url("coupon_resume", "SAVE10"), {"shown": mark}).status_code == 303
    assert "Running" in me.get(url("coupons")).content.decode()


@pytest.mark.parametrize("code", ["NOPE", "x" * 500, "%00", "💶"])
def test_a_code_of_nobody_or_of_somebody_else_is_not_there(me, other_seller, code, coupons):
    coupons.make(other_seller)
    assert me.get(f"{url('coupons')}{code}/").status_code == 404
    assert me.get(url("coupon", "SAVE10")).status_code == 404


@pytest.mark.every_database
def test_its_uses_lead_to_their_parcels(
    me, seller, buyer, goods, fund, fill_cart, coupons, delivery, check_out
):
    coupon = coupons.make(seller)
    fund(buyer, 10_000)
    product = goods(seller, price=1000)
    shipments = []
    for _ in range(2):
        fill_cart(buyer, {product: 1})
        coupons.apply(buyer, coupon)
        shipments.append(check_out(buyer).shipments.get())
    delivery.cancel(shipments[0])

    page = me.get(url("coupon", "SAVE10")).content.decode()
    for shipment in shipments:
        assert url("parcel", shipment.number) in page
    assert page.count("it does not count") == 1
    assert "1 use" in page
    assert buyer.email not in page
