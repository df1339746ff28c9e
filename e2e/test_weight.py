"""What a first visit costs: bytes over the wire, requests, and nothing from anywhere else."""

import gzip
import io
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from PIL import Image
from playwright.sync_api import Page, Response

from e2e.world import World
from marketplace.common.authorisation import SYSTEM
from marketplace.products import services as products
from marketplace.products.models import Product
from marketplace.products.selectors import PAGE_SIZES
from marketplace.products.states import BrandStatus, ListingStatus

MOST_BYTES = 45_000
MOST_REQUESTS = 5
COUNTED = {"document", "stylesheet", "script"}


PRODUCTS = 30


@pytest.fixture
def full_shelf(stocked: World) -> str:
    """The address of a category with 30 pictured products of ten brands; all show the same picture."""
    picture = io.BytesIO()
    Image.new("RGB", (1200, 1200), "#c9b79c").save(picture, "JPEG")
    picture.seek(0)
    shelf = products.create_category(name="Teapots", actor=SYSTEM)
    brands = [
        products.create_brand(name=f"Pottery {n}", status=BrandStatus.APPROVED, actor=SYSTEM)
        for n in range(10)
    ]
    made = [
        products.create_product(
            seller_id=stocked.seller.pk,
            category_id=shelf.pk,
            brand_id=brands[number % 10].pk,
            title=f"Teapot number {number} with a strainer of steel",
            description="",
            price=2_000 + number,
            stock=number % 4,
            status=ListingStatus.LIVE,
            actor=SYSTEM,
        )
        for number in range(PRODUCTS)
    ]
    products.add_image(
        product_id=made[0].pk, file=picture, alt_text="A teapot on a table, from the side", actor=SYSTEM
    )
    cover = Product.objects.values("cover_name", "cover_width", "cover_height", "cover_alt").get(
        pk=made[0].pk
    )
    assert cover["cover_name"]
    Product.objects.filter(category=shelf).update(**cover)
    return reverse("shop:category", args=[shelf.slug])


@pytest.mark.parametrize("device", ["page", "phone"])
def test_a_first_visit_to_a_category_is_light(device, request, full_shelf, live_server):
    """HTML, CSS and JavaScript as gzip -6 sends them (the guard sees to it that all come from here)."""
    visitor: Page = request.getfixturevalue(device)
    answers: list[Response] = []
    visitor.on("response", lambda answer: answers.append(answer))

    visitor.goto(full_shelf)
    visitor.wait_for_load_state("networkidle")

    assert visitor.locator("main picture img").count() == PAGE_SIZES[0]
    asked = [answer for answer in answers if not answer.headers["content-type"].startswith("image/")]
    weights = {
        urlsplit(answer.url).path: len(gzip.compress(answer.body(), 6, mtime=0))
        for answer in asked
        if answer.request.resource_type in COUNTED
    }
    assert any(answer.request.resource_type == "stylesheet" for answer in asked)
    assert sum(weights.values()) <= MOST_BYTES, weights
    assert len(asked) <= MOST_REQUESTS, [answer.url for answer in asked]
