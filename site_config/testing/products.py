"""Fixtures of the products domain: they call its services."""

from itertools import count

import pytest

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
def picture_file():
    """`picture_file("JPEG", (800, 600))`: an upload with plain pixels."""

    return products.picture_file
