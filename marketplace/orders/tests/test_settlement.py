"""After the delivery: the seller is paid once, by the buyer's word, an admin's or the clock's."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from marketplace.accounts.models import Role, User
from marketplace.common import clock
from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import Invalid, InvalidTransition, StaleState
from marketplace.common.locking import lock_row
from marketplace.common.models import SweepTrouble
from marketplace.common.transactions import service
from marketplace.delivery.services import complete_shipment
from marketplace.notifications.models import Notification
from marketplace.orders.models import Order, Settlement, Shipment, ShipmentEvent
from marketplace.orders.notices import ORDER_COMPLETED, SELLER_PAYMENT
from marketplace.orders.services import complete_due, settlement
from marketplace.orders.states import OrderStatus, ShipmentStatus
from marketplace.points.selectors import points_of
from marketplace.wallet.models import StoreWallet, Transaction
from marketplace.wallet.selectors import WalletView, wallet_of

pytestmark = pytest.mark.usefixtures("books_balance")

S = ShipmentStatus
TO_DELIVERED = (S.PROCESSING, S.SHIPPED, S.DELIVERED)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def house_rules(settings):
    settings.COMMISSION_BPS = 250
    settings.COMPLETION_DAYS = 3
    settings.POINTS_PER_SHIPMENT = 10


@pytest.fixture
def order(buyer, seller, other_seller, goods, fund, fill_cart, check_out):
    """A lamp by Sam (20.22, of which 0.51 is the fee) and a chair by Sue (40.00), out of 100.00."""
    fund(buyer, 10_000)
    fill_cart(buyer, {goods(seller, price=2022): 1, goods(other_seller, price=4000): 1})
    return check_out(buyer)


@pytest.fixture
def shipment(order, seller, walk):
    """Sam's part of it, delivered just now."""
    return walk(order.shipments.get(seller=seller), *TO_DELIVERED)


def nothing_moved(shipment):
    shipment = Shipment.objects.get(pk=shipment.pk)
    return (
        shipment.completed_at is None
        and wallet_of(shipment.seller_id) == WalletView()
        and not Settlement.objects.exists()
        and points_of(shipment.seller_id) == 0
        and not told()
    )


def told() -> list[tuple[str, int]]:
    kinds = (ORDER_COMPLETED.name, SELLER_PAYMENT.name)
    rows = Notification.objects.filter(kind__in=kinds).order_by("pk")
    return list(rows.values_list("kind", "recipient_id"))


@service
def freeze(shipment, amount):
    """As an open return will."""
    lock_row(Shipment, shipment.pk)
    Shipment.objects.filter(pk=shipment.pk).update(frozen=amount)


class TestTheBuyerSaysThatAllIsFine:
    def test_and_the_seller_is_paid_once_however_often_it_is_said(self, shipment, buyer, seller):
        for _ in range(2):
            done = complete_shipment(shipment_id=shipment.pk, actor=buyer)

        assert done.status == S.COMPLETED
        assert done.completed_at is not None
        assert wallet_of(buyer.pk) == WalletView(balance=3_978, held_balance=4_000)
        assert wallet_of(seller.pk) == WalletView(balance=1_971)
        assert Transaction.objects.get(wallet__code=StoreWallet.FEES).balance_delta == 51
        paid = Settlement.objects.get()
        assert (paid.gross, paid.fee, paid.net, paid.points, paid.actor) == (2_022, 51, 1_971, 10, buyer)
        assert paid.at == done.completed_at
        assert points_of(seller.pk) == 10
        assert told() == [(ORDER_COMPLETED.name, buyer.pk), (SELLER_PAYMENT.name, seller.pk)]
        notice = Notification.objects.get(kind=SELLER_PAYMENT.name)
        assert (notice.extra_data["amount"], notice.extra_data["fee"]) == (1_971, 51)

    def test_which_leaves_the_other_sellers_part_alone(self, shipment, order, buyer, other_seller):
        complete_shipment(shipment_id=shipment.pk, actor=buyer)

        other = order.shipments.get(seller=other_seller)
        assert other.status == S.PLACED
        assert wallet_of(other_seller.pk) == WalletView()
        order.refresh_from_db()
        assert order.status == OrderStatus.PROCESSING

    def test_and_the_order_is_completed_with_its_last_part(self, shipment, order, buyer, other_seller, walk):
        complete_shipment(shipment_id=shipment.pk, actor=buyer)
        last = walk(order.shipments.get(seller=other_seller), *TO_DELIVERED)
        complete_shipment(shipment_id=last.pk, actor=buyer)

        order.refresh_from_db()
        assert order.status == OrderStatus.COMPLETED
        assert wallet_of(buyer.pk) == WalletView(balance=3_978)


class TestWhoMayComplete:
    @pytest.mark.parametrize("role", ["seller", "other_seller", "courier", "stranger"])
    def test_nobody_else_may(self, shipment, role, request):
        actor = request.getfixturevalue(role)

        with pytest.raises(PermissionDenied):
            complete_shipment(shipment_id=shipment.pk, actor=actor, reason="please")

        assert nothing_moved(shipment)

    @pytest.mark.parametrize("role", ["admin", "superadmin"])
    def test_staff_may_with_a_reason_which_stays_with_the_payment(self, shipment, role, request):
        actor = request.getfixturevalue(role)
        for reason in ("", "  ", "x" * 301):
            with pytest.raises(Invalid) as refused:
                complete_shipment(shipment_id=shipment.pk, actor=actor, reason=reason)
            assert refused.value.field == "reason"
        assert nothing_moved(shipment)

        complete_shipment(shipment_id=shipment.pk, actor=actor, reason=" The buyer wrote us. ")

        paid = Settlement.objects.get()
        assert (paid.actor, paid.reason) == (actor, "The buyer wrote us.")
        last = ShipmentEvent.objects.filter(shipment=shipment).order_by("pk").last()
        assert (last.to_status, last.actor, last.reason) == (S.COMPLETED, actor, "The buyer wrote us.")

    def test_a_buyer_who_may_not_sign_in_any_more_may_not(self, shipment, buyer):
        buyer.is_active = False

        with pytest.raises(PermissionDenied):
            complete_shipment(shipment_id=shipment.pk, actor=buyer)

        assert nothing_moved(shipment)

    def test_the_clock_may_when_the_time_is_up_and_not_before(self, shipment, seller):
        with clock.moved(3 * DAY - timedelta(minutes=1)), pytest.raises(StaleState):
            complete_shipment(shipment_id=shipment.pk, actor=SYSTEM)
        assert nothing_moved(shipment)

        with clock.moved(3 * DAY):
            complete_shipment(shipment_id=shipment.pk, actor=SYSTEM)

        assert wallet_of(seller.pk).balance == 1_971
        assert Settlement.objects.get().actor is None


class TestWhatCanBeCompleted:
    @pytest.mark.parametrize(
        "steps",
        [
            (),
            (S.PROCESSING,),
            (S.PROCESSING, S.SHIPPED),
            (S.PROCESSING, S.SHIPPED, S.RETURNING),
            (S.PROCESSING, S.SHIPPED, S.RETURNING, S.RETURNED),
            (S.CANCELLED,),
        ],
        ids=lambda steps: steps[-1] if steps else "placed",
    )
    def test_only_what_is_delivered(self, order, seller, buyer, walk, steps):
        shipment = walk(order.shipments.get(seller=seller), *steps)

        with pytest.raises(InvalidTransition):
            complete_shipment(shipment_id=shipment.pk, actor=buyer)

        assert nothing_moved(shipment)
        assert Shipment.objects.get(pk=shipment.pk).status == (steps[-1] if steps else S.PLACED)

    def test_nothing_while_part_of_it_is_frozen_whoever_asks(self, shipment, buyer, admin, seller):
        freeze(shipment, 1)

        with clock.moved(30 * DAY):
            for actor in (buyer, admin, SYSTEM):
                with pytest.raises(StaleState):
                    complete_shipment(shipment_id=shipment.pk, actor=actor, reason="because")
            assert complete_due(clock.now()) == (0, 0)
        assert nothing_moved(shipment)
        assert not SweepTrouble.objects.exists()

        freeze(shipment, 0)
        complete_shipment(shipment_id=shipment.pk, actor=buyer)
        assert wallet_of(seller.pk).balance == 1_971

    @pytest.mark.parametrize(
        ("bps", "fee"),
        [(0, 0), (1, 0), (3, 1), (125, 25), (10_000, 2_022)],
        ids=["none", "down to nothing", "up to one", "half goes up", "all of it"],
    )
    def test_the_fee_is_rounded_half_up_once(
        self, buyer, seller, goods, fund, fill_cart, check_out, walk, settings, bps, fee
    ):
        settings.COMMISSION_BPS = bps
        price = 1_960 if bps == 125 else 2_022  # 1.25 % of 19.60 is 24.5 cents
        fund(buyer, 10_000)
        fill_cart(buyer, {goods(seller, price=price): 1})
        shipment = walk(check_out(buyer).shipments.get(), *TO_DELIVERED)
        settings.COMMISSION_BPS = 9_999  # what counts is the rate at checkout

        complete_shipment(shipment_id=shipment.pk, actor=buyer)

        paid = Settlement.objects.get()
        assert (paid.fee, paid.net) == (fee, price - fee)
        assert wallet_of(seller.pk).balance == price - fee
        assert wallet_of(buyer.pk) == WalletView(balance=10_000 - price)

    def test_a_store_that_gives_no_points_books_none(self, shipment, buyer, seller, settings):
        settings.POINTS_PER_SHIPMENT = 0

        complete_shipment(shipment_id=shipment.pk, actor=buyer)

        assert points_of(seller.pk) == 0
        assert Settlement.objects.get().points == 0

    def test_the_deadline_is_that_of_the_delivery_whatever_the_settings_say_later(self, shipment, settings):
        settings.COMPLETION_DAYS = 1

        with clock.moved(2 * DAY):
            assert complete_due(clock.now()) == (0, 0)

        assert shipment.completes_at == shipment.delivered_at + 3 * DAY

    def test_a_delivery_without_a_pin_may_be_looked_over_for_twice_as_long(self, order, seller, walk, bypass):
        shipment = walk(order.shipments.get(seller=seller), *TO_DELIVERED[:2])

        bypass(shipment)

        row = Shipment.objects.get(pk=shipment.pk)
        assert timedelta() <= row.delivered_at - (row.completes_at - 6 * DAY) < timedelta(seconds=5)

    def test_a_store_may_give_no_time_at_all(self, order, seller, walk, settings):
        settings.COMPLETION_DAYS = 0
        shipment = walk(order.shipments.get(seller=seller), *TO_DELIVERED)

        assert complete_due(clock.now()) == (1, 0)

        assert wallet_of(seller.pk).balance == 1_971
        assert Shipment.objects.get(pk=shipment.pk).completes_at >= shipment.delivered_at

    def test_nor_twice_none_where_no_pin_was_given(self, order, seller, walk, bypass, settings):
        settings.COMPLETION_DAYS = 0
        shipment = walk(order.shipments.get(seller=seller), *TO_DELIVERED[:2])

        bypass(shipment)

        row = Shipment.objects.get(pk=shipment.pk)
        assert row.completes_at == row.delivered_at

    def test_if_paying_fails_nothing_of_it_happened(self, shipment, buyer, monkeypatch):
        def fail(**given):
            raise RuntimeError("no money today")

        monkeypatch.setattr(settlement, "pay_seller", fail)

        with pytest.raises(RuntimeError):
            complete_shipment(shipment_id=shipment.pk, actor=buyer)

        assert nothing_moved(shipment)
        assert Order.objects.get().status == OrderStatus.PROCESSING


class TestTheSweep:
    def test_pays_what_is_due_and_nothing_else_and_does_it_once(
        self, order, shipment, seller, other_seller, walk
    ):
        with clock.moved(DAY):
            walk(order.shipments.get(seller=other_seller), *TO_DELIVERED)

        with clock.moved(3 * DAY):
            assert complete_due(clock.now()) == (1, 0)
            assert complete_due(clock.now()) == (0, 0)
            assert (wallet_of(seller.pk).balance, wallet_of(other_seller.pk).balance) == (1_971, 0)
        with clock.moved(4 * DAY):
            assert complete_due(clock.now()) == (1, 0)

        assert wallet_of(other_seller.pk).balance == 3_900
        assert Order.objects.get().status == OrderStatus.COMPLETED

    def test_does_not_believe_a_now_that_has_not_come(self, shipment):
        assert complete_due(clock.now() + 30 * DAY) == (0, 0)

        assert nothing_moved(shipment)

    def test_looks_again_under_the_lock(self, shipment, buyer):
        """As a runner whose list is older than what somebody has done since."""
        with clock.moved(3 * DAY - timedelta(minutes=1)):
            assert settlement._complete_if_due(shipment.pk) is False
        with clock.moved(3 * DAY):
            freeze(shipment, 1)
            assert settlement._complete_if_due(shipment.pk) is False
            assert nothing_moved(shipment)
            freeze(shipment, 0)
            complete_shipment(shipment_id=shipment.pk, actor=buyer)
            assert settlement._complete_if_due(shipment.pk) is False

        assert Settlement.objects.get().actor == buyer

    def test_leaves_one_that_fails_and_pays_the_others(
        self, order, shipment, seller, other_seller, walk, monkeypatch
    ):
        walk(order.shipments.get(seller=other_seller), *TO_DELIVERED)
        pay = settlement.pay_seller

        def fail_for_sam(**given):
            if seller.pk == given["seller_id"]:
                raise RuntimeError("poison")
            return pay(**given)

        monkeypatch.setattr(settlement, "pay_seller", fail_for_sam)
        with clock.moved(3 * DAY + timedelta(minutes=1)):
            assert complete_due(clock.now()) == (1, 1)
            assert complete_due(clock.now()) == (0, 0)  # it rests
        assert (wallet_of(seller.pk).balance, wallet_of(other_seller.pk).balance) == (0, 3_900)
        [trouble] = SweepTrouble.objects.all()
        assert (trouble.sweep, trouble.object_id, trouble.errors) == ("complete_due", shipment.pk, 1)

        monkeypatch.setattr(settlement, "pay_seller", pay)
        with clock.moved(3 * DAY + timedelta(minutes=3)):
            assert complete_due(clock.now()) == (1, 0)
        assert wallet_of(seller.pk).balance == 1_971
        assert not SweepTrouble.objects.exists()


def test_who_works_here_now_is_not_paid_by_their_own_word(shipment, seller, superadmin):
    User.objects.filter(pk=seller.pk).update(role=Role.ADMIN)

    with pytest.raises(PermissionDenied):
        complete_shipment(
            shipment_id=shipment.pk, actor=User.objects.get(pk=seller.pk), reason="The buyer has it"
        )

    assert nothing_moved(shipment)
