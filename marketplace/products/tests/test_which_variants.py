"""Which options and variants a product may have."""

import pytest

from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import Invalid
from marketplace.products import services
from marketplace.products.models import PriceChange, Product, SearchEntry, StockMove, Variant
from marketplace.products.services import NewVariant

pytestmark = pytest.mark.usefixtures("books_balance")
SIZES = [("Size", ["S", "M", "L"])]


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
def everything():
    """The rows of all variants and of what hangs on them."""
    models = (Product, Variant, StockMove, PriceChange, SearchEntry)
    return lambda: [list(model.objects.order_by("pk").values()) for model in models]


def set_variants(product, options, variants):
    return services.set_variants(product_id=product.pk, options=options, variants=variants, actor=SYSTEM)


class TestWhatThereMayBe:
    @pytest.mark.parametrize(
        "options",
        [
            [],
            [("Size", ["S"])],
            [("Size", ["S"]), ("Colour", ["Red"])],
            [("Size", ["S"]), ("Colour", ["Red"]), ("Cut", ["Slim"])],
        ],
    )
    def test_none_to_three_options(self, make_product, options):
        values = tuple(values[0] for _name, values in options)

        made = make_product(options=options, variants=[NewVariant(1000, 1, values)])

        assert made.options == [[name, values] for name, values in options]
        row = made.variants.get()
        assert (row.option1, row.option2, row.option3) == (*values, "", "", "")[:3]
        assert row.options_text == " · ".join(f"{name}: {chosen[0]}" for name, chosen in options)
        assert row.seller_id == made.seller_id

    @pytest.mark.parametrize(
        "options",
        [
            [(name, ["S"]) for name in ("Size", "Colour", "Cut", "Length")],
            [("Size", [])],
            [("", ["S"])],
            [("x" * 31, ["S"])],
            [("Size", ["x" * 41])],
            [("Size", [" "])],
            [("Size", ["S", "s"])],
            [("Size", ["Rosé", "rose"])],
            [("Size", ["S"]), ("SIZE", ["S"])],
        ],
        ids=str,
    )
    def test_options_that_cannot_be_are_refused(self, make_product, options):
        values = tuple(values[0] if values else "" for _name, values in options)

        with pytest.raises(Invalid) as refused:
            make_product(options=options, variants=[NewVariant(1000, 1, values)])

        assert refused.value.field == "options"
        assert not Product.objects.exists()

    def test_a_hundred_variants_are_the_most(self, make_product):
        numbers = [str(number) for number in range(101)]
        variants = [NewVariant(1000, 1, (number,)) for number in numbers]

        with pytest.raises(Invalid, match="100 variants") as refused:
            make_product(options=[("Number", numbers)], variants=variants)
        assert refused.value.field == "variants"
        assert not Variant.objects.exists()

        made = make_product(options=[("Number", numbers)], variants=variants[:100])
        assert made.variants.count() == 100

    @pytest.mark.parametrize(
        ("variants", "field"),
        [
            ([], "variants"),
            ([NewVariant(1, 1)], "variants"),
            ([NewVariant(1, 1, ("XL",))], "variants"),
            ([NewVariant(1, 1, ("s",))], "variants"),
            ([NewVariant(1, 1, ("S", "M"))], "variants"),
            ([NewVariant(1, 1, ("S",)), NewVariant(2, 1, ("S",))], "variants"),
            ([NewVariant(1, 1, ("S",), sku="A"), NewVariant(2, 1, ("M",), sku="A")], "sku"),
            ([NewVariant(1, 1, ("S",), sku="é"), NewVariant(2, 1, ("M",), sku="E")], "sku"),
            ([NewVariant(1, 1, ("S",), sku="x" * 41)], "sku"),
            ([NewVariant(1, 1, ("S",), barcode="4006381333932")], "barcode"),
            ([NewVariant(0, 1, ("S",))], "price"),
            ([NewVariant(1, -1, ("S",))], "stock"),
            ([NewVariant(1, 1, ("S",), weight_grams=-1)], "weight_grams"),
            ([NewVariant(1, 1, ("S",), size_class="huge")], "size_class"),
            ([NewVariant(1, 1, ("S",), pk=10**12)], "variants"),
        ],
    )
    def test_variants_that_do_not_fit_are_refused_with_their_field(self, shirt, everything, variants, field):
        before = everything()

        with pytest.raises(Invalid) as refused:
            set_variants(shirt, SIZES, variants)

        assert refused.value.field == field
        assert everything() == before

    def test_without_options_there_is_one_variant(self, make_product):
        with pytest.raises(Invalid, match="one variant only"):
            make_product(variants=[NewVariant(1000, 1), NewVariant(1100, 1)])

        assert not Product.objects.exists()

    def test_a_sku_is_used_once_a_seller(self, shirt, make_product, other_seller):
        with pytest.raises(Invalid, match="SHIRT-M") as refused:
            make_product(sku="SHIRT-M")
        assert refused.value.field == "sku"

        assert make_product(sku="SHIRT-M", seller=other_seller).variants.get().sku == "SHIRT-M"

    def test_a_barcode_is_kept_as_its_digits(self, make_product):
        options, variant = [("Size", ["S"])], NewVariant(1, 1, ("S",), barcode="4 006381 333931")

        assert make_product(options=options, variants=[variant]).variants.get().barcode == "4006381333931"
