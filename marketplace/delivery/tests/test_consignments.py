"""A job carries a consignment: here one of a kind that lives in this module only, a return from buyer to seller."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import BigIntegerField, F, Value
from django.urls import reverse

from marketplace.accounts.address_book import remove_address, save_location
from marketplace.common.idempotency import new_form_key
from marketplace.common.places import Place
from marketplace.common.transactions import service
from marketplace.delivery.errors import AlreadyClaimed, OwnParcel, TooManyActive
from marketplace.delivery.kinds import ConsignmentKind, kinds
from marketplace.delivery.models import Attempt, Consignment, Delivery, Proof
from marketplace.delivery.proofs import pin_of as pin_of_proof
from marketplace.delivery.proofs import token_of as token_of_proof
from marketplace.delivery.selectors import ways_of
from marketplace.delivery.selectors.available import available_shipments, find_claimable
from marketplace.delivery.selectors.job_page import job_view
from marketplace.delivery.selectors.rounds import active_jobs
from marketplace.delivery.services import (
    Result,
    claim_consignment,
    claim_shipment,
    confirm_scan,
    give_back,
    note_address_read,
    pick_up,
)
from marketplace.delivery.services.jobs import consignment_of, lock_job, open_consignment
from marketplace.delivery.services.locks import lock_shipment
from marketplace.delivery.states import ACTIVE
from marketplace.orders.models import Shipment
from marketplace.wallet.models import Transaction
from marketplace.wallet.selectors import wallet_of

pytestmark = pytest.mark.usefixtures("books_balance")

DOOR = Place(Decimal("52.520008"), Decimal("13.404954"), 5)


class ReturnKind:
    """What a return would do at each step; here it keeps what it was told."""

    name = "return"

    def __init__(self) -> None:
        self.steps: list[str] = []

    def waiting(self, user):
        taken = Delivery.objects.filter(status__in=[*ACTIVE, "delivered", "returned"]).values("consignment")
        waiting = Consignment.objects.filter(kind=self.name).exclude(pk__in=taken)
        return (
            waiting.exclude(sender=user)
            .exclude(receiver=user)
            .values("number", packed_at=F("shipment__packed_at"), placed_at=F("opened_at"))
            .annotate(
                row=F("pk"),
                fee=Value(250, BigIntegerField()),
                pieces=Value(1),
                grams=Value(0),
                room=Value(0),
                ships_from=F("shipment__seller__seller_profile__ships_from"),
                from_lat=F("shipment__order__ship_lat"),
                from_lng=F("shipment__order__ship_lng"),
                to_lat=F("shipment__seller__profile__location_lat"),
                to_lng=F("shipment__seller__profile__location_lng"),
            )
        )

    def require_waiting(self, consignment):
        if consignment.deliveries.filter(status__in=[*ACTIVE, "delivered", "returned"]).exists():
            raise AlreadyClaimed

    def __getattr__(self, step):
        return lambda job, *said: self.steps.append(step)


@pytest.fixture
def kind(monkeypatch) -> ReturnKind:
    made = ReturnKind()
    monkeypatch.setitem(kinds(), "return", made)
    return made


@service
def open_return(shipment_id: int) -> Consignment:
    shipment = lock_shipment(shipment_id)
    return open_consignment(
        shipment, kind="return", pk=1, sender_id=shipment.order.buyer_id, receiver_id=shipment.seller_id
    )


@pytest.fixture
def sent_off(kind, delivered, other_courier) -> Consignment:
    """A delivered shipment's return, which waits for somebody to collect it."""
    return open_return(delivered(courier=other_courier, price=1000).shipment_id)


@pytest.fixture
def collected(sent_off, courier) -> Delivery:
    job = claim_consignment(consignment_id=sent_off.pk, actor=courier)
    return pick_up(delivery_id=job.pk, actor=courier)


def current(job: Delivery) -> Proof:
    return Proof.objects.get(consignment=job.consignment_id, current_key__isnull=False)


def test_it_waits_in_the_same_list_and_is_found_by_its_number(
    sent_off, placed, courier, person, buyer, seller
):
    shipment = placed(person(), price=100)
    here = {"near": DOOR, "waiting": None}

    for sort, place in here.items():
        page = available_shipments(courier, here=place, sort=sort, radius_km=5)
        assert {card.number for card in page.cards} == {shipment.number, sent_off.number}
    assert find_claimable(sent_off.number) == sent_off
    assert find_claimable(shipment.number) == shipment
    for party in (buyer, seller):  # neither of whom would carry it
        shown = {card.number for card in available_shipments(party, here=None).cards}
        assert sent_off.number not in shown


def test_the_list_is_one_query_however_many_kinds(
    sent_off, placed, courier, person, django_assert_num_queries
):
    placed(person(), price=100)

    with django_assert_num_queries(1):
        available_shipments(courier, here=DOOR, radius_km=5)


def test_a_page_claims_it_and_shows_whose_door_comes_first(sent_off, as_person, courier, buyer, seller):
    answer = as_person(courier).post(reverse("courier:claim", args=[sent_off.number]))

    assert answer.status_code == 303
    job = Delivery.objects.get(consignment=sent_off)
    view = job_view(courier, job.number)
    assert (view.pick_up.name, view.drop.address) == (buyer.profile.name, seller.profile.location_address)
    assert view.drop.name == seller.seller_profile.shop_name
    assert view.shows_a_home
    card = active_jobs(courier, None).jobs[0]
    assert (card.shipment_number, card.goes_to) == (sent_off.number, seller.seller_profile.shop_name)
    note_address_read(delivery_id=job.pk, actor=courier)
    assert job_view(courier, job.number).address_is_noted


def test_the_sellers_pin_ends_it_and_the_courier_is_paid_once(kind, sent_off, courier, confirm, settings):
    settings.COURIER_FEE = 250
    job = claim_consignment(consignment_id=sent_off.pk, actor=courier)
    pick_up(delivery_id=job.pk, actor=courier)
    wrong = f"{(int(pin_of_proof(current(job))) + 1) % 1_000_000:06d}"
    before = Shipment.objects.values().get(pk=sent_off.shipment_id)

    assert confirm(job, pin=wrong).result == Result.WRONG
    for _twice in range(2):
        assert confirm(job, pin=pin_of_proof(current(job)), place=DOOR).result == Result.CONFIRMED

    assert kind.steps == ["claimed", "picked_up", "delivered"]
    assert wallet_of(courier.pk).balance == 250
    assert Transaction.objects.filter(key=f"delivery:{job.pk}:fee").count() == 1
    assert Shipment.objects.values().get(pk=sent_off.shipment_id) == before
    assert Attempt.objects.get(consignment=sent_off, outcome="succeeded").number == 1
    with pytest.raises(AlreadyClaimed):
        claim_consignment(consignment_id=sent_off.pk, actor=courier)


def test_the_distance_is_that_to_who_takes_it(collected, confirm, seller, buyer):
    """A return ends at the seller's own place, not at the order's."""
    save_location(**at_home(seller, Decimal("52.530008")))

    confirm(collected, pin=pin_of_proof(current(collected)), place=DOOR)

    assert current(collected).distance_m == 1112


def test_a_return_to_a_seller_without_a_place_has_no_distance(going_back, confirm, seller):
    job = going_back()
    remove_address(address_id=seller.profile.default_address_id, actor=seller)

    confirm(job, place=DOOR)

    assert (current(job).purpose, current(job).lat, current(job).distance_m) == ("return", DOOR.lat, None)


def test_a_parcel_that_comes_back_is_measured_from_its_seller(going_back, confirm, seller):
    job = going_back()
    save_location(**at_home(seller, Decimal("52.530008")))

    confirm(job, place=DOOR)

    assert current(job).distance_m == 1112


def at_home(person, lat: Decimal) -> dict:
    where = {"lat": lat, "lng": Decimal("13.404954"), "address": "Elsewhere 1, Berlin"}
    return {"user_id": person.pk, "actor": person, **where}


def test_it_fails_comes_again_and_goes_back_to_its_sender(kind, collected, confirm, fail, courier, settings):
    for _thrice in range(3):
        fail(collected)
    collected.refresh_from_db()

    assert collected.status == "returning"
    assert [proof.purpose for proof in Proof.objects.filter(consignment=collected.consignment_id)] == [
        "delivery",
        "return",
    ]
    assert list(Attempt.objects.filter(delivery=collected).values_list("number", flat=True)) == [1, 2, 3]
    assert confirm(collected, pin=pin_of_proof(current(collected))).result == Result.CONFIRMED
    collected.refresh_from_db()
    assert collected.status == "returned"
    assert kind.steps == ["claimed", "picked_up", "failed", "failed", "sent_back", "came_back"]


def test_a_code_that_is_scanned_finds_it_among_all(collected, on_its_way, courier, person):
    on_its_way(person(), courier, price=100)
    key = new_form_key(user_id=courier.pk, action="confirm_scan")

    came = confirm_scan(actor=courier, token=token_of_proof(current(collected)), place=None, form_key=key)

    assert (came.result, came.delivery) == (Result.CONFIRMED, collected)


def test_five_wrong_pins_are_told_to_its_kind(kind, collected, confirm):
    right = int(pin_of_proof(current(collected)))
    for number in range(1, 6):
        confirm(collected, pin=f"{(right + number) % 1_000_000:06d}")

    assert kind.steps[-1] == "proof_locked"


def test_given_back_it_waits_again(kind, sent_off, courier, person):
    job = claim_consignment(consignment_id=sent_off.pk, actor=courier)
    with pytest.raises(AlreadyClaimed):
        claim_consignment(consignment_id=sent_off.pk, actor=person("delivery"))

    give_back(delivery_id=job.pk, actor=courier, reason="Flat tyre")

    assert kind.steps == ["claimed", "waits_again"]
    assert [card.number for card in available_shipments(courier, here=None).cards] == [sent_off.number]
    assert claim_consignment(consignment_id=sent_off.pk, actor=courier).pk != job.pk


def test_it_takes_one_of_the_five_places(sent_off, claimed, courier, person, settings):
    settings.COURIER_MAX_ACTIVE = 2
    for _twice in range(2):
        claimed(person(), courier, price=100)

    with pytest.raises(TooManyActive):
        claim_consignment(consignment_id=sent_off.pk, actor=courier)


@pytest.mark.parametrize("party", ["buyer", "seller"])
def test_nobody_carries_what_they_send_or_receive(party, sent_off, request, courier):
    person = request.getfixturevalue(party)
    with pytest.raises(PermissionDenied):
        claim_consignment(consignment_id=sent_off.pk, actor=person)
    person.role = "delivery"
    person.save(update_fields=["role"])

    with pytest.raises(OwnParcel):
        claim_consignment(consignment_id=sent_off.pk, actor=person)
    job = claim_consignment(consignment_id=sent_off.pk, actor=courier)
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.filter(pk=job.pk).update(courier=person)


def test_what_the_shipments_pages_show_is_the_shipments_own_way(collected, fail, buyer):
    fail(collected)
    shipment = Shipment.objects.select_related("order").get(pk=collected.shipment_id)

    way = ways_of(buyer, [(shipment, [])])[shipment.pk]

    assert (way.tries, way.proof, way.handover.how) == ([], None, "PIN")


def test_a_shipment_has_one_consignment_from_its_first_claim_on(placed, courier, person):
    shipment = placed(person(), price=100)
    assert not Consignment.objects.exists()
    first = claim_shipment(shipment_id=shipment.pk, actor=courier)
    give_back(delivery_id=first.pk, actor=courier, reason="Flat tyre")

    again = claim_shipment(shipment_id=shipment.pk, actor=courier)

    consignment = Consignment.objects.get()
    assert (first.consignment, again.consignment) == (consignment, consignment)
    assert (consignment.key, consignment.number) == (f"shipment:{shipment.pk}", shipment.number)
    assert consignment.goes_to_buyer


@service
def goal_of(job: Delivery) -> Place | None:
    return lock_job(job.pk).goal


def test_where_a_job_goes_depends_on_whose_pin_ends_it(on_its_way, fail, seller):
    save_location(**at_home(seller, Decimal("52.530008")))
    job = on_its_way()
    order = job.shipment.order
    assert goal_of(job) == Place(order.ship_lat, order.ship_lng)

    fail(job, "refused")

    assert goal_of(job) == Place(Decimal("52.530008"), Decimal("13.404954"))


def test_every_kind_says_what_each_step_means():
    steps = {name for name in vars(ConsignmentKind) if not name.startswith("_")}

    assert kinds().keys() == {"shipment"}
    assert all(callable(getattr(kind, step)) for kind in kinds().values() for step in steps)


@service
def both_at_once(shipment_id: int) -> tuple[int, int]:
    shipment = lock_shipment(shipment_id)
    return consignment_of(shipment).pk, consignment_of(shipment).pk


def test_it_is_opened_once(placed, person):
    first, second = both_at_once(placed(person(), price=100).pk)

    assert first == second
