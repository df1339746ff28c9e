"""Importing many products follows the rules of listing one."""

from dataclasses import replace

import pytest

from marketplace.common.errors import Invalid
from marketplace.products.models import ListingEvent, PriceChange, Product, SearchEntry, StockMove
from marketplace.products.services import NewProduct, create_sale_event, import_products, remove_image
from marketplace.products.states import ListingStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(seller, category, brand):
    return NewProduct(
        seller_id=seller.pk,
        category_id=category.pk,
        brand_id=brand.pk,
        title="Classic Teapot in Teal",
        description="Pours well.",
        price=4500,
        stock=7,
        sku="CROWD-1",
    )
