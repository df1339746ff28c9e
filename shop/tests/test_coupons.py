"""A code in the cart and at the checkout: what it takes off is shown, what is refused stays in its field."""

import pytest
from django.conf import settings as store
from django.urls import reverse

from marketplace.accounts.models import Role
from marketplace.coupons.models import CouponUse
from marketplace.coupons.services import CouponTerms, change_coupon, stop_coupon
from marketplace.orders.models import CartCoupon, Order
from marketplace.rates.services import Rates, publish_rates

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_balance")]
CART, CHECKOUT = "/cart/", "/checkout/"


@pytest.fixture
def rich(buyer, fund):
    return fund(buyer, 100_000)


@pytest.fixture
def cart(rich, seller, other_seller, goods, fill_cart):
    return fill_cart(rich, {goods(seller, title="Lamp", price=2000): 2, goods(other_seller, price=4000): 1})


@pytest.fixture
def coupon(seller, coupons):
    return coupons.make(seller)


@pytest.fixture
def me(as_person, rich):
    return as_person(rich)


def use(me, seller, code, **headers):
    return me.post(reverse("shop:cart_coupon"), {"seller": seller.pk, "code": code}, **headers)


def test_a_code_is_used_in_the_cart_and_taken_off_again(me, cart, seller, coupon):
    assert use(me, seller, "save 10").status_code == 303
    page = me.get(CART).content.decode()
    assert "SAVE10" in page
    assert "−€4.00" in page
    assert "€76.00" in page

    assert me.post(reverse("shop:cart_coupon_off"), {"seller": seller.pk}).status_code == 303
    page = me.get(CART).content.decode()
    assert "−€4.00" not in page
    assert "€80.00" in page


def test_with_htmx_the_cart_is_swapped(me, cart, seller, coupon):
    response = use(me, seller, "SAVE10", headers={"HX-Request": "true"})

    assert response.status_code == 200
    assert "<html" not in response.content.decode()
    assert "−€4.00" in response.content.decode()


@pytest.mark.parametrize("code", ["NOPE", "", "<b>x</b>", "\x00", "x" * 5000, "💶"])
def test_a_code_that_there_is_not_stays_in_its_field_with_the_reason(me, cart, seller, coupon, code):
    response = use(me, seller, code)

    page = response.content.decode()
    assert response.status_code == 422
    assert page.count('data-testid="coupon-error"') == 1
    assert "<b>x</b>" not in page
    if code == "NOPE":
        assert 'value="NOPE"' in page
        assert "This shop has no coupon with this code." in page
    assert not CartCoupon.objects.exists()


@pytest.mark.parametrize("seller_id", ["", "x", "-1", "9" * 30, "0"])
@pytest.mark.parametrize("route", ["shop:cart_coupon", "shop:cart_coupon_off"])
def test_a_seller_that_is_none_breaks_nothing(me, cart, coupon, route, seller_id):
    response = me.post(reverse(route), {"seller": seller_id, "code": "SAVE10"})

    assert response.status_code in (303, 409, 422)
    assert not CartCoupon.objects.exists()


def test_a_visitor_uses_one_too(client, seller, goods, coupon):
    product = goods(seller, price=2000)
    client.post(
        reverse("shop:cart_add"),
        {"product": product.pk, "quantity": 1, "form_key": _key_of(client, product)},
    )
    assert use(client, seller, "SAVE10").status_code == 303
    assert "€18.00" in client.get(CART).content.decode()


def _key_of(client, product):
    page = client.get(reverse("shop:product", args=[product.slug])).content.decode()
    return page.split('name="form_key"')[1].split('value="')[1].split('"')[0]


def test_guesses_are_counted(me, cart, seller, coupon, settings):
    settings.RATE_LIMITS = store.RATE_LIMITS | {"coupon": (3, 600)}
    answers = [use(me, seller, "GUESS").status_code for _ in range(4)]
    assert answers == [422, 422, 422, 429]
    assert use(me, seller, "SAVE10").status_code == 429
    assert not CartCoupon.objects.exists()


@pytest.mark.parametrize("role", [Role.DELIVERY, Role.SUPERADMIN])
def test_who_has_no_cart_has_no_coupon(as_person, person, seller, coupon, role):
    assert use(as_person(person(role)), seller, "SAVE10").status_code == 403


class TestAtTheCheckout:
    def form(self, me, **changes):
        """The checkout's form, as its page holds it."""
        page = me.get(CHECKOUT).content.decode()
        names = ("form_key", "lines", "total", "delivery", "to")
        values = {name: page.split(f'name="{name}"')[1].split('value="')[1].split('"')[0] for name in names}
        return values | {"name": "Bea", "phone": "+49 30 1234567"} | changes

    def test_a_code_is_used_and_what_was_typed_stays(self, me, cart, seller, coupon):
        form = self.form(me, go=f"coupon:{seller.pk}", name="Beatrice", **{f"code-{seller.pk}": "save10"})
        response = me.post(CHECKOUT, form)

        assert response.status_code == 303
        page = me.get(CHECKOUT).content.decode()
        assert 'value="Beatrice"' in page
        assert "−€4.00" in page
        assert 'name="total" value="7600"' in page
        assert not Order.objects.exists()

    @pytest.mark.every_database
    def test_enter_in_its_field_uses_it_and_orders_nothing(self, me, cart, seller, coupon):
        assert me.post(CHECKOUT, self.form(me, **{f"code-{seller.pk}": "SAVE10"})).status_code == 303
        assert not Order.objects.exists()
        assert CartCoupon.objects.get().coupon == coupon

    def test_two_typed_codes_are_used_one_after_the_other_before_anything_is_ordered(
        self, me, cart, seller, other_seller, coupons
    ):
        """Of the codes in two fields the second one was dropped, and the next press ordered without it."""
        coupons.make(seller), coupons.make(other_seller, "SUE500", amount=500)
        codes = {f"code-{seller.pk}": "save10", f"code-{other_seller.pk}": "sue 500"}
        assert me.post(CHECKOUT, self.form(me, **codes)).status_code == 303
        page = me.get(CHECKOUT).content.decode()
        assert 'value="sue 500"' in page
        assert "save10" not in page

        codes.pop(f"code-{seller.pk}")
        assert me.post(CHECKOUT, self.form(me, **codes)).status_code == 303
        page = me.get(CHECKOUT).content.decode()
        assert "sue 500" not in page
        assert 'name="total" value="7100"' in page
        assert not Order.objects.exists()

    @pytest.mark.parametrize("go", ["choose", "top_up", "cart"])
    def test_a_code_that_was_only_typed_survives_a_detour(self, me, cart, seller, coupon, go):
        assert me.post(CHECKOUT, self.form(me, go=go, **{f"code-{seller.pk}": "save10"})).status_code == 303
        assert 'value="save10"' in me.get(CHECKOUT).content.decode()
        assert not CartCoupon.objects.exists()

    def test_it_stays_where_another_address_is_chosen_in_place(self, me, cart, seller, coupon):
        form = self.form(me, go="choose", **{f"code-{seller.pk}": "<b>save10"})
        page = me.post(CHECKOUT, form, headers={"HX-Request": "true"}).content.decode()
        assert 'value="&lt;b&gt;save10"' in page

    def test_one_that_was_refused_stays_with_another_that_was_not_asked_for_yet(
        self, me, cart, seller, other_seller, coupon
    ):
        codes = {f"code-{seller.pk}": "NOPE", f"code-{other_seller.pk}": "LATER"}
        page = me.post(CHECKOUT, self.form(me, go=f"coupon:{seller.pk}", **codes)).content.decode()
        assert 'value="NOPE"' in page
        assert 'value="LATER"' in page
        assert page.count('data-testid="coupon-error"') == 1
        page = me.get(CHECKOUT).content.decode()
        assert ("NOPE" in page, "LATER" in page) == (False, True)

    def test_somebody_elses_page_is_not_theirs_to_keep(self, me, as_person, person, cart, seller, coupon):
        form = self.form(me, go="cart", **{f"code-{seller.pk}": "save10"})
        me.post(CHECKOUT, form)
        me.force_login(person())
        assert "save10" not in me.get(CHECKOUT, follow=True).content.decode()

    def test_a_code_that_there_is_not_stays_in_its_field(self, me, cart, seller, coupon):
        form = self.form(me, go=f"coupon:{seller.pk}", name="Beatrice", **{f"code-{seller.pk}": "NOPE"})
        response = me.post(CHECKOUT, form)

        page = response.content.decode()
        assert response.status_code == 422
        assert 'value="NOPE"' in page
        assert 'value="Beatrice"' in page
        assert page.count('data-testid="coupon-error"') == 1

    @pytest.mark.parametrize(
        "go", ["coupon", "coupon:", "coupon:x", "coupon:999999999", "coupon_off:", "couponx:1"]
    )
    def test_a_button_that_is_none_breaks_nothing(self, me, cart, coupon, go):
        assert me.post(CHECKOUT, self.form(me, go=go)).status_code in (303, 409, 422)
        assert not Order.objects.exists()

    def test_it_is_taken_off_again(self, me, cart, rich, seller, coupon, coupons):
        coupons.apply(rich, coupon)
        assert me.post(CHECKOUT, self.form(me, go=f"coupon_off:{seller.pk}")).status_code == 303
        assert not CartCoupon.objects.exists()

    def test_one_that_was_stopped_meanwhile_is_said_and_nothing_is_ordered(
        self, me, cart, rich, seller, coupon, coupons
    ):
        coupons.apply(rich, coupon)
        form = self.form(me)
        stop_coupon(coupon_id=coupon.pk, actor=seller)

        response = me.post(CHECKOUT, form)

        page = response.content.decode()
        assert response.status_code == 409
        assert 'data-testid="problem-coupon"' in page
        assert "The coupon SAVE10 was stopped by its seller." in page
        assert 'data-testid="place-order"' not in page
        assert not Order.objects.exists()
        cart_page = me.get(CART).content.decode()
        assert "The coupon SAVE10 was stopped by its seller." in cart_page
        assert 'data-testid="to-checkout"' not in cart_page

    def test_one_that_was_changed_is_taken_as_it_is_now(self, me, cart, rich, seller, coupon, coupons):
        coupons.apply(rich, coupon)
        change_coupon(coupon_id=coupon.pk, terms=CouponTerms(percent_bps=500), actor=seller)
        page = me.get(CHECKOUT).content.decode()
        assert f'value="coupon_again:{seller.pk}"' in page

        form = self.form(me, go=f"coupon_again:{seller.pk}", **{f"again-{seller.pk}": "SAVE10"})
        assert me.post(CHECKOUT, form).status_code == 303
        assert me.post(CHECKOUT, self.form(me)).status_code == 303
        assert CouponUse.objects.get().reduction == 200


def test_the_orders_pages_show_it(me, cart, rich, seller, coupon, as_person, coupons, delivery, check_out):
    coupons.apply(rich, coupon)
    order = check_out(rich)
    shipment = order.shipments.get(seller=seller)

    page = me.get(reverse("shop:order_detail", args=[order.number])).content.decode()
    assert "SAVE10" in page
    assert "−€4.00" in page
    assert "€36.00" in page
    assert "€76.00" in me.get(reverse("shop:orders")).content.decode()
    parcel = (
        as_person(seller).get(reverse("seller_dashboard:parcel", args=[shipment.number])).content.decode()
    )
    assert "−€4.00" in parcel
    cancel = me.get(reverse("shop:line_cancel", args=[order.number, shipment.number, 1])).content.decode()
    assert "less its part of the €4.00 that the coupon took" in " ".join(cancel.split())

    delivery.cancel_pieces(shipment.lines.get())
    page = me.get(reverse("shop:order_detail", args=[order.number])).content.decode()
    assert "−€2.00" in page
    assert "€58.00" in page
    # What stands above a total adds up to it: what went back stands below, and is taken off in the sum.
    assert page.index('data-testid="shipment-total"') < page.index('data-testid="given-back">€18.00')
    assert 'data-testid="order-back">−€18.00' in page


@pytest.mark.parametrize(
    ("off", "in_all"),
    [
        (1000, "You still save €7.10 with it."),
        (100, "Without the coupon all of it would cost you €1.90 less."),
    ],
)
def test_that_it_ends_a_free_delivery_is_said_beside_it(me, cart, seller, admin, coupons, rich, off, in_all):
    publish_rates(rates=Rates(base=290, free_from=4000), actor=admin, expected_version=0)
    assert "free-no-more" not in me.get(CART).content.decode()
    coupons.apply(rich, coupons.make(seller, amount=off))

    for url in (CART, CHECKOUT):
        page = " ".join(me.get(url).content.decode().split())
        assert page.count('data-testid="free-no-more"') == 1
        assert "Delivery is free from €40.00 of goods." in page
        assert f"With the coupon yours cost €{40 - off // 100}.00, so you pay the delivery." in page
        assert in_all in page
