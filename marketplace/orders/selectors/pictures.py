"""The pictures beside lines of carts and orders."""

from collections.abc import Iterable

from django.db.models import F

from marketplace.products.models import ProductImage
from marketplace.products.pictures import Picture, picture


def first_pictures(variant_ids: Iterable[int]) -> dict[int, Picture]:
    """The picture of each variant, its own or its product's first, as components/picture.html draws it: one query."""
    pictures: dict[int, Picture] = {}
    images = (
        ProductImage.objects.filter(product__variants__in=set(variant_ids))
        .order_by("position", "pk")
        .values_list(
            F("product__variants"),
            F("product__variants__image"),
            *("pk", "picture", "width", "height", "alt_text"),
        )
    )
    for variant_id, own_id, pk, *image in images:
        if (variant_id not in pictures or pk == own_id) and (drawn := picture(*image)):
            pictures[variant_id] = drawn
    return pictures
