"""New rates come while people check out: whoever is charged more than they saw has accepted it."""

import pytest

from marketplace.accounts.models import Role
from marketplace.common.errors import Conflicts, StaleState
from marketplace.common.idempotency import new_form_key
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.models import Order, Shipment
from marketplace.orders.selectors import cart_view
from marketplace.orders.services import checkout, place_order
from marketplace.rates.models import RateTable
from marketplace.rates.services import Rates, publish_rates

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

BUYERS = 8
SEEN, DEARER = 290, 990


@pytest.fixture
def rivals(person, goods, fund, fill_cart):
    """Buyers with the page of before, and an admin who makes the delivery dearer meanwhile."""
    admin = person(Role.ADMIN)
    publish_rates(rates=Rates(base=SEEN), actor=admin, expected_version=0)
    lamp = goods(price=1000, stock=50)
    calls = []
    for n in range(BUYERS):
        buyer = fund(person(name=f"Buyer {n}"), 100_000)
        fill_cart(buyer, {lamp: 1})
        view = cart_view(CartRef(user_id=buyer.pk))
        form = {
            "actor": buyer,
            "form_key": new_form_key(user_id=buyer.pk, action="checkout"),
            "seen_total": view.total,
            "seen_delivery": view.delivery,
            "seen_lines": view.seen_lines,
        }
        calls.append((place_order, form))
    calls.insert(
        BUYERS // 2, (publish_rates, {"rates": Rates(base=DEARER), "actor": admin, "expected_version": 1})
    )
    return calls


def call(rival):
    service, form = rival
    return service(**form)


def test_nobody_pays_more_for_the_delivery_than_they_saw(rivals, race, books_balance):
    results = race(call, rivals)

    assert RateTable.objects.count() == 2
    refused = [result for result in results if isinstance(result, Exception)]
    assert all(
        isinstance(error, Conflicts) and [problem.kind for problem in error.problems] == ["delivery_risen"]
        for error in refused
    )
    assert Order.objects.count() + len(refused) == BUYERS
    for shipment in Shipment.objects.select_related("rates"):
        assert (shipment.rates.version, shipment.delivery_price, shipment.total) == (1, SEEN, 1000 + SEEN)


def test_control_without_the_comparison_they_do(rivals, race, monkeypatch):
    """The dearer rates come first, and what the page showed is not asked about."""
    service, form = rivals.pop(BUYERS // 2)
    service(**form)
    agreed = checkout._deliveries
    monkeypatch.setattr(
        checkout, "_deliveries", lambda wanted, door, _total, _seen: agreed(wanted, door, 10**9, None)
    )

    race(call, rivals)

    assert {part.delivery_price for part in Shipment.objects.all()} == {DEARER}


def test_of_two_admins_at_once_one_makes_the_next_version(person, race, db):
    admins = [person(Role.ADMIN), person(Role.ADMIN)]
    publish_rates(rates=Rates(base=SEEN), actor=admins[0], expected_version=0)

    results = race(
        lambda pair: publish_rates(rates=Rates(base=pair[0]), actor=pair[1], expected_version=1),
        [(300, admins[0]), (400, admins[1])],
    )

    assert sorted(type(result) for result in results if isinstance(result, Exception)) == [StaleState]
    assert RateTable.objects.count() == 2
