"""The reserve: a part of what a seller is paid stays held for some days; only one service takes from it."""

from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.common import clock
from marketplace.common.errors import Invalid, KeyReused, StaleState
from marketplace.common.models import SweepTrouble
from marketplace.delivery.services import complete_shipment
from marketplace.notifications.models import Notification
from marketplace.orders.states import ShipmentStatus as S
from marketplace.payouts.errors import NotEarned
from marketplace.payouts.selectors import earned
from marketplace.wallet.errors import HoldNotOpen
from marketplace.wallet.models import Hold, Reserve, ReserveChange, StoreWallet, Transaction, Wallet
from marketplace.wallet.reserves import reserved, reserves_of, terms_for
from marketplace.wallet.selectors import WalletView, wallet_of
from marketplace.wallet.services import change_reserve, holds, release_reserves, reserves, take_from_reserve
from marketplace.wallet.shown import mark_of_reserve

pytestmark = pytest.mark.usefixtures("books_balance")
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def house_rules(settings):
    settings.COMMISSION_BPS = 250
    settings.RESERVE_BPS, settings.RESERVE_DAYS = 1_000, 30


@pytest.fixture
def sell(buyer, seller, goods, fund, fill_cart, check_out, walk):
    """`sell(2_022)`: a parcel of the seller's of so much, delivered and completed."""

    def run(price=2_022):
        fund(buyer, price)
        fill_cart(buyer, {goods(seller, price=price): 1})
        shipment = walk(check_out(buyer).shipments.get(), S.PROCESSING, S.SHIPPED, S.DELIVERED)
        return complete_shipment(shipment_id=shipment.pk, actor=buyer)

    return run


@pytest.fixture
def sold(sell):
    """A lamp of 20.22: 0.51 is the fee, 19.71 the seller's, of which 1.97 stay held."""
    return sell()


def take(shipment, amount, key="dispute:1", payee=None):
    return take_from_reserve(
        owner_id=shipment.seller_id, payee_id=payee and payee.pk, amount=amount, key=key, subject=shipment
    )


class TestHoldingBack:
    def test_a_part_of_what_is_paid_stays_held_until_its_day(self, sold, seller):
        assert wallet_of(seller.pk) == WalletView(1_774, 197)
        [reserve] = reserves_of(seller.pk)
        assert (reserve.hold.amount, reserve.hold.subject) == (197, sold)
        assert reserve.releases_at == reserve.hold.created_at + 30 * DAY
        assert reserved(seller.pk) == 197

        assert release_reserves(clock.now() + 29 * DAY).done == 0
        for _round in range(2):
            release_reserves(clock.now() + 31 * DAY)

        assert wallet_of(seller.pk) == WalletView(1_971)
        assert Transaction.objects.filter(key__endswith=":reserve:released").count() == 1

    def test_nothing_of_it_is_paid_out(self, sold, seller, payouts):
        assert earned(seller.pk).available == 1_774
        payouts.give_account(seller)

        with pytest.raises(NotEarned):
            payouts.ask(seller, 1_775)
        payouts.ask(seller, 1_774)
        release_reserves(clock.now() + 31 * DAY)

        assert earned(seller.pk).available == 197

    @pytest.mark.parametrize(("price", "bps", "held"), [(5, 1_000, 1), (4, 1_000, 0), (2_022, 10_000, 1_971)])
    def test_it_is_rounded_half_up_and_may_be_all_or_nothing(self, sell, seller, settings, price, bps, held):
        settings.RESERVE_BPS = bps

        sell(price)

        assert wallet_of(seller.pk).held_balance == held
        assert Reserve.objects.count() == bool(held)

    def test_where_nothing_is_kept_it_costs_no_statement(self, sell, settings):
        def statements():
            with CaptureQueriesContext(connection) as asked:
                sell()
            return [query["sql"] for query in asked]

        statements()  # the process knows its content types
        with_reserve = statements()
        settings.RESERVE_BPS = 0
        without = statements()

        assert not [sql for sql in without if "wallet_reserve" in sql.split(" WHERE ")[0].split(" SET ")[0]]
        assert len(with_reserve) - len(without) == 4  # the hold, its row of the ledger, the balance, its day

    def test_a_store_that_keeps_nothing_pays_as_before(self, sell, seller, settings):
        settings.RESERVE_BPS = 0

        sell()

        assert wallet_of(seller.pk) == WalletView(1_971)
        assert (Reserve.objects.count(), Transaction.objects.filter(wallet__owner=seller).count()) == (0, 1)

    def test_the_same_again_keeps_no_second_part(self, sold, seller):
        with pytest.raises(HoldNotOpen):
            reserves.pay_seller(
                open_key=sold.hold_key, seller_id=seller.pk, amount=1, fee=0, key="other", subject=sold
            )

        reserves.pay_seller(
            open_key=sold.hold_key,
            seller_id=seller.pk,
            amount=1_971,
            fee=51,
            key=f"{sold.hold_key}:completed",
            subject=sold,
        )

        assert wallet_of(seller.pk) == WalletView(1_774, 197)


class TestTakingFromIt:
    def test_a_buyer_gets_of_it_what_they_are_owed(self, sold, seller, buyer):
        assert take(sold, 150, payee=buyer) == 150

        assert (wallet_of(seller.pk), wallet_of(buyer.pk)) == (WalletView(1_774, 47), WalletView(150))
        release_reserves(clock.now() + 31 * DAY)
        assert wallet_of(seller.pk) == WalletView(1_821)
        assert earned(buyer.pk).available == 0

    def test_the_oldest_goes_first_and_no_more_than_there_is(self, sold, sell, seller, buyer):
        sell()

        assert take(sold, 1_000, payee=buyer) == 394

        assert wallet_of(seller.pk) == WalletView(3_548)
        assert set(Hold.objects.filter(kind="reserve").values_list("status", flat=True)) == {"captured"}
        assert take(sold, 10, key="another", payee=buyer) == 0

    def test_the_first_of_two_is_taken_from_first(self, sold, sell, seller):
        sell()
        first, second = Hold.objects.filter(kind="reserve").order_by("pk")

        take(sold, 100)

        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.outstanding, second.outstanding) == (97, 197)

    def test_the_store_gets_what_it_has_paid_already(self, sold):
        fees = Transaction.objects.filter(wallet__code=StoreWallet.FEES)
        take(sold, 100)

        assert fees.latest("pk").balance_delta == 100

    def test_the_same_again_takes_nothing_more(self, sold, seller, buyer):
        for _time in range(2):
            assert take(sold, 150, payee=buyer) == 150
        with pytest.raises(KeyReused):
            take(sold, 100, payee=buyer)
        with pytest.raises(KeyReused):
            take(sold, 150, payee=seller)

        assert wallet_of(buyer.pk) == WalletView(150)

    def test_what_is_taken_is_something(self, sold):
        with pytest.raises(ValueError):
            take(sold, 0)


class TestAnAdminSetsIt:
    def change(self, seller, actor, bps=2_000, days=60, reason="Many returns", **more):
        return change_reserve(owner_id=seller.pk, bps=bps, days=days, reason=reason, actor=actor, **more)

    def test_for_one_seller_from_now_on(self, sold, sell, seller, admin):
        self.change(seller, admin)
        sell()

        assert terms_for(seller.pk) == reserves.terms_of(Wallet.objects.get(owner=seller))
        first, second = reserves_of(seller.pk)
        assert (first.hold.amount, second.hold.amount) == (197, 394)
        assert second.releases_at == second.hold.created_at + 60 * DAY
        change = ReserveChange.objects.get()
        assert (change.bps, change.days, change.actor, change.reason) == (2_000, 60, admin, "Many returns")
        notice = Notification.objects.get(kind="reserve_changed")
        assert (notice.recipient, notice.extra_data["bps"]) == (seller, 2_000)

    def test_and_gives_it_back_to_the_stores_rule(self, seller, admin):
        self.change(seller, admin)
        self.change(seller, admin, bps=None, days=None, reason="All is well")

        assert (terms_for(seller.pk).bps, terms_for(seller.pk).is_own) == (1_000, False)

    def test_nothing_for_one_whom_we_trust(self, sell, seller, admin):
        self.change(seller, admin, bps=0, days=1)

        sell()

        assert wallet_of(seller.pk) == WalletView(1_971)

    def test_the_same_again_changes_nothing(self, seller, admin):
        for _time in range(2):
            self.change(seller, admin)

        assert ReserveChange.objects.count() == Notification.objects.filter(recipient=seller).count() == 1

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"bps": 10_001}, "bps"),
            ({"bps": -1}, "bps"),
            ({"bps": None}, "bps"),
            ({"days": None}, "days"),
            ({"days": 0}, "days"),
            ({"days": 366}, "days"),
        ],
    )
    def test_what_cannot_be_is_refused(self, seller, admin, typed, field):
        with pytest.raises(Invalid) as refusal:
            self.change(seller, admin, **typed)

        assert (refusal.value.field, ReserveChange.objects.count()) == (field, 0)

    def test_a_form_of_before_is_stale(self, seller, admin):
        before = mark_of_reserve(None)
        self.change(seller, admin, expected=before)

        with pytest.raises(StaleState):
            self.change(seller, admin, bps=100, expected=before)

        assert terms_for(seller.pk).bps == 2_000

    @pytest.mark.parametrize("who", ["buyer", "seller", "courier"])
    def test_nobody_else_does(self, request, seller, who):
        with pytest.raises(PermissionDenied):
            self.change(seller, request.getfixturevalue(who))

        assert not ReserveChange.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_what_was_taken_at_that_moment_is_no_trouble_for_the_clock(sold, buyer, monkeypatch):
    """Between the clock's look and its lock somebody takes all of it."""
    lock = reserves.lock_wallets

    def take_first(**people):
        monkeypatch.setattr(reserves, "lock_wallets", lock)
        take(sold, 197, payee=buyer)
        return lock(**people)

    monkeypatch.setattr(reserves, "lock_wallets", take_first)

    assert release_reserves(clock.now() + 31 * DAY) == (0, 0)

    assert not SweepTrouble.objects.exists()
    assert wallet_of(buyer.pk).balance == 197


class TestReleasedAndTakenAtOnce:
    @pytest.fixture
    def both(self, sold, buyer, race):
        later = clock.now() + 31 * DAY

        def run():
            return race(
                lambda act: act(),
                [lambda: release_reserves(later).done, lambda: take(sold, 197, payee=buyer)],
            )

        return run

    def test_one_of_them_gets_it(self, both, seller, buyer):
        both()

        seller_has, buyer_has = wallet_of(seller.pk), wallet_of(buyer.pk)
        assert seller_has.held_balance == 0
        assert (seller_has.balance, buyer_has.balance) in ((1_971, 0), (1_774, 197))

    @pytest.mark.breaks_books
    def test_control_without_the_lock_both_set_out(self, both, locks_rows, without_locks, monkeypatch):
        if not locks_rows:
            pytest.skip("SQLite locks the whole database")
        without_locks()
        seen, reduce, both_set_out = [], holds._reduce, Barrier(2)

        def note(hold, **parts):
            seen.append(hold.pk)
            with suppress(BrokenBarrierError):
                both_set_out.wait(timeout=8)
            reduce(hold, **parts)

        monkeypatch.setattr(holds, "_reduce", note)
        monkeypatch.setattr(reserves, "_reduce", note)

        both()

        assert len(seen) == 2
