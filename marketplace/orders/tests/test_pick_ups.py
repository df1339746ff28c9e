"""Where couriers fetch: the place that a listing names, else the seller's default; frozen with the order."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from marketplace.accounts.address_book import (
    add_address,
    change_address,
    make_default_address,
    remove_address,
    save_location,
)
from marketplace.accounts.saved import AddressKind
from marketplace.accounts.tests.test_address_book import WORK, key
from marketplace.common.errors import Invalid, StaleState
from marketplace.common.idempotency import new_form_key
from marketplace.common.places import Place
from marketplace.delivery.selectors.available import available_shipments
from marketplace.delivery.selectors.jobs import doors_of, jobs_of, with_parties
from marketplace.delivery.services import claim_shipment
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.models import Shipment
from marketplace.orders.pick_ups import pick_up_of
from marketplace.orders.selectors import cart_view, order_view
from marketplace.orders.services import place_order
from marketplace.products.models import Product
from marketplace.products.services import Move, choose_pick_up, move_listing

pytestmark = pytest.mark.usefixtures("books_balance")

WORKSHOP = replace(WORK, label="Workshop", name="Willi", notes="Ring twice")
STORE = replace(
    WORK,
    label="Store",
    address="Jungfernstieg 1, 20095 Hamburg",
    lat=Decimal("53.5519"),
    lng=Decimal("9.9937"),
)


def name_place(seller, wish=WORKSHOP, **asked):
    return add_address(
        user_id=seller.pk, kind=AddressKind.PICK_UP, wish=wish, form_key=key(seller), actor=seller, **asked
    )


@pytest.fixture
def two_places(seller):
    """The workshop, which is the default, and the store."""
    return name_place(seller), name_place(seller, STORE)


@pytest.fixture
def order_of(buyer, fund, fill_cart, check_out):
    """`order_of(lamp, chair)`: the shipments of an order of these."""

    def order(*products) -> list[Shipment]:
        fund(buyer, 100_000)
        fill_cart(buyer, dict.fromkeys(products, 1))
        return list(check_out(buyer).shipments.order_by("pk"))

    return order


def label_of(*products, order_of) -> str:
    (shipment,) = order_of(*products)
    return shipment.pick_up_label


@pytest.mark.every_database
def test_a_parcel_is_fetched_at_the_place_that_its_listing_names(seller, two_places, goods, order_of):
    lamp, chair, _stool = goods(seller), goods(seller), goods(seller)
    choose_pick_up(product_id=chair.pk, place=two_places[1].public_id, actor=seller)

    assert label_of(lamp, order_of=order_of) == "Workshop"
    assert label_of(chair, order_of=order_of) == "Store"
    # A shipment is one parcel: what lies in several places is brought to the default one.
    assert label_of(lamp, chair, order_of=order_of) == "Workshop"


def test_where_no_piece_lies_at_the_default_place_it_is_fetched_there_all_the_same(
    seller, two_places, goods, order_of
):
    barn = name_place(seller, replace(WORK, label="Barn"))
    lamp, chair = goods(seller), goods(seller)
    choose_pick_up(product_id=lamp.pk, place=barn.public_id, actor=seller)
    choose_pick_up(product_id=chair.pk, place=two_places[1].public_id, actor=seller)

    assert label_of(lamp, chair, order_of=order_of) == "Workshop"


@pytest.mark.every_database
def test_what_was_ordered_keeps_its_place_whatever_becomes_of_it(
    seller, two_places, goods, order_of, courier
):
    workshop, store = two_places
    (shipment,) = order_of(goods(seller))

    change_address(address_id=workshop.pk, wish=replace(STORE, label="Elsewhere"), actor=seller)
    make_default_address(address_id=store.pk, actor=seller)
    remove_address(address_id=workshop.pk, actor=seller)

    shipment.refresh_from_db()
    fetched = pick_up_of(shipment, seller.profile)
    assert (fetched.label, fetched.address, fetched.place) == (
        "Workshop",
        WORK.address,
        Place(WORK.lat, WORK.lng),
    )
    (card,) = available_shipments(courier, here=Place(WORK.lat, WORK.lng)).cards
    assert card.to_pick_up_m == 500
    job = claim_shipment(shipment_id=shipment.pk, actor=courier)
    door, _home = doors_of(with_parties(jobs_of(courier)).get(pk=job.pk))
    assert (door.address, door.phone, door.notes) == (WORK.address, WORK.phone, "Ring twice")
    assert door.name.endswith("Willi")
    (part,) = order_view(shipment.order).shipments
    assert part.shop_address == WORK.address


def test_who_has_named_no_place_is_found_where_they_are(seller, goods, order_of, courier):
    (shipment,) = order_of(goods(seller))
    assert (shipment.pick_up_label, shipment.pick_up_lat) == ("", None)

    save_location(user_id=seller.pk, lat=Decimal(1), lng=Decimal(2), address="Elsewhere 1", actor=seller)

    seller.profile.refresh_from_db()
    assert pick_up_of(shipment, seller.profile).address == "Elsewhere 1"
    (card,) = available_shipments(courier, here=Place(Decimal(1), Decimal(2))).cards
    assert card.to_pick_up_m == 500


def test_a_place_that_is_removed_leaves_its_listings_to_the_default_one(seller, two_places, goods, order_of):
    chair = goods(seller)
    choose_pick_up(product_id=chair.pk, place=two_places[1].public_id, actor=seller)

    remove_address(address_id=two_places[1].pk, actor=seller)

    assert label_of(chair, order_of=order_of) == "Workshop"


def test_nobody_names_a_place_that_is_not_theirs(
    seller, other_seller, two_places, goods, buyer, courier, admin, superadmin
):
    lamp, home = goods(seller), seller.saved_addresses.get(kind=AddressKind.DOOR)
    theirs = name_place(other_seller)
    before = Product.objects.values().get(pk=lamp.pk)

    for place in (theirs.public_id, home.public_id, "nonsense"):
        with pytest.raises(Invalid) as refusal:
            choose_pick_up(product_id=lamp.pk, place=place, actor=seller)
        assert refusal.value.field == "place"
    for actor in (other_seller, buyer, courier, admin, superadmin):
        with pytest.raises(PermissionDenied):
            choose_pick_up(product_id=lamp.pk, place=two_places[1].public_id, actor=actor)
    assert Product.objects.values().get(pk=lamp.pk) == before
    move_listing(product_id=lamp.pk, move=Move.ARCHIVE, actor=seller)
    before = Product.objects.values().get(pk=lamp.pk)
    with pytest.raises(StaleState):
        choose_pick_up(product_id=lamp.pk, place=two_places[1].public_id, actor=seller)
    assert Product.objects.values().get(pk=lamp.pk) == before


@pytest.mark.parametrize("lines", [3, 30])
def test_places_cost_an_order_no_statement(
    buyer, fund, seller, other_seller, two_places, goods, fill_cart, lines, django_assert_num_queries
):
    name_place(other_seller)
    fund(buyer, 1_000_000)
    products = [goods((seller, other_seller)[number % 2]) for number in range(lines)]
    fill_cart(buyer, dict.fromkeys(products, 1))
    view, form_key = cart_view(CartRef(user_id=buyer.pk)), new_form_key(user_id=buyer.pk, action="checkout")

    with django_assert_num_queries(22):
        place_order(actor=buyer, form_key=form_key, seen_total=view.total)

    assert set(Shipment.objects.values_list("pick_up_label", flat=True)) == {"Workshop"}
