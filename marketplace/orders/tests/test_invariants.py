"""Each invariant finds what it is there to find: something is broken on purpose, by hand."""

import pytest
from django.db.models import F

from marketplace.accounts.models import Role
from marketplace.common import clock
from marketplace.common.invariants import find_breaches
from marketplace.common.models import FormKey
from marketplace.coupons.models import CouponUse
from marketplace.delivery.services import cancel_shipment, complete_shipment
from marketplace.notifications.models import Notification
from marketplace.orders.invariants import INVARIANTS
from marketplace.orders.models import CartLine, Order, Settlement, Shipment, ShipmentEvent, ShipmentLine
from marketplace.orders.states import ShipmentStatus
from marketplace.products.models import StockMove, Variant
from marketplace.wallet import services as wallet_services
from marketplace.wallet.models import Hold

TO_DELIVERED = (ShipmentStatus.PROCESSING, ShipmentStatus.SHIPPED, ShipmentStatus.DELIVERED)
YEAR_2000 = clock.now().replace(year=2000)


@pytest.fixture
def order(buyer, seller, other_seller, person, goods, fund, fill_cart, check_out, walk, settings, coupons):
    """An order of three shipments: one waits, one was cancelled, one was delivered and paid (2.5 % fee).

    The first two had a coupon.
    """
    settings.COMMISSION_BPS = 250
    fund(buyer, 20_000)
    third = person(Role.SELLER)
    goods_of_all = {
        goods(seller, title="Lamp"): 2,
        goods(other_seller, title="Chair"): 1,
        goods(third, title="Desk", price=2022): 1,
    }
    fill_cart(buyer, goods_of_all)
    for owner in (seller, other_seller):
        coupons.apply(buyer, coupons.make(owner))
    order = check_out(buyer)
    cancel_shipment(shipment_id=order.shipments.get(seller=other_seller).pk, actor=buyer)
    delivered = walk(order.shipments.get(seller=third), *TO_DELIVERED)
    complete_shipment(shipment_id=delivered.pk, actor=buyer)
    return order


def paid() -> Shipment:
    return Shipment.objects.get(status=ShipmentStatus.COMPLETED)


def live() -> Shipment:
    return Shipment.objects.get(status=ShipmentStatus.PLACED)


def gone() -> Shipment:
    return Shipment.objects.get(status=ShipmentStatus.CANCELLED)


def charge_for(shipment: Shipment, who) -> None:
    wallet_services.charge(owner_id=who.pk, most=1, key="nobody said so", subject=shipment)


def put_the_ordered_line_back(order):
    cart = CartLine._meta.get_field("cart").related_model.objects.get()
    variant = Variant.objects.get(product__title="Lamp")
    CartLine.objects.create(pk=order.last_cart_line, cart=cart, variant=variant, quantity=1, price_seen=1000)


def add_step(before, to):
    ShipmentEvent.objects.create(shipment=live(), from_status=before, to_status=to)


def settled(**changes):
    Settlement.objects.update(**changes)


def shipments(rows, **changes):
    Shipment.objects.filter(pk=rows.pk).update(**changes)


def taxed(**changes):
    """Say that what was ordered is taxed at 19 %, and contains as much tax as `changes` say."""
    ShipmentLine.objects.update(tax_rate=1900, **changes)


def keep_of_a_parcel_that_is_not_paid(order):
    held = Hold.objects.get(status="open", kind="shipment")
    Hold.objects.create(
        wallet=held.wallet,
        kind="reserve",
        amount=1,
        open_key="kept",
        content_type=held.content_type,
        object_id=held.object_id,
    )


def lines(shipment, **changes):
    ShipmentLine.objects.filter(shipment=shipment).update(**changes)


def used(shipment, **changes):
    CouponUse.objects.filter(coupon=shipment.coupon).update(**changes)


def settle_what_is_not_completed(order):
    Settlement.objects.create(shipment=live(), gross=2000, fee=50, net=1950, points=0)


def priced(shipment, price):
    """Say that a delivery cost so much, of which no row of the ledger knows."""
    shipments(
        shipment,
        total=F("total") + price,
        delivery_agreed=price,
        delivery_price=price,
        delivery_full=price,
    )


BREAKS = {
    "I49": keep_of_a_parcel_that_is_not_paid,
    "I10 a completed": settle_what_is_not_completed,
    "I10 what was paid out": lambda order: Hold.objects.filter(status="captured").update(
        captured=2_000, released=22
    ),
    "I11 a delivery": lambda order: shipments(live(), courier_share=1),
    "I11 what was charged": lambda order: shipments(paid(), back_by_seller=1),
    "I11 a settlement's": lambda order: settled(fee=50, net=1_972),
    "I11 the seller": lambda order: settled(fee=50, net=1_972),
    "I12 nobody": lambda order: settled(actor=None),
    "I12 what is delivered": lambda order: shipments(paid(), completes_at=None),
    "I12 who": lambda order: settled(actor=paid().seller, reason="mine"),
    "I21 a shipment has": lambda order: shipments(paid(), returned_at=clock.now()),
    "I34": lambda order: settled(points=9),
    "I35 a buyer": lambda order: shipments(paid(), reminded_at=clock.now()),
    "I35 a settlement": lambda order: Notification.objects.filter(kind="seller_payment").delete(),
    "I10 a shipment": lambda order: Shipment.objects.filter(pk=live().pk).update(total=1),
    "I14 nothing": lambda order: Hold.objects.filter(status="open").update(object_id=gone().pk),
    "I18 an order's": lambda order: Order.objects.update(total=7),
    "I18 a shipment's": lambda order: Shipment.objects.filter(pk=gone().pk).update(total=1),
    "I18 a line has": lambda order: ShipmentLine.objects.update(list_price=1),
    "I18 a line is sold": lambda order: Order.objects.update(buyer=live().seller),
    "I19 what was": put_the_ordered_line_back,
    "I20 every step": lambda order: add_step("placed", "completed"),
    "I20 each step": lambda order: add_step("processing", "shipped"),
    "I20 a shipment's": lambda order: Shipment.objects.filter(pk=live().pk).update(status="processing"),
    "I20 an order's": lambda order: Order.objects.update(status="shipped"),
    "I21 a shipment's": lambda order: Shipment.objects.update(claimed_at=YEAR_2000),
    "I16 what was ordered": lambda order: StockMove.objects.filter(kind="sold").delete(),
    "I16 what was cancelled": lambda order: StockMove.objects.filter(kind="restocked").delete(),
    "I35 an order": lambda order: Notification.objects.filter(kind="sale_made").delete(),
    "I35 nobody": lambda order: Notification.objects.filter(kind="order_created").update(object_id=0),
    "I35 who": lambda order: Notification.objects.filter(kind="shipment_cancelled").delete(),
    "a line names": lambda order: ShipmentLine.objects.update(listing_number=2),
    "I53 a coupon": lambda order: lines(live(), coupon_off=1),
    "I53 what": lambda order: CouponUse.objects.update(reduction=7),
    "I53 a use": lambda order: used(live(), given_back_at=clock.now()),
    "I54 no line": lambda order: ShipmentLine.objects.update(tax_rate=0),
    "I54 the tax": lambda order: taxed(tax=1),
    "I40": lambda order: FormKey.objects.update(result="elsewhere"),
}


# More ways to break one that says several things.
MORE = [
    ("a line names", lambda order: ShipmentLine.objects.update(listing_number=0)),
    ("I11 a settlement's", lambda order: settled(fee=52, net=1_970)),
    ("I12 nobody", lambda order: shipments(paid(), frozen=1)),
    ("I54 no line", lambda order: taxed(tax=9_999)),
    ("I12 nobody", lambda order: settled(at=YEAR_2000)),
    ("I12 what is delivered", lambda order: shipments(paid(), completes_at=YEAR_2000)),
    ("I12 who", lambda order: settled(actor=live().seller, reason="")),
    ("I21 a shipment's", lambda order: shipments(paid(), returned_at=YEAR_2000)),
    ("I21 a shipment has", lambda order: shipments(live(), claimed_at=clock.now())),
    ("I21 a shipment has", lambda order: shipments(paid(), completed_at=None)),
    ("I21 a shipment has", lambda order: shipments(gone(), cancelled_at=None)),
    ("I14 nothing", lambda order: shipments(live(), status="returned")),
    ("I10 what was paid out", lambda order: Settlement.objects.all().delete()),
    ("I10 what was paid out", lambda order: priced(paid(), 5)),
    ("I11 the seller", lambda order: priced(paid(), 5)),
    ("I11 a delivery", lambda order: priced(gone(), 5)),
    ("I11 a delivery", lambda order: shipments(live(), delivery_by_seller=1)),
    ("I11 what was charged", lambda order: shipments(paid(), delivery_extra=1, total=paid().total + 1)),
    ("I11 what was charged", lambda order: charge_for(paid(), paid().order.buyer)),
    ("I11 what was charged", lambda order: charge_for(paid(), paid().seller)),
    ("I18 an order's", lambda order: shipments(live(), delivery_agreed=1, delivery_full=1)),
    (
        "I18 a shipment's",
        lambda order: shipments(live(), delivery_agreed=1, delivery_price=1, delivery_full=1),
    ),
    ("I53 a coupon", lambda order: lines(live(), coupon_agreed=202)),
    ("I53 what", lambda order: shipments(live(), coupon=None)),
    ("I53 what", lambda order: CouponUse.objects.update(person=live().seller)),
    ("I53 what", lambda order: shipments(live(), coupon=gone().coupon)),
    ("I53 what", lambda order: CouponUse.objects.all().delete()),
    ("I53 a use", lambda order: used(gone(), given_back_at=None)),
    ("I53 a use", lambda order: shipments(live(), coupon=None)),
    ("I10 a completed", lambda order: shipments(paid(), total=2_021)),
]


@pytest.mark.breaks_books
@pytest.mark.parametrize(("name", "break_it"), [*BREAKS.items(), *MORE])
def test_a_break_is_found(order, name, break_it):
    assert find_breaches(INVARIANTS) == []

    break_it(order)

    assert any(str(breach).startswith(name) for breach in find_breaches(INVARIANTS))


def test_every_invariant_has_its_break():
    """But the one that a unique column keeps on every database."""
    kept_by_the_database = {"I19 a cart is ordered once"}
    unproved = {
        invariant.name
        for invariant in INVARIANTS
        if not any(invariant.name.startswith(name) for name in BREAKS)
    }
    assert unproved == kept_by_the_database
