"""Fixtures of the products domain: they call its services."""

import io
from itertools import count

import pytest
from PIL import Image

from marketplace.products import services
from marketplace.products.states import BrandStatus, ListingStatus

_numbers = count(1)


@pytest.fixture
def make_category(db):
    """`make_category("Audio", parent=electronics)`."""

    def make(name: str = "", *, parent=None, icon: str = ""):
        name = name or f"Category {next(_numbers)}"
        return services.create_category(name=name, parent_id=parent.pk if parent else None, icon=icon)

    return make


@pytest.fixture
def make_brand(db):
    """`make_brand("Acme")`, approved."""

    def make(name: str = "", *, status: str = BrandStatus.APPROVED):
        return services.create_brand(name=name or f"Brand {next(_numbers)}", status=status)

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
        brand = given.pop("brand", None)
        return services.create_product(
            **{
                "seller_id": seller.pk,
                "category_id": category.pk,
                "brand_id": brand.pk if brand else None,
                "description": "",
                "price": 1000,
                "stock": 10,
                "status": ListingStatus.LIVE,
            }
            | given
        )

    return make


@pytest.fixture
def product(make_product):
    return make_product(title="Brass desk lamp", price=1999, stock=10)


@pytest.fixture
def picture_file():
    """`picture_file("JPEG", (800, 600))`: an upload with plain pixels."""

    def make(kind: str = "PNG", size: tuple[int, int] = (640, 640), **options) -> io.BytesIO:
        file = io.BytesIO()
        Image.new("RGB", size, (200, 120, 40)).save(file, format=kind, **options)
        file.seek(0)
        return file

    return make
