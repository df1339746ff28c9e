"""What a delivery costs besides its way: further tries, waiting at the door, the way back, and who pays each.

A lamp of 20.00, brought next door for 5.00, of which the courier gets 4.50. A further try costs 1.50; waiting is free
for five minutes, then 0.40 a minute and 2.00 at most; the way back costs half: 2.50, of which the courier gets 2.25.
"""

from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from marketplace.accounts.models import Role
from marketplace.common import clock
from marketplace.common.errors import Invalid, StaleState
from marketplace.common.places import Place
from marketplace.delivery.models import Attempt, Delivery
from marketplace.delivery.services import arrive, reassign, send_back, void_attempt
from marketplace.delivery.shown import mark_of_try
from marketplace.notifications.models import Notification
from marketplace.orders.models import Shipment
from marketplace.rates.services import Rates, publish_rates
from marketplace.wallet.models import StoreWallet, Transaction
from marketplace.wallet.selectors import wallet_of

pytestmark = [pytest.mark.usefixtures("books_balance"), pytest.mark.every_database]

GOODS, FULL, COURIER, BACK, COURIER_BACK = 2000, 500, 450, 250, 225
AGAIN, MINUTE, MOST = 150, 40, 200
TABLE = Rates(
    base=FULL, store_bps=1000, back_bps=5000, again_fee=AGAIN, wait_fee=MINUTE, wait_free=5, wait_most=MOST
)
LEFT = 7_000  # what the buyer can spend after the order


@pytest.fixture
def way(admin, buyer, goods, fund, fill_cart, check_out, courier, delivery, seller):
    """`way()`: the job of a lamp that is on its way; `left` is what its buyer can spend then."""

    def run(left: int = LEFT, currency: str = "EUR", **table: object) -> Delivery:
        publish_rates(rates=Rates(**vars(TABLE) | table), actor=admin, expected_version=0)
        fund(buyer, GOODS + FULL + left)
        fill_cart(buyer, {goods(seller, price=GOODS): 1})
        shipment = check_out(buyer).shipments.select_related("order").get()
        return delivery.carry(shipment, courier)

    return run


def at_the_door(job: Delivery, **given: object) -> Delivery:
    form = {"delivery_id": job.pk, "actor": job.courier, "place": job.shipment.order.place}
    return arrive(**form | given)


def money(who) -> int:
    wallet = wallet_of(who.pk)
    return wallet.balance + wallet.held_balance


def fees() -> int:
    rows = Transaction.objects.filter(wallet__code=StoreWallet.FEES)
    return sum(rows.values_list("balance_delta", flat=True))


class Wait:
    """Time that passes at the door."""

    def __init__(self) -> None:
        self.moves = ExitStack()

    def __call__(self, minutes: float) -> None:
        self.moves.enter_context(clock.moved(clock._moved_by.get() + timedelta(minutes=minutes)))


@pytest.fixture
def wait():
    passes = Wait()
    with passes.moves:
        yield passes


@pytest.fixture(params=["EUR", "JPY", "KWD"])
def currency(request, settings):
    settings.STORE_CURRENCY = request.param


# What happened at the door (a reason, and how many minutes the courier had waited), and what of the extras is the
# courier's and the buyer's; "" is that it was handed over.
DELIVERED = {
    "at once": ([("", 0)], 0, 0),
    "the second time": ([("absent", 0), ("", 0)], AGAIN, AGAIN),
    "the third time": ([("absent", 0), ("wrong_address", 0), ("", 0)], 2 * AGAIN, 2 * AGAIN),
    "after a danger": ([("unsafe", 0), ("", 0)], AGAIN, 0),
    "after a danger and nobody": ([("unsafe", 0), ("absent", 0), ("", 0)], 2 * AGAIN, AGAIN),
    "after four and a half": ([("", 4.5)], 0, 0),
    "after five and a half": ([("", 5.5)], MINUTE, MINUTE),
    "after seven and a half": ([("", 7.5)], 3 * MINUTE, 3 * MINUTE),
    "after an hour": ([("", 60)], MOST, MOST),
    "the second time, and twice a wait": (
        [("absent", 6.5), ("", 7.5)],
        AGAIN + 5 * MINUTE,
        AGAIN + 5 * MINUTE,
    ),
    "after a wait in danger": ([("unsafe", 6.5), ("", 0)], AGAIN + 2 * MINUTE, 0),
}


def go(job: Delivery, tries, wait, delivery) -> None:
    for reason, minutes in tries:
        if minutes:
            at_the_door(job)
            wait(minutes)
        if reason:
            delivery.fail(job, reason)
        else:
            delivery.prove(job)
        job.refresh_from_db()


@pytest.mark.parametrize("case", DELIVERED)
def test_the_buyer_pays_out_of_what_they_can_spend(
    way, buyer, seller, courier, delivery, wait, case, currency
):
    tries, earned, owed = DELIVERED[case]
    job = way()

    go(job, tries, wait, delivery)
    delivery.complete(job.shipment)

    assert money(courier) == COURIER + earned
    assert money(buyer) == LEFT - owed
    assert (money(seller), fees()) == (GOODS, FULL - COURIER + owed - earned)
    shipment = Shipment.objects.get()
    assert (shipment.delivery_extra, shipment.total) == (owed, GOODS + FULL + owed)
    assert (job.extra_fee, job.earned) == (earned, COURIER + earned)


CAME_BACK = {
    "refused": ([("refused", 0)], 0, 0, FULL),
    "refused after a wait": ([("refused", 7.5)], 3 * MINUTE, 3 * MINUTE, FULL),
    "absent three times": ([("absent", 0)] * 3, 2 * AGAIN, 2 * AGAIN, FULL),
    "absent, then wrong, then danger": (
        [("absent", 0), ("wrong_address", 0), ("unsafe", 0)],
        2 * AGAIN,
        2 * AGAIN,
        0,
    ),
    "damaged": ([("damaged", 8.5)], 4 * MINUTE, 0, 0),
}


@pytest.mark.parametrize("case", CAME_BACK)
@pytest.mark.parametrize("payer", ["store", "buyer", "seller"])
def test_of_what_came_back_the_extras_come_out_of_the_hold_and_the_table_says_who_pays_the_way_back(
    way, buyer, seller, courier, delivery, wait, case, payer, fund, currency
):
    tries, earned, owed, there = CAME_BACK[case]
    fund(seller, 1_000)
    job = way(left=0, **{f"back_{tries[-1][0]}": payer})

    go(job, tries, wait, delivery)
    delivery.prove(job)

    by_buyer = there + owed + (BACK if payer == "buyer" else 0)
    by_seller = BACK if payer == "seller" else 0
    courier_has = COURIER + COURIER_BACK + earned
    assert money(courier) == courier_has
    assert money(buyer) == GOODS + FULL - by_buyer
    assert money(seller) == 1_000 - by_seller
    assert fees() == by_buyer + by_seller - courier_has
    shipment = Shipment.objects.get()
    assert (shipment.total, shipment.back_by_seller) == (by_buyer, by_seller)


@pytest.mark.parametrize(("left", "paid"), [(0, 0), (40, 40), (150, 150)])
def test_a_buyer_without_enough_pays_what_is_there_and_the_store_the_rest(
    way, buyer, courier, delivery, wait, left, paid
):
    job = way(left=left)

    go(job, [("absent", 0), ("", 0)], wait, delivery)

    assert (wallet_of(buyer.pk).balance, money(courier)) == (left - paid, COURIER + AGAIN)
    assert fees() == FULL + paid - COURIER - AGAIN
    assert Shipment.objects.get().delivery_extra == paid


@pytest.mark.parametrize(("has", "pays"), [(0, 0), (100, 100), (900, BACK)])
def test_a_seller_without_enough_pays_what_is_there(way, seller, delivery, wait, fund, has, pays):
    if has:
        fund(seller, has)
    job = way(back_damaged="seller")

    go(job, [("damaged", 0)], wait, delivery)
    delivery.prove(job)

    assert money(seller) == has - pays
    assert Shipment.objects.get().back_by_seller == pays


def test_who_pays_where_staff_send_it_back_has_a_column_of_its_own(way, seller, buyer, admin, delivery, fund):
    fund(seller, 1_000)
    job = way(back_staff="seller", back_refused="buyer")

    send_back(shipment_id=job.shipment_id, actor=admin, reason="refused by the store")
    delivery.prove(job)

    assert money(seller) == 1_000 - BACK
    assert money(buyer) == GOODS + FULL + LEFT


def test_a_try_that_staff_took_back_costs_nothing(way, admin, courier, buyer, delivery, wait):
    job = way()
    go(job, [("absent", 9)], wait, delivery)
    void_attempt(attempt_id=Attempt.objects.get().pk, actor=admin, reason="Wrong house")

    go(job, [("", 0)], wait, delivery)

    assert (money(courier), money(buyer)) == (COURIER, LEFT + GOODS)


def test_a_courier_who_took_over_earns_by_their_own_tries(way, admin, person, courier, buyer, delivery, wait):
    job = way()
    go(job, [("absent", 9)], wait, delivery)
    other = person(Role.DELIVERY)
    reassign(shipment_id=job.shipment_id, actor=admin, courier_id=other.pk, reason="Ill")
    job = delivery.live_job_of(job.shipment)

    go(job, [("absent", 0), ("", 0)], wait, delivery)

    assert (money(courier), money(other)) == (0, COURIER + AGAIN)
    assert money(buyer) == LEFT + GOODS - AGAIN


def everything() -> tuple:
    return (
        list(Delivery.objects.values()),
        list(Shipment.objects.values()),
        Attempt.objects.count(),
        Notification.objects.count(),
        Transaction.objects.count(),
    )


class TestTheDoor:
    def test_the_buyer_is_told_once_a_try_and_what_it_costs(self, way, buyer, delivery):
        job = way()

        for _twice in range(2):
            at_the_door(job)
        [notice] = Notification.objects.filter(recipient=buyer, kind="courier_at_door")
        assert notice.extra_data.items() >= {"minutes": 5, "fee": MINUTE, "most": MOST}.items()

        delivery.fail(job)
        at_the_door(job)
        assert Notification.objects.filter(recipient=buyer, kind="courier_at_door").count() == 2

    def test_a_second_arrival_does_not_begin_anew(self, way, wait, delivery, courier):
        job = way()
        at_the_door(job)
        wait(6.5)
        at_the_door(job)
        wait(1)

        delivery.prove(job)

        assert money(courier) == COURIER + 3 * MINUTE

    @pytest.mark.parametrize(
        ("metres", "sentence"), [(None, "has to say where it is"), (230, "too far away from the door")]
    )
    def test_a_phone_elsewhere_is_not_at_the_door(self, way, metres, sentence):
        job = way()
        door = job.shipment.order.place
        place = None if metres is None else Place(door.lat + Decimal(metres) / Decimal("111195"), door.lng)
        before = everything()

        with pytest.raises(Invalid, match=sentence) as refusal:
            at_the_door(job, place=place)

        assert refusal.value.field == "place"
        assert everything() == before

    def test_nor_one_that_is_close_by_too_far(self, way):
        job = way()
        door = job.shipment.order.place

        assert at_the_door(job, place=Place(door.lat + Decimal("0.0017"), door.lng)).at_door_since

    def test_where_waiting_costs_nothing_there_is_nothing_to_say(self, way):
        job = way(wait_most=0)
        before = everything()

        with pytest.raises(StaleState, match="Waiting costs nothing"):
            at_the_door(job)
        assert everything() == before

    def test_nor_for_an_order_of_before_the_rates(self, placed, courier, delivery, admin):
        job = delivery.carry(placed(), courier)
        publish_rates(rates=TABLE, actor=admin, expected_version=0)

        with pytest.raises(StaleState):
            at_the_door(job)

    def test_nobody_else_says_it_and_no_form_of_another_try(self, way, person, delivery):
        job, other = way(), person(Role.DELIVERY)
        with pytest.raises(PermissionDenied):
            at_the_door(job, actor=other)
        at_the_door(job)
        with pytest.raises(PermissionDenied):
            at_the_door(job, actor=other)
        mark = mark_of_try(job.pk, "carrying", 0)
        delivery.fail(job)
        before = everything()

        with pytest.raises(StaleState):
            at_the_door(job, expected=mark)
        assert everything() == before

    def test_nor_is_a_parcel_that_goes_back_waited_with(self, way, delivery):
        job = way()
        delivery.fail(job, "refused")

        with pytest.raises(StaleState):
            at_the_door(job)
