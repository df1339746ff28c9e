"""Which parcels a courier is offered, in which order, and that the list never reads more than it may."""

from datetime import timedelta
from decimal import Decimal

import pytest

from marketplace.accounts.models import Role
from marketplace.accounts.services import save_location
from marketplace.common import clock
from marketplace.common.cursors import read_cursor
from marketplace.common.idempotency import new_form_key
from marketplace.common.places import Place
from marketplace.delivery.models import Delivery
from marketplace.delivery.selectors import available
from marketplace.delivery.selectors.available import available_shipments, find_claimable
from marketplace.delivery.services import cancel_line, cancel_shipment, claim_shipment, give_back
from marketplace.orders.models import Shipment
from marketplace.products.models import Variant
from marketplace.products.services import NewVariant

HERE = Place(Decimal("52.500"), Decimal("13.400"))


@pytest.fixture
def shop_at(person):
    """`shop_at("52.5", "13.4")`: a seller there; without a place one whom nobody can find."""

    def make(lat: str = "", lng: str = ""):
        seller = person(Role.SELLER, located=False)
        if lat:
            save_location(
                user_id=seller.pk, actor=seller, lat=Decimal(lat), lng=Decimal(lng), address="Somewhere 1"
            )
        return seller

    return make


def numbers(page) -> list[str]:
    return [card.number for card in page.cards]


def test_the_nearest_pick_up_comes_first_and_one_that_nobody_knows_last(courier, placed, shop_at):
    nowhere = placed(seller=shop_at())
    far = placed(seller=shop_at("52.600", "13.400"))
    near = placed(seller=shop_at("52.501", "13.400"))

    page = available_shipments(courier, here=HERE)

    assert numbers(page) == [near.number, far.number, nowhere.number]
    assert [card.to_pick_up_m for card in page.cards] == [500, 11_000, None]
    assert [card.way_m is None for card in page.cards] == [False, False, True]


def test_the_longest_waiting_comes_first_on_demand_and_without_a_place(courier, placed, shop_at):
    with clock.moved(timedelta(hours=-1)):
        old = placed(seller=shop_at("52.600", "13.400"))
    new = placed(seller=shop_at("52.501", "13.400"))

    assert numbers(available_shipments(courier, here=HERE, sort="waiting")) == [old.number, new.number]
    assert numbers(available_shipments(courier, here=None)) == [old.number, new.number]


@pytest.mark.parametrize(("radius", "found"), [(2, 1), (5, 2), (25, 3), (None, 4)])
def test_the_radius_is_measured_to_the_pick_up(courier, placed, shop_at, radius, found):
    for lat in ("52.5149", "52.5151", "52.6"):  # as good as 52.51 and 52.52: 1.1 km, 2.2 km; 11 km north
        placed(seller=shop_at(lat, "13.400"))
    placed(seller=shop_at())

    assert len(available_shipments(courier, here=HERE, radius_km=radius).cards) == found
    assert len(available_shipments(courier, here=None, radius_km=radius).cards) == 4


def test_the_date_line_is_no_wall(courier, placed, shop_at):
    placed(seller=shop_at("-16.5", "-179.99"))
    nearer = placed(seller=shop_at("-16.5", "179.98"))
    here = Place(Decimal("-16.5"), Decimal("179.99"))

    page = available_shipments(courier, here=here, radius_km=5)

    assert numbers(page)[0] == nearer.number
    assert [card.to_pick_up_m for card in page.cards] == [1_000, 2_000]


def test_only_what_nobody_carries_is_offered(courier, other_courier, placed):
    free, taken, gone, again = (placed() for _ in range(4))
    claim_shipment(shipment_id=taken.pk, actor=other_courier)
    cancel_shipment(shipment_id=gone.pk, actor=gone.order.buyer)
    job = claim_shipment(shipment_id=again.pk, actor=other_courier)
    give_back(delivery_id=job.pk, actor=other_courier, reason="Flat tyre")

    assert set(numbers(available_shipments(courier, here=HERE))) == {free.number, again.number}


def test_nobody_is_offered_what_they_bought_or_sold(person, placed, buyer, seller):
    placed(buyer, seller)

    for party in (buyer, seller):
        assert available_shipments(party, here=HERE).cards == []


def test_a_card_has_nothing_of_the_people_in_it(courier, placed, buyer, seller):
    placed(buyer, seller, quantity=3)

    card = available_shipments(courier, here=HERE).cards[0]

    told = repr(card)
    for secret in ("Torstra", buyer.email, buyer.profile.name, buyer.profile.phone, "52.52", "13.40"):
        assert secret not in told
    assert (card.pick_up_area, card.drop_area) == ("Mitte", "Mitte")
    assert (card.load.pieces, card.load.size, card.load.weight) == (3, "One hand", "")


def test_cancelled_pieces_are_not_carried(courier, placed, buyer):
    line = placed(buyer, quantity=5).lines.get()
    key = new_form_key(user_id=buyer.pk, action="cancel_line", subject=line.pk)
    cancel_line(line_id=line.pk, quantity=2, actor=buyer, form_key=key)

    assert available_shipments(courier, here=HERE).cards[0].load.pieces == 3


@pytest.mark.parametrize("sort", ["near", "waiting"])
def test_pages_join_without_a_gap_though_parcels_are_taken_in_between(
    courier, other_courier, placed, shop_at, monkeypatch, sort
):
    monkeypatch.setattr(available, "PAGE_SIZE", 2)
    for number in range(5):
        placed(seller=shop_at(f"52.5{number}", "13.400"))
    first = available_shipments(courier, here=HERE, sort=sort)
    last_seen = Shipment.objects.get(number=first.cards[-1].number)
    claim_shipment(shipment_id=last_seen.pk, actor=other_courier)

    second = available_shipments(courier, here=HERE, sort=sort, after=first.next_after)
    third = available_shipments(courier, here=HERE, sort=sort, after=second.next_after)

    assert [len(page.cards) for page in (first, second, third)] == [2, 2, 1]
    assert len({*numbers(first), *numbers(second), *numbers(third)}) == 5
    assert third.next_after is None


@pytest.mark.parametrize("after", ["", "x", "W10", "WzEsMl0", "é", "9" * 400])
def test_a_cursor_that_says_nothing_is_the_start(courier, placed, after):
    shipment = placed()

    assert numbers(available_shipments(courier, here=HERE, after=after)) == [shipment.number]


def test_of_very_many_the_nearest_are_read(courier, placed, shop_at, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(available, "MOST_READ", 2)
    for lat in ("52.7", "52.511", "52.521"):
        placed(seller=shop_at(lat, "13.400"))

    with django_assert_num_queries(1):
        page = available_shipments(courier, here=HERE)

    assert [card.to_pick_up_m for card in page.cards] == [1_000, 2_000]


def shown(page) -> list[tuple]:
    return [(card.to_pick_up_m, card.way_m, card.pick_up_area, card.drop_area) for card in page.cards]


@pytest.mark.parametrize("lat", ["52.4813", "52.5007", "52.5421"])
def test_nothing_tells_two_pick_ups_of_the_same_square_kilometre_apart(
    courier, placed, buyer, shop_at, monkeypatch, lat
):
    # 300 m apart; the one that is nearer for a courier in the south has the later number, and the other way round.
    pair = [placed(buyer, shop_at(lat, "13.400")) for lat in ("52.5077", "52.5104", "52.5131")]
    by_number = sorted(shipment.number for shipment in pair)
    here = Place(Decimal(lat), Decimal("13.4004"))

    page = available_shipments(courier, here=here)

    assert len(set(shown(page))) == 1
    assert numbers(page) == by_number
    monkeypatch.setattr(available, "PAGE_SIZE", 1)
    first = available_shipments(courier, here=here)
    second = available_shipments(courier, here=here, after=first.next_after)
    third = available_shipments(courier, here=here, after=second.next_after)
    assert [numbers(page) for page in (first, second, third)] == [[number] for number in by_number]
    assert third.next_after is None
    assert len({key for key, _number in map(read_cursor, (first.next_after, second.next_after))}) == 1
    monkeypatch.setattr(available, "MOST_READ", 1)
    assert numbers(available_shipments(courier, here=here)) == [pair[0].number]


def test_nothing_tells_two_doors_of_the_same_square_kilometre_apart(courier, placed, person, shop_at):
    seller = shop_at("52.501", "13.400")
    for lat in ("52.5204", "52.5231"):  # 300 m apart
        buyer = person()
        save_location(
            user_id=buyer.pk, actor=buyer, lat=Decimal(lat), lng=Decimal("13.4"), address="Somewhere 2"
        )
        placed(buyer, seller)

    page = available_shipments(courier, here=HERE)

    assert len(set(shown(page))) == 1
    assert page.cards[0].way_m == 2_000


def test_a_courier_who_moves_a_little_sees_the_same_list(courier, placed, shop_at):
    for lat in ("52.5179", "52.5221", "52.5532"):
        placed(seller=shop_at(lat, "13.400"))

    lists = [
        available_shipments(courier, here=Place(Decimal(lat), Decimal("13.4")), radius_km=5)
        for lat in ("52.4952", "52.5", "52.5048")
    ]

    assert lists[0] == lists[1] == lists[2]


def test_a_square_kilometre_is_within_the_radius_or_it_is_not(courier, placed, shop_at):
    near, far = (shop_at("52.5", lng) for lng in ("13.4651", "13.4749"))  # both of 13.47, 4,740 m away
    found = {placed(seller=seller).number for seller in (near, far)}

    assert set(numbers(available_shipments(courier, here=HERE, radius_km=5))) == found


@pytest.mark.every_database
def test_a_parcel_is_as_heavy_as_its_pieces_and_as_large_as_the_largest(
    courier, make_product, buyer, fund, fill_cart, check_out, variant_of
):
    """Of a line that was cancelled nothing is carried, and what nobody weighed makes the weight unknown."""
    small = make_product(
        title="Scarf",
        options=[("Size", ["S"])],
        variants=[NewVariant(price=100, stock=9, values=("S",), weight_grams=300, size_class="small")],
    )
    large = make_product(
        title="Chair",
        options=[("Size", ["L"])],
        variants=[NewVariant(price=100, stock=9, values=("L",), weight_grams=900, size_class="large")],
    )
    fund(buyer, 10_000)
    fill_cart(buyer, {variant_of(small): 2, variant_of(large): 1})
    shipment = check_out(buyer).shipments.get()

    load = available_shipments(courier, here=None).cards[0].load
    assert (load.pieces, load.size, load.weight) == (3, "Two hands", "1.5 kg")

    chair = shipment.lines.get(title="Chair")
    key = new_form_key(user_id=buyer.pk, action="cancel_line", subject=chair.pk)
    cancel_line(line_id=chair.pk, quantity=1, actor=buyer, form_key=key)
    load = available_shipments(courier, here=None).cards[0].load
    assert (load.pieces, load.size, load.weight) == (2, "Fits a bag", "600 g")

    Variant.objects.filter(product=small).update(weight_grams=0)
    assert available_shipments(courier, here=None).cards[0].load.weight == ""


def test_a_public_number_finds_its_shipment_and_nothing_else(placed):
    shipment = placed()

    assert find_claimable(shipment.number) == shipment
    assert find_claimable(str(shipment.pk)) is None
    assert not Delivery.objects.exists()
