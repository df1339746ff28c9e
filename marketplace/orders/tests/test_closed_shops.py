"""A shop that is away or suspended is seen and sells nothing; carts say so, and it comes back by itself."""

from datetime import timedelta

import pytest
from django.db import connection

from marketplace.accounts.models import SellerProfile
from marketplace.common import clock, idempotency
from marketplace.common.errors import Conflicts, StaleState
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.models import CartLine, Order
from marketplace.orders.selectors import cart_view
from marketplace.orders.services import add_to_cart, reorder
from marketplace.products.selectors import ListingQuery, list_products, product_page
from marketplace.wallet.models import Wallet

# MariaDB's full-text index knows what is committed only.
pytestmark = [
    pytest.mark.django_db(transaction=connection.vendor == "mysql"),
    pytest.mark.usefixtures("books_balance"),
]
DAY = timedelta(days=1)


def close(seller, how):
    now = clock.now()
    changes = {
        "away": {"away_from": now - DAY, "away_until": now + DAY, "away_note": "Back with new cups."},
        "suspended": {"suspended_at": now, "suspended_reason": "Copies"},
        "both": {"away_from": now - DAY, "away_until": now + DAY, "suspended_at": now},
    }[how]
    SellerProfile.objects.filter(pk=seller.pk).update(**changes)


def open_again(seller):
    SellerProfile.objects.filter(pk=seller.pk).update(away_from=None, away_until=None, suspended_at=None)


def state_of(buyer):
    return [
        list(model.objects.order_by("pk").values())
        for model in (CartLine, Order, Wallet)
        if buyer is not None
    ]


@pytest.fixture
def lamp(goods, seller):
    return goods(seller, title="Lamp", price=2_000, stock=5)


@pytest.mark.parametrize("how", ["away", "suspended", "both"])
class TestClosed:
    def test_nothing_goes_into_a_cart(self, buyer, seller, lamp, variant_of, how):
        close(seller, how)
        before = state_of(buyer)

        with pytest.raises(StaleState) as refused:
            add_to_cart(cart=CartRef(user_id=buyer.pk), variant_id=variant_of(lamp).pk, quantity=1)

        assert ("is away and sells again from" in str(refused.value)) is (how == "away")
        assert state_of(buyer) == before

    def test_a_cart_says_so_and_does_not_count_it(
        self, buyer, seller, other_seller, goods, lamp, fill_cart, how
    ):
        mug = goods(other_seller, title="Mug", price=900)
        cart = fill_cart(buyer, {lamp: 1, mug: 1})
        close(seller, how)

        view = cart_view(cart)

        closed, other = view.items
        assert (closed.is_live, closed.is_buyable, other.is_buyable) == (False, False, True)
        assert (closed.away_until is not None) is (how == "away")
        assert view.total == 900

    def test_a_checkout_that_was_open_meanwhile_orders_nothing(
        self, buyer, seller, lamp, fill_cart, fund, check_out, how
    ):
        fund(buyer, 10_000)
        cart = fill_cart(buyer, {lamp: 1})
        seen = cart_view(cart)
        close(seller, how)
        before = state_of(buyer)

        with pytest.raises(Conflicts) as refused:
            check_out(buyer, seen_total=seen.total, seen_lines=seen.seen_lines)

        assert "Lamp" in str(refused.value.problems[0])
        assert state_of(buyer) == before

    def test_an_order_is_not_bought_again(self, buyer, seller, lamp, fill_cart, fund, check_out, how):
        fund(buyer, 10_000)
        fill_cart(buyer, {lamp: 1})
        order = check_out(buyer)
        close(seller, how)

        done = reorder(
            order_id=order.pk,
            actor=buyer,
            form_key=idempotency.new_form_key(user_id=buyer.pk, action="reorder", subject=order.pk),
        )

        assert (done.added, len(done.left_out)) == (0, 1)

    def test_its_goods_are_found_and_seen(self, seller, lamp, how):
        close(seller, how)

        page = product_page(lamp.slug)

        assert [card["title"] for card in list_products(ListingQuery(text="lamp")).cards] == ["Lamp"]
        assert not page.card["shop_is_open"]
        assert page.card["away_note"] == ("Back with new cups." if how == "away" else "")

    def test_it_sells_again_by_itself(self, buyer, seller, lamp, variant_of, how):
        close(seller, how)
        open_again(seller)

        add_to_cart(cart=CartRef(user_id=buyer.pk), variant_id=variant_of(lamp).pk, quantity=1)

        assert cart_view(CartRef(user_id=buyer.pk)).total == 2_000


def test_a_vacation_is_over_at_its_last_moment_without_anybody_doing_anything(
    buyer, seller, lamp, variant_of, time_machine
):
    close(seller, "away")
    time_machine.move_to(clock.now() + 2 * DAY, tick=False)

    add_to_cart(cart=CartRef(user_id=buyer.pk), variant_id=variant_of(lamp).pk, quantity=1)

    assert product_page(lamp.slug).card["shop_is_open"]
