"""A listing is bought while an admin confirms what it shall say: the line names what it said at that moment."""

from threading import Event

import pytest

from marketplace.common.idempotency import new_form_key
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.models import Order, ShipmentLine
from marketplace.orders.selectors import cart_view
from marketplace.orders.services import checkout, place_order
from marketplace.products.models import ListingVersion
from marketplace.products.services import keeping

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def form(shirt, buyer, fund, fill_cart, variant_of):
    """What the checkout page of somebody with a shirt in the cart would send."""
    fund(buyer, 100_000)
    fill_cart(buyer, {variant_of(shirt, "M"): 1})
    view = cart_view(CartRef(user_id=buyer.pk))
    return {
        "actor": buyer,
        "form_key": new_form_key(user_id=buyer.pk, action="checkout"),
        "seen_total": view.total,
        "seen_lines": view.seen_lines,
    }


@pytest.fixture
def needs_row_locks(locks_rows):
    if not locks_rows:
        pytest.skip("SQLite's BEGIN IMMEDIATE locks everything")


@pytest.fixture
def submission(shirt, hand_in_edit):
    return hand_in_edit(shirt, title="Linen shirt")


class TestABuyerWhoHasReadTheListingBeforeItIsConfirmed:
    def buy_and_confirm(self, form, submission, decide_edit, race, monkeypatch, *, patience=1):
        """The admin decides once the buyer's checkout has the goods; that goes on when the admin is through, or
        `patience` seconds later."""
        has_read, is_confirmed, prices = Event(), Event(), checkout.current_prices

        def wait_then_price(variants, now):
            has_read.set()
            is_confirmed.wait(timeout=patience)
            return prices(variants, now)

        def confirm():
            has_read.wait(timeout=10)
            decide_edit(submission)
            is_confirmed.set()

        monkeypatch.setattr(checkout, "current_prices", wait_then_price)
        results = race(lambda action: action(), [lambda: place_order(**form), confirm])
        assert not [result for result in results if isinstance(result, Exception)]
        return ShipmentLine.objects.get(), ListingVersion.objects.get()

    def test_has_bought_before_it_said_something_else(
        self, form, submission, decide_edit, race, monkeypatch, books_balance
    ):
        line, version = self.buy_and_confirm(form, submission, decide_edit, race, monkeypatch)

        assert (line.listing_number, line.title) == (1, "Shirt")
        assert Order.objects.get().placed_at <= version.until

    @pytest.mark.breaks_books
    def test_control_without_locks_the_order_is_younger_than_what_it_names(
        self, form, submission, decide_edit, race, monkeypatch, needs_row_locks, without_locks
    ):
        without_locks()

        line, version = self.buy_and_confirm(form, submission, decide_edit, race, monkeypatch, patience=20)

        assert (line.listing_number, line.title) == (1, "Shirt")
        assert Order.objects.get().placed_at > version.until


def test_a_buyer_who_comes_while_it_is_confirmed_buys_what_it_says_then(
    form, submission, decide_edit, race, monkeypatch, needs_row_locks, books_balance
):
    has_locked, keep = Event(), keeping.version_rows

    def keep_slowly(product, content):
        has_locked.set()
        Event().wait(timeout=0.7)
        return keep(product, content)

    def buy():
        has_locked.wait(timeout=10)
        return place_order(**form)

    monkeypatch.setattr(keeping, "version_rows", keep_slowly)
    race(lambda action: action(), [lambda: decide_edit(submission), buy])

    line = ShipmentLine.objects.get()
    assert (line.listing_number, line.title) == (2, "Linen shirt")
