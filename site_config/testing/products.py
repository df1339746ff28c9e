"""Fixtures of the products domain: they call its services."""

from itertools import count

import pytest

from marketplace.products.services import NewVariant
from marketplace.products.states import BrandStatus
from site_config.acts import products

_numbers = count(1)


@pytest.fixture
def make_category(db):
    """`make_category("Audio", parent=electronics)`."""

    def make(name: str = "", *, parent=None, icon: str = ""):
        name = name or f"Category {next(_numbers)}"
        return products.put_up_shelf(name, parent=parent, icon=icon)

    return make


@pytest.fixture
def make_brand(db):
    """`make_brand("Acme")`, approved."""

    def make(name: str = "", *, status: str = BrandStatus.APPROVED):
        return products.take_in_brand(name or f"Brand {next(_numbers)}", status=status)

    return make


@pytest.fixture
def category(make_category):
    return make_category("Things")


@pytest.fixture
def make_product(db, request):
    """`make_product(title="Lamp", price=1999, stock=3)`: live, by the fixture `seller`, in `category`."""

    def make(**given):
        given.setdefault("title", f"Product {next(_numbers)}")
        seller = given.pop("seller", None) or request.getfixturevalue("seller")
        category = given.pop("category", None) or request.getfixturevalue("category")
        return products.offer(seller, category, **given)

    return make


@pytest.fixture
def product(make_product):
    return make_product(title="Brass desk lamp", price=1999, stock=10)


@pytest.fixture
def make_shirt(make_product):
    """`make_shirt()`: in S (20.00), M (22.00) and L (24.00), ten of each, live; `stock=0` for all of them."""

    def make(*, stock=10, **given):
        given.setdefault("title", "Linen shirt")
        return make_product(
            options=[("Size", ["S", "M", "L"])],
            variants=[
                NewVariant(price=price, stock=stock, values=(size,))
                for size, price in (("S", 2000), ("M", 2200), ("L", 2400))
            ],
            **given,
        )

    return make


@pytest.fixture
def variant_of():
    """`variant_of(product)`, `variant_of(shirt, "M")`: the variant with these option values, as it is now."""

    return products.variant


@pytest.fixture
def stock_of():
    """`stock_of(product)`, `stock_of(shirt, "M")`: how many pieces there are now."""

    return lambda product, *values: products.variant(product, *values).stock


@pytest.fixture
def picture_file():
    """`picture_file("JPEG", (800, 600))`: an upload with plain pixels."""

    return products.picture_file


@pytest.fixture
def show():
    """`show(product, alt_text="From the left")`: a picture is added to it."""
    return products.show


@pytest.fixture
def shirt(make_product, settings, tmp_path):
    """A live shirt in two sizes with two pictures, by the fixture `seller`."""
    settings.MEDIA_ROOT = tmp_path
    made = make_product(
        title="Shirt",
        description="Of cotton.",
        options=[("Size", ["S", "M"])],
        variants=[NewVariant(1000, 5, ("S",), sku="S-1"), NewVariant(1200, 3, ("M",), sku="M-1")],
    )
    for text in ("The front", "The back"):
        products.show(made, alt_text=text)
    made.refresh_from_db()
    return made


@pytest.fixture
def hand_in_edit():
    """`hand_in_edit(shirt, title="Linen shirt", shows="The collar")`: its seller would like to say so of it."""
    return products.hand_in_edit


@pytest.fixture
def decide_edit(admin):
    """`decide_edit(submission)`, `decide_edit(submission, Decision.REJECT, "No")`, by the fixture `admin`."""
    return lambda submission, *said: products.decide_edit(submission, admin, *said)
