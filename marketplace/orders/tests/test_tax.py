"""Tax is frozen with an order, follows what its lines cost, and is shown where it is known."""

from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.accounts.shops import set_small_business
from marketplace.common.authorisation import SYSTEM
from marketplace.common.idempotency import new_form_key
from marketplace.common.tax import tax_within
from marketplace.delivery.services import cancel_line
from marketplace.orders import receipts
from marketplace.orders.models import Shipment
from marketplace.orders.selectors import order_view, tax_of_sales
from marketplace.orders.states import ShipmentStatus
from marketplace.orders.taxes import TaxSum, tax_sums
from marketplace.products.selectors import category_tree
from marketplace.products.services import move_category, set_tax_class
from marketplace.rates.services import Rates, publish_rates

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_balance"), pytest.mark.every_database]

GERMANY = {"DE": {"standard": 1900, "reduced": 700}}
CODES = count(1)
S = ShipmentStatus
TO_COMPLETED = (S.PROCESSING, S.SHIPPED, S.DELIVERED, S.COMPLETED)


@pytest.fixture(autouse=True)
def germany(settings):
    settings.TAX_RATES, settings.STORE_COUNTRIES = GERMANY, ["DE"]


@pytest.fixture
def shelves(make_category):
    """Food (reduced) with Bread in it, and Things."""
    food = make_category("Food")
    set_tax_class(category_id=food.pk, tax_class="reduced", actor=SYSTEM)
    return {
        "food": food,
        "bread": make_category("Bread", parent=food),
        "things": make_category("Gadgets"),
    }


@pytest.fixture
def sold(buyer, seller, goods, fund, fill_cart, check_out, shelves, coupons):
    """`sold(("bread", 333, 3), ("things", 1999, 1))`: a shipment of lines of so many pieces at that price.

    `percent_bps` is what a coupon takes off.
    """
    fund(buyer, 10_000_000)

    def run(*lines: tuple[str, int, int], percent_bps: int = 0) -> Shipment:
        wanted = {
            goods(seller, category=shelves[shelf], price=price, stock=99, title=f"Thing {place}"): quantity
            for place, (shelf, price, quantity) in enumerate(lines)
        }
        fill_cart(buyer, wanted)
        if percent_bps:
            coupons.apply(buyer, coupons.make(seller, f"OFF{next(CODES)}", percent_bps=percent_bps))
        return check_out(buyer).shipments.select_related("order").get()

    return run


def taxes(shipment):
    """The rate and the tax of each line."""
    return list(shipment.lines.order_by("pk").values_list("tax_rate", "tax"))


def by_rate(shipment):
    shipment = Shipment.objects.get(pk=shipment.pk)
    return tax_sums(shipment, shipment.lines.all())


def cancel(line, quantity, actor):
    key = new_form_key(user_id=actor.pk, action="cancel_line", subject=line.pk)
    cancel_line(line_id=line.pk, quantity=quantity, actor=actor, form_key=key, reason="Broken")


def test_each_line_has_the_rate_of_its_shelf_and_its_share(sold):
    shipment = sold(("bread", 333, 3), ("food", 100, 1), ("things", 1_999, 1))

    assert taxes(shipment) == [(700, 65), (700, 7), (1900, 319)]
    assert by_rate(shipment) == [TaxSum(1900, 1_999, 319), TaxSum(700, 1_099, 72)]


def test_a_coupon_is_taken_off_before_the_tax_of_each_rate(sold, seller, walk):
    """10.99 and 19.99 less a tenth: what is taxed is what was paid, and what a month's statement adds up."""
    shipment = sold(("bread", 1_099, 1), ("things", 1_999, 1), percent_bps=1_000)
    paid = [line.total for line in shipment.lines.order_by("pk")]
    assert sum(paid) == 3_098 - 310  # half up

    expected = [
        TaxSum(1900, paid[1], tax_within(paid[1], 1900)),
        TaxSum(700, paid[0], tax_within(paid[0], 700)),
    ]
    assert by_rate(shipment) == expected
    done = walk(shipment, *TO_COMPLETED)
    assert tax_of_sales(seller.pk, done.placed_at, done.completed_at.replace(year=2100)).sums == expected


def test_a_shelf_that_moves_and_one_with_a_class_of_its_own(sold, shelves):
    set_tax_class(category_id=shelves["bread"].pk, tax_class="none", actor=SYSTEM)
    move_category(category_id=shelves["things"].pk, parent_id=shelves["food"].pk, actor=SYSTEM)

    assert taxes(sold(("bread", 1_000, 1), ("things", 1_000, 1))) == [(0, 0), (700, 65)]


def test_what_is_said_later_changes_no_order(sold, shelves, settings, seller):
    shipment = sold(("bread", 1_000, 2), ("things", 1_000, 2))
    before = taxes(shipment)

    settings.TAX_RATES = {"DE": {"standard": 5000}}
    set_tax_class(category_id=shelves["food"].pk, tax_class="none", actor=SYSTEM)
    set_small_business(user_id=seller.pk, is_small_business=True, actor=seller)
    assert taxes(shipment) == before

    cancel(shipment.lines.first(), 1, seller)
    assert taxes(shipment) == [(700, 65), (1900, 319)]


def test_a_small_business_charges_none_on_its_goods_and_the_delivery_has_its_own(sold, seller, admin):
    publish_rates(rates=Rates(base=590), actor=admin, expected_version=0)
    set_small_business(user_id=seller.pk, is_small_business=True, actor=seller)

    shipment = sold(("bread", 1_000, 1), ("things", 1_000, 1))

    assert shipment.is_small_business
    assert taxes(shipment) == [(None, 0), (None, 0)]
    assert by_rate(shipment) == [TaxSum(1900, 590, 94)]


def test_a_store_without_rates_knows_of_no_tax(sold, settings, seller):
    settings.TAX_RATES = {}
    set_small_business(user_id=seller.pk, is_small_business=True, actor=seller)

    shipment = sold(("bread", 1_000, 2))
    cancel(shipment.lines.get(), 1, seller)

    assert taxes(shipment) == [(None, 0)]
    assert not shipment.is_small_business
    assert by_rate(shipment) == []


@pytest.mark.parametrize(
    ("how", "left"), [("cancelled", 0), ("part", 1_000), ("returned", 0), ("kept", 2_000)]
)
@pytest.mark.parametrize("percent_bps", [0, 1_000], ids=["no coupon", "coupon"])
@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
def test_the_table_of_ends(sold, seller, walk, settings, currency, percent_bps, how, left):
    """Whatever becomes of a shipment, its tax is that of what it costs, less the coupon."""
    settings.STORE_CURRENCY = currency
    shipment = sold(("things", 1_000, 2), percent_bps=percent_bps)
    left -= left * percent_bps // 10_000
    match how:
        case "cancelled":
            walk(shipment, S.CANCELLED)
        case "part":
            cancel(shipment.lines.get(), 1, seller)
        case "returned":
            walk(shipment, S.PROCESSING, S.SHIPPED, S.RETURNING, S.RETURNED)
        case "kept":
            walk(shipment, *TO_COMPLETED)

    assert taxes(shipment) == [(1900, tax_within(left, 1900))]
    assert by_rate(shipment) == ([TaxSum(1900, left, tax_within(left, 1900))] if left else [])


CANCELS = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 5)), max_size=5)
LINES = st.lists(
    st.tuples(st.sampled_from(["bread", "things"]), st.integers(1, 2_000), st.integers(1, 5)),
    min_size=1,
    max_size=4,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(
    lines=LINES,
    percent_bps=st.sampled_from([0, 1_000, 3_333]),
    cancels=CANCELS,
)
def test_sums_by_rate_are_the_total_at_any_quantities_and_cancels(sold, seller, lines, percent_bps, cancels):
    costs = sum(price * quantity for _shelf, price, quantity in lines)
    shipment = sold(*lines, percent_bps=percent_bps if costs > 100 else 0)
    for place, quantity in [(0, 0), *cancels]:
        line = shipment.lines.order_by("pk")[place % len(lines)]
        if quantity and line.kept_quantity:
            cancel(line, min(quantity, line.kept_quantity), seller)
        now = Shipment.objects.get(pk=shipment.pk)
        sums = by_rate(now)
        assert sum(one.gross for one in sums) == now.goods_total
        for one in sums:
            assert one.tax == tax_within(one.gross, one.rate)
            of_rate = shipment.lines.filter(tax_rate=one.rate)
            assert one.tax == sum(of_rate.values_list("tax", flat=True))
        if not now.goods_total:
            break


def test_a_sellers_months_count_what_was_completed_in_them(sold, seller, walk):
    done = walk(sold(("bread", 333, 3), ("things", 1_999, 1)), *TO_COMPLETED)
    sold(("things", 5_000, 1))
    begins, ends = done.placed_at.replace(hour=0, minute=0), done.completed_at.replace(year=2100)

    found = tax_of_sales(seller.pk, begins, ends)

    assert found.sums == [TaxSum(1900, 1_999, 319), TaxSum(700, 999, 65)]
    assert not found.as_small_business
    assert not tax_of_sales(seller.pk, ends, ends.replace(year=2101)).is_shown
    assert not tax_of_sales(done.order.buyer_id, begins, ends).is_shown
    assert tax_of_sales(seller.pk, begins, done.completed_at).sums == []


@pytest.fixture
def words(monkeypatch):
    """`words(order)`: the lines of its receipt outside of tables, and those of its tables of tax."""

    def run(order):
        said, rows = [], []
        plain = receipts._line
        monkeypatch.setattr(
            receipts, "_line", lambda pdf, text, **how: (said.append(text), plain(pdf, text, **how))
        )
        table = receipts.format_percent
        monkeypatch.setattr(receipts, "format_percent", lambda rate: (rows.append(rate), table(rate))[1])
        assert receipts.draw(order_view(order)).startswith(b"%PDF")
        monkeypatch.undo()
        return "\n".join(said), rows

    return run


NONE_STATED = "Tax: the seller has stated none"
SMALL = "The seller is a small business and charges no tax on the goods."


def test_a_receipt_shows_tax_by_rate(sold, words):
    text, rates = words(sold(("bread", 333, 3), ("things", 1_999, 1)).order)

    assert rates == [1900, 700]
    assert NONE_STATED not in text
    assert SMALL not in text


def test_a_small_businesss_receipt_says_why_there_is_none(sold, words, seller):
    set_small_business(user_id=seller.pk, is_small_business=True, actor=seller)

    text, rates = words(sold(("bread", 333, 3)).order)

    assert rates == []
    assert SMALL in text
    assert NONE_STATED not in text


def test_a_receipt_of_before_looks_as_before(sold, words, settings):
    settings.TAX_RATES = {}
    order = sold(("bread", 333, 3)).order
    settings.TAX_RATES = GERMANY

    text, rates = words(order)

    assert rates == []
    assert NONE_STATED in text


def test_a_tree_says_which_class_is_in_force(shelves):
    found = {node.name: node.tax_in_force for node in category_tree().walk()}

    assert (found["Food"], found["Bread"], found["Gadgets"]) == ("reduced", "reduced", "standard")
