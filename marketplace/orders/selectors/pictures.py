"""The pictures beside lines of carts and orders."""

from collections.abc import Iterable

from marketplace.products.models import ProductImage
from marketplace.products.pictures import Picture, picture


def first_pictures(product_ids: Iterable[int]) -> dict[int, Picture]:
    """The first picture of each product, as components/picture.html draws it: one query."""
    pictures: dict[int, Picture] = {}
    images = (
        ProductImage.objects.filter(product_id__in=set(product_ids))
        .order_by("position", "pk")
        .values_list("product_id", "picture", "width", "height", "alt_text")
    )
    for product_id, *image in images:
        if product_id not in pictures and (drawn := picture(*image)):
            pictures[product_id] = drawn
    return pictures
