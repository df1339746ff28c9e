"""The numbers in the header, and whose cart a browser carries."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory

from marketplace.accounts.models import Role
from marketplace.notifications.services import notify
from marketplace.orders.models import Cart
from marketplace.orders.selectors import cart_count
from marketplace.orders.services import CartRef, add_to_cart
from marketplace.wallet.notices import WALLET_TOPPED_UP
from marketplace.web import cart_cookie, header


@pytest.fixture
def ask():
    """`ask(user, cookie)`: a request of that person with that cart cookie."""

    def make(user=None, cookie: str | None = None):
        request = RequestFactory().get("/")
        request.user = user or AnonymousUser()
        if cookie:
            request.COOKIES[cart_cookie.NAME] = cookie
        return request

    return make


@pytest.fixture
def visitor(ask, goods, variant_of):
    """The cookie of a visitor who has two pieces in the cart, and their cart."""
    cart = cart_cookie.cart_to_fill(ask())
    add_to_cart(cart=cart, variant_id=variant_of(goods()).pk, quantity=2)
    response = HttpResponse()
    cart_cookie.keep(ask(), response, cart)
    return response.cookies[cart_cookie.NAME].value, cart


def test_a_signed_in_persons_numbers_take_one_query(
    ask, buyer, fund, goods, variant_of, django_assert_num_queries
):
    fund(buyer, 4_200)
    for quantity in (2, 3):
        add_to_cart(cart=CartRef(user_id=buyer.pk), variant_id=variant_of(goods()).pk, quantity=quantity)
    for number in range(2):
        notify(
            recipient_id=buyer.pk,
            kind=WALLET_TOPPED_UP,
            subject=buyer,
            event_key=f"test:{number}",
            amount=100,
        )

    with django_assert_num_queries(1):
        numbers = header.for_request(ask(buyer))

    assert numbers == header.Header(cart_count=5, unread=2, balance=4_200)


def test_somebody_with_nothing_has_zeros(ask, courier):
    assert header.for_request(ask(courier)) == header.Header()


def test_a_visitor_with_a_cart_takes_one_query_and_others_none(ask, visitor, django_assert_num_queries):
    cookie, _cart = visitor

    with django_assert_num_queries(1):
        assert header.for_request(ask(cookie=cookie)).cart_count == 2
    with django_assert_num_queries(0):
        assert header.for_request(ask()) == header.Header()
        assert header.for_request(ask(cookie=f"{cookie}x")) == header.Header()


def test_an_error_page_drawn_before_anybody_was_recognised_has_zeros():
    assert header.for_request(RequestFactory().get("/")) == header.Header()


def test_whose_cart_it_is(ask, visitor, buyer, courier):
    cookie, cart = visitor

    assert cart_cookie.cart_of(ask(cookie=cookie)) == cart
    assert cart_cookie.cart_of(ask(buyer, cookie)) == CartRef(user_id=buyer.pk)
    assert cart_cookie.cart_of(ask(courier, cookie)) is None
    assert cart_cookie.cart_of(ask()) is None


def test_a_cookie_is_sent_once(ask, visitor):
    cookie, cart = visitor
    response = HttpResponse()

    cart_cookie.keep(ask(cookie=cookie), response, cart)

    assert not response.cookies


@pytest.mark.parametrize("role", [Role.USER, Role.SELLER])
def test_signing_in_moves_the_cart_and_forgets_the_cookie(ask, visitor, person, role):
    cookie, _cart = visitor
    user, response = person(role), HttpResponse()

    cart_cookie.merge_at_login(ask(cookie=cookie), response, user)

    assert cart_count(CartRef(user_id=user.pk)) == 2
    assert response.cookies[cart_cookie.NAME].value == ""


@pytest.mark.parametrize("role", [Role.DELIVERY, Role.ADMIN])
def test_people_who_do_not_buy_leave_the_visitors_cart(ask, visitor, person, role):
    cookie, cart = visitor
    response = HttpResponse()

    cart_cookie.merge_at_login(ask(cookie=cookie), response, person(role))

    assert cart_count(cart) == 2
    assert Cart.objects.count() == 1
    assert not response.cookies
