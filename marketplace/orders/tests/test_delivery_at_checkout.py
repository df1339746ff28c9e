"""What the checkout says of the delivery: what was shown is what is held, and nobody is brought what is too far."""

from dataclasses import replace
from decimal import Decimal

import pytest

from marketplace.accounts.address_book import save_location
from marketplace.common import limits
from marketplace.common.errors import Conflicts
from marketplace.common.idempotency import new_form_key
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.errors import ProblemKind
from marketplace.orders.models import CartLine, Order
from marketplace.orders.selectors import cart_view
from marketplace.orders.services import place_order
from marketplace.rates.selectors import current_table
from marketplace.rates.services import Rates, offer_free_delivery, publish_rates
from marketplace.wallet.models import Hold
from marketplace.wallet.selectors import wallet_of

pytestmark = pytest.mark.usefixtures("books_balance")

RATES = Rates(base=290, per_km=35, max_metres=30_000)
NEAR = Decimal("52.565008")  # 5004 m north: 175.14 by the kilometre


@pytest.fixture
def rich(buyer, fund):
    return fund(buyer, 100_000)


@pytest.fixture
def publish(admin):
    """`publish(rates)`: they hold from now on."""

    def run(rates: Rates) -> None:
        newest = current_table()
        publish_rates(rates=rates, actor=admin, expected_version=newest.version if newest else 0)

    return run


@pytest.fixture
def cart(rich, seller, other_seller, goods, fill_cart, publish):
    """A lamp of Sam, who is five kilometres away, and a chair of Sue next door."""
    publish(RATES)
    lng = seller.profile.location_lng
    save_location(user_id=seller.pk, lat=NEAR, lng=lng, address="North", actor=seller)
    fill_cart(rich, {goods(seller, price=2500): 1, goods(other_seller, price=4000): 1})
    return CartRef(user_id=rich.pk)


def nothing_was_ordered(rich):
    assert not Order.objects.exists()
    assert not Hold.objects.exists()
    assert wallet_of(rich.pk).balance == 100_000
    assert CartLine.objects.count() == 2


def kinds_of(error):
    return [problem.kind for problem in error.value.problems]


def test_the_cart_shows_goods_and_delivery_apart_and_the_checkout_holds_both(cart, rich, seller, check_out):
    view = cart_view(cart)
    assert (view.goods, view.delivery, view.total) == (6500, 465 + 290, 7255)
    assert [(part.goods, part.delivery.terms.buyer) for part in view.parts] == [(2500, 465), (4000, 290)]

    order = check_out(rich)

    assert order.total == 7255
    part = order.shipments.get(seller=seller)
    assert (part.total, part.delivery_price, part.delivery_metres) == (2965, 465, 5004)
    assert sorted(Hold.objects.values_list("amount", flat=True)) == [2965, 4290]


def test_a_dearer_delivery_must_be_accepted_first(cart, rich, publish, check_out):
    seen = cart_view(cart)
    publish(replace(RATES, base=300))

    with pytest.raises(Conflicts) as error:
        check_out(rich, seen_total=seen.total, seen_delivery=seen.delivery)
    assert kinds_of(error) == [ProblemKind.DELIVERY_RISEN]
    nothing_was_ordered(rich)

    assert check_out(rich).total == seen.total + 20


def test_one_that_was_free_is_called_so(cart, rich, publish, check_out):
    publish(replace(RATES, free_from=1))
    seen = cart_view(cart)
    publish(RATES)

    with pytest.raises(Conflicts) as error:
        check_out(rich, seen_total=seen.total, seen_delivery=seen.delivery)
    assert str(error.value.problems[0]) == "The delivery costs €7.55 now; it was free when you looked."
    nothing_was_ordered(rich)


def test_it_is_asked_also_where_the_goods_have_become_as_much_cheaper(cart, rich, publish, check_out):
    seen = cart_view(cart)
    publish(replace(RATES, base=300))

    with pytest.raises(Conflicts) as error:
        check_out(rich, seen_total=seen.total + 20, seen_delivery=seen.delivery)
    assert kinds_of(error) == [ProblemKind.DELIVERY_RISEN]
    nothing_was_ordered(rich)


def test_a_cheaper_delivery_is_simply_taken(cart, rich, publish, check_out):
    seen = cart_view(cart)
    publish(replace(RATES, base=100))

    order = check_out(rich, seen_total=seen.total, seen_delivery=seen.delivery)

    assert order.total == seen.total - 2 * 190


def test_a_form_of_before_the_rates_is_asked_by_its_total(cart, rich, check_out):
    with pytest.raises(Conflicts) as error:
        check_out(rich, seen_total=6500, seen_delivery=None)
    assert kinds_of(error) == [ProblemKind.TOTAL_RISEN]
    nothing_was_ordered(rich)


def test_who_is_too_far_away_is_said_and_refused(cart, rich, seller, publish, check_out):
    publish(replace(RATES, max_metres=5_000))
    view = cart_view(cart)
    assert [part.seller_id for part in view.too_far] == [seller.pk]
    assert (view.delivery, view.total) == (290, 6790)  # no price of a way that nobody goes
    assert not view.is_ready

    with pytest.raises(Conflicts) as error:
        check_out(rich)
    assert kinds_of(error) == [ProblemKind.TOO_FAR]
    nothing_was_ordered(rich)
    publish(replace(RATES, max_metres=5_004))
    assert check_out(rich)


def test_a_sellers_own_offer_is_theirs_alone(cart, rich, seller, check_out):
    offer_free_delivery(actor=seller, free_from=2500)

    order = check_out(rich)

    part = order.shipments.get(seller=seller)
    assert (part.total, part.delivery_price, part.delivery_by_seller) == (2500, 0, 465)
    assert order.total == 6500 + 290


def test_who_has_said_no_place_is_shown_from_which_price_on(rich, seller, goods, fill_cart, publish, person):
    publish(RATES)
    nowhere = person(located=False)
    fill_cart(nowhere, {goods(seller, price=2500): 1})

    [part] = cart_view(CartRef(user_id=nowhere.pk)).parts

    assert (part.delivery.terms.buyer, part.delivery.is_known) == (290, False)


@pytest.mark.parametrize("lines", [3, 30])
def test_with_rates_an_order_takes_21_statements_too(
    rich, seller, other_seller, goods, fill_cart, check_out, publish, lines, django_assert_num_queries
):
    publish(RATES)
    fill_cart(rich, {goods(seller if n % 2 else other_seller, price=100): 1 for n in range(3)})
    check_out(rich)  # content types are cached for good
    fill_cart(rich, {goods(seller if n % 2 else other_seller, price=100): 1 for n in range(lines)})
    view = cart_view(CartRef(user_id=rich.pk))
    key = new_form_key(user_id=rich.pk, action="checkout")

    with limits.unlimited(), django_assert_num_queries(21):
        place_order(
            actor=rich,
            form_key=key,
            seen_total=view.total,
            seen_lines=view.seen_lines,
            seen_delivery=view.delivery,
        )
