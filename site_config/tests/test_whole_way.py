"""One order of two sellers from the cart to the end: a parcel that arrives and is paid, one that comes back."""

from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.common.idempotency import new_form_key
from marketplace.delivery.models import Attempt, Delivery, Proof, ProofTry
from marketplace.delivery.proofs import pin_of, qr_payload
from marketplace.delivery.services import (
    Place,
    Result,
    cancel_overdue,
    claim_shipment,
    confirm_delivery,
    confirm_scan,
    fail_attempt,
    pick_up,
)
from marketplace.delivery.states import DeliveryStatus, ProofStatus
from marketplace.notifications.models import Notification
from marketplace.orders.models import Order, Settlement, Shipment
from marketplace.orders.services import complete_due, pack_shipment, remind_of_completion
from marketplace.orders.states import OrderStatus, ShipmentStatus
from marketplace.points.selectors import points_of
from marketplace.products.models import Variant
from marketplace.wallet.models import StoreWallet, Wallet
from marketplace.wallet.selectors import wallet_of


@pytest.fixture
def terms(settings):
    settings.COMMISSION_BPS, settings.COURIER_FEE = 750, 200
    settings.COMPLETION_DAYS, settings.POINTS_PER_SHIPMENT = 3, 10


@pytest.fixture
def order(terms, buyer, seller, other_seller, goods, fund, fill_cart, check_out) -> Order:
    """Three lamps of Sam's for 75.00 and a chair of Sue's for 40.00."""
    fund(buyer, 20_000)
    lamp = goods(seller, title="Lamp", price=2_500, stock=5)
    chair = goods(other_seller, title="Chair", price=4_000, stock=2)
    fill_cart(buyer, {lamp: 3, chair: 1})
    return check_out(buyer)


def current_proof(shipment: Shipment) -> Proof:
    return Proof.objects.get(consignment__shipment=shipment, current_key__isnull=False)


def key(person: User, action: str, subject: object = "") -> str:
    return new_form_key(user_id=person.pk, action=action, subject=subject)


def give_pin(job: Delivery, pin: str) -> Result:
    return confirm_delivery(
        delivery_id=job.pk,
        actor=job.courier,
        pin=pin,
        place=None,
        form_key=key(job.courier, "confirm_delivery", job.pk),
    ).result


def nobody_opens(job: Delivery) -> Attempt:
    return fail_attempt(
        delivery_id=job.pk,
        actor=job.courier,
        reason="absent",
        note="Rang twice",
        photo=None,
        place=None,
        form_key=key(job.courier, "fail_attempt", job.pk),
    )


def what_the_clock_does(*, later: timedelta) -> None:
    with clock.moved(later):
        for sweep in (remind_of_completion, complete_due, cancel_overdue):
            assert sweep(clock.now()).failed == 0


def money(*people: User) -> list[tuple[int, int]]:
    wallets = [wallet_of(person.pk) for person in people]
    return [(wallet.balance, wallet.held_balance) for wallet in wallets]


def told() -> Counter:
    """Who was told what, how often."""
    rows = Notification.objects.values_list("recipient__profile__name", "kind")
    return Counter(rows)


def test_a_parcel_that_arrives_is_paid_and_one_that_nobody_takes_comes_back(
    order, buyer, seller, other_seller, courier, books_balance
):
    lamps, chair = order.shipments.get(seller=seller), order.shipments.get(seller=other_seller)
    assert money(buyer) == [(8_500, 11_500)]

    # Packed, claimed, picked up: from now on the buyer has a PIN and a QR code for each.
    pack_shipment(shipment_id=lamps.pk, actor=seller)
    jobs = {part: claim_shipment(shipment_id=part.pk, actor=courier) for part in (lamps, chair)}
    for job in jobs.values():
        pick_up(delivery_id=job.pk, actor=courier)
    order.refresh_from_db()
    assert order.status == OrderStatus.SHIPPED

    # The lamps: misheard once, then the QR code is scanned at the door, and scanned again.
    right = pin_of(current_proof(lamps))
    assert give_pin(jobs[lamps], f"{(int(right) + 1) % 1_000_000:06d}") == Result.WRONG
    door = Place(lat=order.ship_lat, lng=order.ship_lng, accuracy_m=12)
    code = qr_payload(current_proof(lamps))
    for _click in range(2):
        scanned = confirm_scan(actor=courier, token=code, place=door, form_key=key(courier, "confirm_scan"))
        assert scanned.result == Result.CONFIRMED
        assert scanned.delivery.pk == jobs[lamps].pk

    # The chair: nobody opens, three hours in a row; then it goes back to Sue, who has a PIN now.
    buyers_pin = pin_of(current_proof(chair))
    for hours in range(3):
        with clock.moved(timedelta(hours=hours)):
            nobody_opens(jobs[chair])
    chair.refresh_from_db()
    assert chair.status == ShipmentStatus.RETURNING
    assert money(buyer) == [(8_500, 11_500)], "nothing is paid or given back before it is proved"
    with clock.moved(timedelta(hours=3)):
        assert give_pin(jobs[chair], buyers_pin) == Result.WRONG, "the buyer's PIN ends no way back"
        assert give_pin(jobs[chair], pin_of(current_proof(chair))) == Result.CONFIRMED
    assert money(buyer) == [(12_500, 7_500)]

    # Two days later the buyer is reminded, on the third Sam is paid; looking again does nothing more.
    what_the_clock_does(later=timedelta(days=2, hours=1))
    assert money(seller) == [(0, 0)]
    for _run in range(2):
        what_the_clock_does(later=timedelta(days=3, minutes=1))

    lamps.refresh_from_db()
    chair.refresh_from_db()
    order.refresh_from_db()
    assert [lamps.status, chair.status] == [ShipmentStatus.COMPLETED, ShipmentStatus.RETURNED]
    assert order.status == OrderStatus.COMPLETED

    # To the cent: 7.5 % of 75.00 is 5.625, half up; the courier earned 2.00 a parcel out of that.
    assert money(buyer, seller, other_seller, courier) == [(12_500, 0), (6_937, 0), (0, 0), (400, 0)]
    assert store_fees() == 563 - 400
    settlement = Settlement.objects.get()
    assert (settlement.shipment, settlement.gross, settlement.fee, settlement.net) == (
        lamps,
        7_500,
        563,
        6_937,
    )
    assert [points_of(seller.pk), points_of(other_seller.pk)] == [10, 0]
    assert dict(Variant.objects.values_list("product__title", "stock")) == {"Lamp": 2, "Chair": 2}

    # What was tried and proved is written down, without a word of what was typed.
    assert Counter(ProofTry.objects.values_list("right", flat=True)) == {True: 2, False: 2}
    assert Counter(Proof.objects.values_list("status", flat=True)) == {
        ProofStatus.CONFIRMED: 2,
        ProofStatus.REPLACED: 1,
    }
    assert Counter(Delivery.objects.values_list("status", flat=True)) == {
        DeliveryStatus.DELIVERED: 1,
        DeliveryStatus.RETURNED: 1,
    }
    assert Proof.objects.get(consignment__shipment=lamps).distance_m == 0

    # Everybody was told everything that concerns them, once.
    assert told() == {
        ("Bea", "order_created"): 1,
        ("Bea", "order_shipped"): 2,
        ("Bea", "order_delivered"): 1,
        ("Bea", "delivery_failed"): 2,
        ("Bea", "parcel_returning"): 1,
        ("Bea", "parcel_returned"): 1,
        ("Bea", "completion_soon"): 1,
        ("Bea", "order_completed"): 1,
        ("Sam", "sale_made"): 1,
        ("Sam", "parcel_claimed"): 1,
        ("Sam", "order_delivered"): 1,
        ("Sam", "seller_payment"): 1,
        ("Sue", "sale_made"): 1,
        ("Sue", "parcel_claimed"): 1,
        ("Sue", "parcel_returning"): 1,
        ("Sue", "parcel_returned"): 1,
    }
    assert pages_of_notifications() == {
        "Bea": {reverse("shop:order_detail", args=[order.number])},
        "Sam": {reverse("seller_dashboard:parcel", args=[lamps.number])},
        "Sue": {reverse("seller_dashboard:parcel", args=[chair.number])},
    }
    call_command("audit_books")


def pages_of_notifications() -> dict[str, set[str]]:
    """Where each person's notifications lead; every one is a page that they may open."""
    pages: dict[str, set[str]] = {}
    for notification in Notification.objects.select_related("recipient__profile"):
        browser = Client()
        browser.force_login(notification.recipient)
        path = reverse("shop:notification_open", args=[notification.public_id])
        with clock.moved(timedelta(days=4)):
            opened = browser.post(path, follow=True)
        [(page, status)] = opened.redirect_chain
        assert (status, opened.status_code) == (303, 200)
        pages.setdefault(notification.recipient.profile.name, set()).add(page)
    return pages


def store_fees() -> int:
    """What the store has left of its share, from the ledger's rows."""
    store = Wallet.objects.get(code=StoreWallet.FEES)
    return sum(store.transactions.values_list("balance_delta", flat=True))
