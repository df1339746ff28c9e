"""Many at once on one product: its last pieces, its stock, its prices, its sizes."""

import time
from contextlib import nullcontext, suppress
from threading import Barrier, BrokenBarrierError, Event

import pytest
from django.db import IntegrityError, connection

from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import Invalid, StaleState
from marketplace.common.transactions import service
from marketplace.products import locking, services
from marketplace.products.errors import OutOfStock
from marketplace.products.models import Product, Variant
from marketplace.products.services import NewVariant, listings, stock, variants

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

RIVALS = 16


@pytest.fixture
def shirt(make_product):
    """`shirt(S=1, M=5)`: so many pieces of each size."""

    def make(**pieces):
        return make_product(
            title="Shirt",
            options=[("Size", list(pieces))],
            variants=[NewVariant(1000, number, (size,)) for size, number in pieces.items()],
        )

    return make


@pytest.fixture
def needs_row_locks(locks_rows):
    if not locks_rows:
        pytest.skip("SQLite's BEGIN IMMEDIATE locks everything")


@service
def sell(variant_id, cause, *, meanwhile=lambda: None):
    """One piece is sold; `meanwhile` is called once it is taken off, before COMMIT."""
    variants = services.lock_variants([variant_id])
    if not variants[variant_id].stock:
        raise OutOfStock("sold out", left={variant_id: 0})
    services.take_stock(variants=variants, quantities={variant_id: 1}, cause=cause)
    meanwhile()


def refusals(results):
    return [result for result in results if isinstance(result, Exception)]


class TestTheLastPieceOfAVariant:
    def test_is_sold_once_and_the_other_size_stays(self, shirt, variant_of, stock_of, race, books_balance):
        made = shirt(S=1, M=5)
        small = variant_of(made, "S").pk

        results = race(lambda rival: sell(small, f"order:{rival}"), range(RIVALS))

        assert [type(error) for error in refusals(results)] == [OutOfStock] * (RIVALS - 1)
        assert (stock_of(made, "S"), stock_of(made, "M")) == (0, 5)
        assert Product.objects.get().in_stock

    @pytest.mark.breaks_books
    def test_control_without_the_lock_many_believe_that_they_have_it(
        self, shirt, variant_of, race, needs_row_locks, without_locks
    ):
        small = variant_of(shirt(S=1, M=5), "S").pk
        without_locks(RIVALS)

        @service
        def sell_what_was_read(rival):
            left = services.lock_variants([small])[small].stock
            if not left:
                raise OutOfStock("sold out", left={small: 0})
            Variant.objects.filter(pk=small).update(stock=left - 1)

        assert len(refusals(race(sell_what_was_read, range(RIVALS)))) < RIVALS - 1


class TestTwoSizesThatSellOutAtTheSameMoment:
    """Each sale has taken its piece off before either says what the card shows."""

    def sell_both(self, made, variant_of, race, monkeypatch):
        both_are_taken, say = Barrier(2), stock._came_or_went

        def wait_then_say(product_ids):
            with suppress(BrokenBarrierError):
                both_are_taken.wait(timeout=20)
            say(product_ids)

        monkeypatch.setattr(stock, "_came_or_went", wait_then_say)
        return race(lambda size: sell(variant_of(made, size).pk, f"order:{size}"), ["S", "M"])

    def test_leave_a_product_that_is_sold_out(
        self, shirt, variant_of, race, needs_row_locks, monkeypatch, books_balance
    ):
        made = shirt(S=1, M=1)

        assert self.sell_both(made, variant_of, race, monkeypatch) == [None, None]

        assert not Product.objects.get().in_stock

    @pytest.mark.breaks_books
    def test_control_without_the_products_lock_the_card_says_that_there_is_one(
        self, shirt, variant_of, race, needs_row_locks, monkeypatch
    ):
        made = shirt(S=1, M=1)
        both_have_read, write = Barrier(2), stock.summarise

        def wait_then_write(products):
            with suppress(BrokenBarrierError):
                both_have_read.wait(timeout=20)
            write(products)

        monkeypatch.setattr(stock, "lock_all", list)
        monkeypatch.setattr(stock, "summarise", wait_then_write)

        self.sell_both(made, variant_of, race, monkeypatch)

        assert Product.objects.get().in_stock


class TestPlusFiveAgainstASale:
    def test_both_count(self, shirt, variant_of, stock_of, race, books_balance):
        made = shirt(S=3)
        small = variant_of(made, "S").pk
        actions = [lambda: services.change_stock(variant_id=small, change=5, actor=SYSTEM)]
        actions += [lambda number=number: sell(small, f"order:{number}") for number in range(3)]

        assert refusals(race(lambda action: action(), actions)) == []

        assert stock_of(made, "S") == 5

    @pytest.mark.breaks_books
    def test_control_without_the_lock_a_sale_is_lost(
        self, shirt, variant_of, stock_of, race, needs_row_locks, without_locks, monkeypatch
    ):
        made = shirt(S=3)
        small = variant_of(made, "S").pk
        has_read, is_sold, check = Event(), Event(), stock.check_stock

        def wait_then_check(number):
            has_read.set()
            is_sold.wait(timeout=10)
            return check(number)

        without_locks()
        monkeypatch.setattr(stock, "check_stock", wait_then_check)

        def sell_meanwhile():
            has_read.wait(timeout=10)
            sell(small, "order:1")
            is_sold.set()

        actions = [lambda: services.change_stock(variant_id=small, change=5, actor=SYSTEM), sell_meanwhile]
        race(lambda action: action(), actions)

        assert stock_of(made, "S") == 8

    def test_a_count_is_refused_or_comes_first(self, shirt, variant_of, stock_of, race, books_balance):
        made = shirt(S=3)
        small = variant_of(made, "S").pk

        counted, sold = race(
            lambda action: action(),
            [
                lambda: services.count_stock(variant_id=small, counted=7, expected=3, actor=SYSTEM),
                lambda: sell(small, "order:1"),
            ],
        )

        assert sold is None
        assert stock_of(made, "S") == (2 if isinstance(counted, StaleState) else 6)


class TestTwoSizesOfOneShirt:
    def test_do_not_wait_for_each_other(self, shirt, variant_of, race, needs_row_locks, books_balance):
        """The second sale goes through while the first one's transaction is still open."""
        made = shirt(S=5, M=5)
        small, middle = variant_of(made, "S").pk, variant_of(made, "M").pk
        is_taken, other_is_sold = Event(), Event()

        def slowly():
            def wait():
                is_taken.set()
                assert other_is_sold.wait(timeout=10), "the other size waited for this one"

            sell(small, "order:1", meanwhile=wait)

        def quickly():
            is_taken.wait(timeout=10)
            sell(middle, "order:2")
            other_is_sold.set()

        assert race(lambda action: action(), [slowly, quickly]) == [None, None]


class TestAPriceThatChangesWhileASizeIsAdded:
    """Whoever waited for the variants sees the one that was added meanwhile: the card tells of it, too."""

    def change_both(self, shirt, variant_of, race):
        made = shirt(M=5)
        middle = variant_of(made, "M")
        is_added = Event()

        @service
        def add_a_cheaper_one():
            services.set_variants(
                product_id=made.pk,
                options=[("Size", ["M", "XL"])],
                variants=[
                    NewVariant(1000, values=("M",), sku=middle.sku, pk=middle.pk),
                    NewVariant(300, 2, ("XL",)),
                ],
                actor=SYSTEM,
            )
            is_added.set()
            time.sleep(0.7)

        def change_price():
            is_added.wait(timeout=10)
            services.change_price(variant_id=middle.pk, price=900, actor=SYSTEM)

        assert refusals(race(lambda action: action(), [add_a_cheaper_one, change_price])) == []
        return Product.objects.get()

    def test_is_the_cheapest_on_the_card(self, shirt, variant_of, race, books_balance, needs_row_locks):
        product = self.change_both(shirt, variant_of, race)

        assert (product.current_price, product.price_to) == (300, 900)

    @pytest.mark.breaks_books
    def test_control_without_a_second_look_the_card_forgets_it(
        self, shirt, variant_of, race, needs_row_locks, monkeypatch
    ):
        if connection.vendor == "mysql":
            pytest.skip("MariaDB's locking read sees what was committed while it waited")
        lock = locking.lock_all
        monkeypatch.setattr(locking, "lock_all", lambda rows, **how: lock(rows))

        product = self.change_both(shirt, variant_of, race)

        assert product.current_price == 900


class TestTwoListingsWithOneSku:
    def list_both(self, seller, category, race, monkeypatch):
        """Both have seen that nobody uses it."""
        together, look = Barrier(2), variants.require_free_skus

        def look_together(*given, **named):
            look(*given, **named)
            with suppress(BrokenBarrierError):
                together.wait(timeout=20)

        monkeypatch.setattr(listings, "require_free_skus", look_together)

        def make(number):
            return services.create_product(
                seller_id=seller.pk,
                category_id=category.pk,
                brand_id=None,
                title=f"Lamp {number}",
                description="",
                price=1000,
                sku="L-1",
                actor=seller,
            )

        return race(make, range(2))

    def test_are_one_and_the_other_is_refused_by_its_field(
        self, seller, category, race, monkeypatch, books_balance
    ):
        results = self.list_both(seller, category, race, monkeypatch)

        (refused,) = refusals(results)
        assert isinstance(refused, Invalid)
        assert refused.field == "sku"
        assert Product.objects.count() == Variant.objects.filter(sku="L-1").count() == 1

    def test_control_without_the_sentence_it_is_a_bug(
        self, seller, category, race, monkeypatch, needs_row_locks
    ):
        monkeypatch.setattr(variants, "_refused_where_a_sku_is_taken", nullcontext)

        (refused,) = refusals(self.list_both(seller, category, race, monkeypatch))

        assert isinstance(refused, IntegrityError)
