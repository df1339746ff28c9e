"""Options and variants: which there may be, writing them, and what a product's card makes of them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection

from marketplace.common import clock
from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import Invalid
from marketplace.common.transactions import service
from marketplace.products import services
from marketplace.products.models import Discount, PriceChange, Product, SearchEntry, StockMove, Variant
from marketplace.products.prices import current_prices, prices_now
from marketplace.products.selectors import ListingQuery, list_products, product_page
from marketplace.products.services import NewVariant
from marketplace.products.states import ListingStatus

pytestmark = pytest.mark.usefixtures("books_balance")
SIZES = [("Size", ["S", "M", "L"])]
DAY = timedelta(days=1)


@pytest.fixture
def shirt(make_product):
    """S is dear and plenty, M the cheapest, L sold out."""
    return make_product(
        title="Linen shirt",
        options=SIZES,
        variants=[
            NewVariant(3000, 5, ("S",), sku="SHIRT-S", barcode="4006381333931"),
            NewVariant(2000, 1, ("M",), sku="SHIRT-M"),
            NewVariant(1000, 0, ("L",), sku="SHIRT-L"),
        ],
    )


@pytest.fixture
def as_it_is(variant_of):
    """`as_it_is(shirt, "M")`: what the seller's form would send of a variant that is to stay as it is."""

    def read(product, *values):
        row = variant_of(product, *values)
        return NewVariant(
            row.price,
            values=row.values,
            sku=row.sku,
            barcode=row.barcode,
            weight_grams=row.weight_grams,
            size_class=row.size_class,
            pk=row.pk,
        )

    return read


@pytest.fixture
def everything():
    """The rows of all variants and of what hangs on them."""
    models = (Product, Variant, StockMove, PriceChange, SearchEntry)
    return lambda: [list(model.objects.order_by("pk").values()) for model in models]


@service
def sell(variant, quantity=1):
    services.take_stock(
        variants=services.lock_variants([variant.pk]),
        quantities={variant.pk: quantity},
        cause=f"order:{clock.now()}",
    )


def set_variants(product, options, variants):
    return services.set_variants(product_id=product.pk, options=options, variants=variants, actor=SYSTEM)


def card_of(product):
    row = Product.objects.get(pk=product.pk)
    return row.current_price, row.price_to, row.in_stock


def found(text):
    return [card["title"] for card in list_products(ListingQuery(text=text)).cards]


class TestWritingThem:
    def test_a_variant_that_is_there_keeps_its_stock_and_key(self, shirt, as_it_is, variant_of, stock_of):
        small = variant_of(shirt, "S")

        set_variants(
            shirt,
            [("Size", ["M", "S", "XL"])],
            [as_it_is(shirt, "M"), replace(as_it_is(shirt, "S"), stock=99), NewVariant(900, 4, ("XL",))],
        )

        assert variant_of(shirt, "S").pk == small.pk
        assert (stock_of(shirt, "S"), stock_of(shirt, "M"), stock_of(shirt, "XL")) == (5, 1, 4)
        assert [str(row) for row in shirt.variants.filter(is_offered=True)] == ["M", "S", "XL"]
        assert card_of(shirt) == (900, 3000, True)

    def test_what_had_a_piece_stays_for_its_orders_and_what_had_none_vanishes(self, shirt, as_it_is):
        set_variants(shirt, SIZES, [as_it_is(shirt, "M")])

        assert dict(shirt.variants.values_list("option1", "is_offered")) == {"S": False, "M": True}
        assert card_of(shirt) == (2000, 2000, True)
        assert [variant.values for variant in product_page(shirt.slug).variants] == [("M",)]

    @pytest.mark.parametrize(
        "new",
        [
            NewVariant(1, 1, ("S",)),
            NewVariant(1, 1, ("L",), sku="SHIRT-S"),
            NewVariant(1, 1, ("L",), sku="shirt-s"),  # the same to MariaDB
        ],
    )
    def test_another_one_cannot_have_what_an_old_one_keeps(self, shirt, as_it_is, everything, new):
        set_variants(shirt, SIZES, [as_it_is(shirt, "M")])
        before = everything()

        with pytest.raises(Invalid, match="was here before") as refused:
            set_variants(shirt, SIZES, [as_it_is(shirt, "M"), new])

        assert refused.value.field == "variants"
        assert everything() == before

    def test_an_old_one_is_taken_back_with_its_stock(self, shirt, as_it_is, stock_of):
        both = [as_it_is(shirt, "M"), as_it_is(shirt, "S")]
        set_variants(shirt, SIZES, both[:1])

        set_variants(shirt, SIZES, both)

        assert stock_of(shirt, "S") == 5
        assert card_of(shirt) == (2000, 3000, True)

    def test_values_and_skus_may_change_places(self, shirt, as_it_is, variant_of):
        small, middle = variant_of(shirt, "S").pk, variant_of(shirt, "M").pk

        set_variants(
            shirt,
            SIZES,
            [
                replace(as_it_is(shirt, "S"), values=("M",), sku="SHIRT-M"),
                replace(as_it_is(shirt, "M"), values=("S",), sku="SHIRT-S", barcode="4006381333931"),
                as_it_is(shirt, "L"),
            ],
        )

        assert (variant_of(shirt, "M").pk, variant_of(shirt, "M").sku) == (small, "SHIRT-M")
        assert (variant_of(shirt, "S").pk, variant_of(shirt, "S").sku) == (middle, "SHIRT-S")

    def test_no_sku_and_no_value_of_a_seller_is_in_the_way(self, shirt, as_it_is, variant_of, make_product):
        """Rows are put aside while they change places: nowhere that a seller can write."""
        for start in ("~", " ", "_"):
            make_product(sku=f"{start}{variant_of(shirt, 'S').pk}")
        gone = f"~{variant_of(shirt, 'S').pk}"
        sizes = [("Size", ["S", "M", "L", gone])]
        set_variants(
            shirt,
            sizes,
            [*(as_it_is(shirt, size) for size in "SML"), NewVariant(500, 1, (gone,), sku="GONE")],
        )

        set_variants(shirt, SIZES, [as_it_is(shirt, size) for size in "SML"])

        assert variant_of(shirt, "S").sku == "SHIRT-S"
        assert variant_of(shirt, gone).is_offered is False

    def test_a_variant_of_another_product_is_not_taken_along(self, shirt, make_product, as_it_is, everything):
        other = make_product(options=SIZES, variants=[NewVariant(500, 3, ("S",))])
        before = everything()

        with pytest.raises(Invalid, match="changed in the meantime"):
            set_variants(shirt, SIZES, [as_it_is(other, "S")])

        assert everything() == before

    def test_a_variant_stands_there_once(self, shirt, as_it_is, everything):
        before = everything()
        small = as_it_is(shirt, "S")

        with pytest.raises(Invalid, match="twice") as refused:
            set_variants(shirt, SIZES, [small, replace(small, values=("M",), sku="OTHER")])

        assert refused.value.field == "variants"
        assert everything() == before

    @pytest.mark.parametrize("is_new", [True, False])
    def test_a_price_that_a_discount_would_take_off_whole_is_refused(
        self, shirt, as_it_is, everything, is_new
    ):
        services.create_discount(
            product_id=shirt.pk,
            amount=500,
            starts_at=clock.now() + DAY,
            ends_at=clock.now() + 2 * DAY,
            actor=SYSTEM,
        )
        before = everything()
        cheap = NewVariant(500, 1, ("L",)) if is_new else replace(as_it_is(shirt, "L"), price=500)

        with pytest.raises(Invalid, match="discount of more") as refused:
            set_variants(shirt, SIZES, [as_it_is(shirt, "M"), cheap])

        assert refused.value.field == "price"
        assert everything() == before

    def test_a_live_listings_history_begins_with_each_new_variant(self, shirt, as_it_is, variant_of):
        set_variants(
            shirt,
            [("Size", ["M", "XL"])],
            [replace(as_it_is(shirt, "M"), price=1800), NewVariant(2500, 1, ("XL",))],
        )

        prices = PriceChange.objects.order_by("pk").values_list("price", flat=True)
        assert list(prices.filter(variant=variant_of(shirt, "M"))) == [2000, 1800]
        assert list(prices.filter(variant=variant_of(shirt, "XL"))) == [2500]

    def test_a_drafts_variants_have_no_history(self, make_product, as_it_is):
        draft = make_product(status=ListingStatus.DRAFT, options=SIZES, variants=[NewVariant(500, 3, ("S",))])

        set_variants(draft, SIZES, [replace(as_it_is(draft, "S"), price=400), NewVariant(450, 3, ("M",))])

        assert not PriceChange.objects.exists()
        assert not SearchEntry.objects.exists()

    @pytest.mark.django_db(transaction=connection.vendor == "mysql")  # its index knows what is committed
    @pytest.mark.parametrize("text", ["SHIRT-S", "shirt s", "4006381333931", "turquoise"])
    def test_the_search_knows_codes_and_values_of_what_is_offered(self, shirt, make_product, as_it_is, text):
        make_product(title="Other")
        set_variants(
            shirt,
            [("Colour", ["Turquoise", "Red"])],
            [
                replace(as_it_is(shirt, "S"), values=("Turquoise",)),
                replace(as_it_is(shirt, "M"), values=("Red",)),
            ],
        )
        assert found(text) == ["Linen shirt"]

        set_variants(shirt, [("Colour", ["Red"])], [as_it_is(shirt, "Red")])
        cache.clear()  # what was found is remembered for a minute

        if text in ("4006381333931", "turquoise"):  # the others are like what is still there
            assert found(text) == []
        assert found("SHIRT-M") == found("red") == ["Linen shirt"]


class TestWhatTheCardSays:
    def test_from_the_cheapest_that_can_be_had_to_the_dearest(self, shirt):
        assert card_of(shirt) == (2000, 3000, True)

    def test_the_next_price_where_the_cheapest_sells_out_and_the_first_again_when_it_is_back(
        self, shirt, variant_of
    ):
        version = shirt.version
        sell(variant_of(shirt, "M"))
        assert card_of(shirt) == (3000, 3000, True)
        services.change_stock(variant_id=variant_of(shirt, "M").pk, change=1, actor=SYSTEM)
        assert card_of(shirt) == (2000, 3000, True)
        services.change_stock(variant_id=variant_of(shirt, "L").pk, change=1, actor=SYSTEM)
        assert card_of(shirt) == (1000, 3000, True)
        assert Product.objects.get(pk=shirt.pk).version == version + 3

    def test_sold_out_only_when_all_are(self, shirt, variant_of):
        sell(variant_of(shirt, "M"))
        sell(variant_of(shirt, "S"), 4)
        assert card_of(shirt) == (3000, 3000, True)
        sell(variant_of(shirt, "S"))
        assert card_of(shirt) == (1000, 3000, False)  # what they cost when there were some
        services.change_stock(variant_id=variant_of(shirt, "S").pk, change=2, actor=SYSTEM)
        assert card_of(shirt) == (3000, 3000, True)

    def test_a_sale_that_leaves_some_writes_no_product(self, shirt, variant_of):
        before = Product.objects.values().get(pk=shirt.pk)

        sell(variant_of(shirt, "S"), 4)

        assert Product.objects.values().get(pk=shirt.pk) == before

    def test_lists_filter_and_sort_by_the_price_of_the_card(self, shirt, make_product):
        make_product(title="Vest", price=2500)

        def titles(**query):
            return [card["title"] for card in list_products(ListingQuery(**query)).cards]

        assert titles(sort="price") == ["Linen shirt", "Vest"]
        assert titles(price_min=2600) == ["Linen shirt"]  # in S
        assert titles(price_max=2100) == ["Linen shirt"]
        assert titles(price_max=1500) == []  # in L, which is sold out


class TestPricesOfVariants:
    def test_a_discount_on_one_leaves_the_others(self, shirt, variant_of):
        now = clock.now()
        discount = services.create_discount(
            product_id=shirt.pk,
            variant_id=variant_of(shirt, "S").pk,
            percent_bps=5000,
            starts_at=now,
            ends_at=now + DAY,
            actor=SYSTEM,
        )

        assert {str(row): row.current_price for row in shirt.variants.all()} == {
            "S": 1500,
            "M": 2000,
            "L": 1000,
        }
        assert card_of(shirt) == (1500, 2000, True)
        assert Product.objects.get(pk=shirt.pk).lowest_price_30d == 3000

        services.end_discount(discount_id=discount.pk, actor=SYSTEM)
        assert card_of(shirt) == (2000, 3000, True)
        assert not Product.objects.get(pk=shirt.pk).on_sale

    def test_the_best_of_a_products_and_a_variants_discount_counts(self, shirt, variant_of):
        window = {"starts_at": clock.now(), "ends_at": clock.now() + DAY, "actor": SYSTEM}
        small = variant_of(shirt, "S")
        services.create_discount(product_id=shirt.pk, percent_bps=1000, **window)
        services.create_discount(product_id=shirt.pk, variant_id=small.pk, amount=900, **window)

        rows = shirt.variants.select_related("product")
        prices = {"S": 2100, "M": 1800, "L": 900}
        assert {str(row): row.current_price for row in rows} == prices
        assert current_prices(rows, clock.now()) == {row.pk: prices[str(row)] for row in rows}
        assert prices_now(rows, clock.now() + 2 * DAY) == {row.pk: row.price for row in rows}

    @pytest.mark.parametrize("amount", [1000, 2999])
    def test_an_amount_is_less_than_every_price_that_it_is_off(self, shirt, variant_of, amount):
        window = {"starts_at": clock.now(), "ends_at": clock.now() + DAY, "actor": SYSTEM}
        with pytest.raises(Invalid):
            services.create_discount(product_id=shirt.pk, amount=amount, **window)
        assert not Discount.objects.exists()

        services.create_discount(
            product_id=shirt.pk, variant_id=variant_of(shirt, "S").pk, amount=amount, **window
        )

    def test_a_discount_on_a_variant_of_another_product_is_refused(self, shirt, product, variant_of):
        with pytest.raises(Invalid):
            services.create_discount(
                product_id=shirt.pk,
                variant_id=variant_of(product).pk,
                percent_bps=1000,
                starts_at=clock.now(),
                ends_at=clock.now() + DAY,
                actor=SYSTEM,
            )

        assert not Discount.objects.exists()

    def test_each_has_its_own_lowest_price_of_thirty_days(self, shirt, variant_of, time_machine):
        now = clock.now()
        services.change_price(variant_id=variant_of(shirt, "S").pk, price=2500, actor=SYSTEM)
        time_machine.move_to(now + DAY, tick=False)
        services.change_price(variant_id=variant_of(shirt, "S").pk, price=3000, actor=SYSTEM)
        time_machine.move_to(now + 2 * DAY, tick=False)

        services.create_discount(
            product_id=shirt.pk, percent_bps=5000, starts_at=clock.now(), ends_at=now + 9 * DAY, actor=SYSTEM
        )

        lowest = {str(row): row.lowest_price_30d for row in shirt.variants.all()}
        assert lowest == {"S": 2500, "M": 2000, "L": 1000}
        assert Product.objects.get(pk=shirt.pk).lowest_price_30d == 2000

    def test_where_the_sweep_is_late_card_and_page_say_what_a_checkout_charges(
        self, shirt, variant_of, time_machine
    ):
        now = clock.now()
        services.create_discount(
            product_id=shirt.pk,
            variant_id=variant_of(shirt, "S").pk,
            percent_bps=5000,
            starts_at=now + DAY,
            ends_at=now + 2 * DAY,
            actor=SYSTEM,
        )
        time_machine.move_to(now + DAY + timedelta(seconds=1), tick=False)

        (card,) = list_products(ListingQuery()).cards
        small = product_page(shirt.slug).choose(["S"]).variant

        assert (card["current_price"], card["price_to"], card["on_sale"]) == (1500, 2000, True)
        assert small.current_price == current_prices([variant_of(shirt, "S")], clock.now())[small.id] == 1500
        services.refresh_prices(clock.now())
        assert card_of(shirt) == (1500, 2000, True)
