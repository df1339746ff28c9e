"""What a page may offer: the services' own preconditions, asked without a lock."""

from datetime import timedelta

import pytest

from marketplace.common import clock
from marketplace.common.authorisation import SYSTEM, may
from marketplace.delivery.services import require_completable
from marketplace.orders.models import Shipment
from marketplace.orders.services import pack_shipment, require_cancellable, require_packable
from marketplace.orders.states import ShipmentStatus as S

PARTIES = ("buyer", "seller", "admin")
# Who may cancel, pack and complete a shipment that has come as far as this.
ALLOWED = {
    (): (PARTIES, ("seller", "admin"), ()),
    (S.PROCESSING,): (PARTIES, ("seller", "admin"), ()),
    (S.PROCESSING, S.SHIPPED): ((), (), ()),
    (S.PROCESSING, S.SHIPPED, S.RETURNING): ((), (), ()),
    (S.PROCESSING, S.SHIPPED, S.RETURNING, S.RETURNED): ((), (), ()),
    (S.PROCESSING, S.SHIPPED, S.DELIVERED): ((), (), ("buyer", "admin")),
    (S.PROCESSING, S.SHIPPED, S.DELIVERED, S.COMPLETED): ((), (), ()),
    (S.CANCELLED,): ((), (), ()),
}


@pytest.fixture
def shipment(buyer, seller, goods, fund, fill_cart, check_out):
    fund(buyer, 10_000)
    fill_cart(buyer, {goods(seller): 1})
    return check_out(buyer).shipments.get()


@pytest.mark.parametrize("way", ALLOWED, ids=lambda way: str(way[-1]) if way else "placed")
def test_who_may_do_what_at_every_point_of_the_way(
    way, shipment, walk, buyer, seller, other_seller, courier, stranger, admin
):
    shipment = walk(shipment, *way)
    people = {
        "buyer": buyer,
        "seller": seller,
        "other_seller": other_seller,
        "courier": courier,
        "stranger": stranger,
        "admin": admin,
    }

    found = tuple(
        tuple(name for name in people if may(require, people[name], shipment))
        for require in (require_cancellable, require_packable, require_completable)
    )

    assert found == ALLOWED[way]


def test_the_clock_completes_once_the_time_is_up(shipment, walk):
    shipment = walk(shipment, S.PROCESSING, S.SHIPPED, S.DELIVERED)

    assert not may(require_completable, SYSTEM, shipment)
    with clock.moved(shipment.completes_at - clock.now() + timedelta(seconds=1)):
        assert may(require_completable, SYSTEM, shipment)


def test_what_is_packed_is_not_offered_to_be_packed_and_saying_it_again_is_a_success(shipment, seller):
    for _ in range(2):
        pack_shipment(shipment_id=shipment.pk, actor=seller)

    assert not may(require_packable, seller, Shipment.objects.get())
