"""The price follows the place that a listing names: it is that of the way which the courier then goes."""

from dataclasses import replace
from decimal import Decimal

import pytest

from marketplace.accounts.address_book import add_address
from marketplace.accounts.saved import AddressKind
from marketplace.accounts.tests.test_address_book import WORK, key
from marketplace.common.errors import Conflicts
from marketplace.common.places import distance_m
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.errors import ProblemKind
from marketplace.orders.models import Order
from marketplace.orders.pick_ups import pick_up_of
from marketplace.orders.selectors import cart_view
from marketplace.products.services import choose_pick_up
from marketplace.rates.services import Rates, publish_rates
from marketplace.wallet.models import Hold
from marketplace.wallet.selectors import wallet_of

pytestmark = [pytest.mark.usefixtures("books_balance"), pytest.mark.every_database]

HOME = (Decimal("52.520008"), Decimal("13.404954"))  # of buyer and seller
RATES = Rates(base=290, per_km=100, max_metres=8_000)
NEAR, FAR = 390, 790  # one and five kilometres
WAYS = {"Workshop": 1_000, "Store": 5_000, "Barn": 10_000}


def place(seller, label, metres):
    """A pick-up place so far north of everybody."""
    lat = HOME[0] + Decimal(metres) / Decimal("111195")
    wish = replace(WORK, label=label, lat=lat.quantize(Decimal("0.000001")), lng=HOME[1])
    return add_address(
        user_id=seller.pk, kind=AddressKind.PICK_UP, wish=wish, form_key=key(seller), actor=seller
    )


@pytest.fixture
def places(seller, admin):
    """By name: the workshop, one kilometre away and the default, the store at five and the barn at ten."""
    publish_rates(rates=RATES, actor=admin, expected_version=0)
    return {name: place(seller, name, metres) for name, metres in WAYS.items()}


@pytest.fixture
def at(seller, places, goods):
    """`at("Store")`: a lamp (10.00) that is fetched there; "" is one that names no place."""

    def run(name):
        lamp = goods(seller, price=1_000)
        if name:
            choose_pick_up(product_id=lamp.pk, place=places[name].public_id, actor=seller)
        return lamp

    return run


@pytest.mark.parametrize(
    ("names", "label", "price"),
    [
        (["", ""], "Workshop", NEAR),
        (["Store"], "Store", FAR),
        (["Store", "Store"], "Store", FAR),
        (["Workshop", ""], "Workshop", NEAR),
        (["Store", ""], "Workshop", NEAR),
        (["Barn", "Store"], "Workshop", NEAR),
    ],
    ids=lambda value: " and ".join(name or "none" for name in value) if isinstance(value, list) else None,
)
def test_shown_held_and_gone_is_the_way_from_the_place_that_the_listings_name(
    buyer, seller, fund, fill_cart, check_out, at, names, label, price
):
    fund(buyer, 10_000)
    fill_cart(buyer, {at(name): 1 for name in names})
    goods_total = 1_000 * len(names)

    view = cart_view(CartRef(user_id=buyer.pk))
    assert (view.delivery, view.total) == (price, goods_total + price)
    shipment = check_out(buyer).shipments.select_related("order").get()

    fetched = pick_up_of(shipment, seller.profile)
    assert (shipment.pick_up_label, shipment.delivery_price, shipment.total) == (
        label,
        price,
        goods_total + price,
    )
    assert shipment.delivery_metres == distance_m(fetched.place, shipment.order.place)
    assert Hold.objects.get().amount == wallet_of(buyer.pk).held_balance == goods_total + price


def test_too_far_is_from_there_too(buyer, fund, fill_cart, check_out, at):
    fund(buyer, 10_000)
    fill_cart(buyer, {at("Barn"): 1})

    with pytest.raises(Conflicts) as error:
        check_out(buyer)

    assert [problem.kind for problem in error.value.problems] == [ProblemKind.TOO_FAR]
    assert not Order.objects.exists()
    assert wallet_of(buyer.pk).held_balance == 0


def test_a_listing_that_moves_away_while_somebody_looks_is_asked_about(
    buyer, seller, fund, fill_cart, check_out, at, places
):
    fund(buyer, 10_000)
    lamp = at("")
    fill_cart(buyer, {lamp: 1})
    seen = cart_view(CartRef(user_id=buyer.pk))
    choose_pick_up(product_id=lamp.pk, place=places["Store"].public_id, actor=seller)

    with pytest.raises(Conflicts) as error:
        check_out(buyer, seen_total=seen.total, seen_delivery=seen.delivery)

    assert [problem.kind for problem in error.value.problems] == [ProblemKind.DELIVERY_RISEN]
    assert not Order.objects.exists()
    assert check_out(buyer).total == 1_000 + FAR
