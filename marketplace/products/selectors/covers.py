"""A picture for each main category: its most bought product's."""

from django.core.cache import cache

from marketplace.products.pictures import Picture, picture
from marketplace.products.tree import category_tree

from .cards import live_products

COVERS_SECONDS = 600
COVERS_SAMPLE = 300


def category_covers() -> dict[int, Picture]:
    """The pictures of the main categories by category id, for decoration: no alternative text.

    Looked up among the most bought products with one query in ten minutes; a category of which none is
    among them has no picture.
    """
    tree = category_tree()
    key = f"category-covers:{tree.stamp}"
    covers = cache.get(key)
    if covers is None:
        covers = {}
        rows = live_products().exclude(cover_name="").order_by("-sold_count", "-pk")
        for category_id, *cover in rows.values_list(
            "category_id", "cover_name", "cover_width", "cover_height"
        )[:COVERS_SAMPLE]:
            node = tree.by_id.get(category_id)
            if node:
                covers.setdefault(node.path[0].id, picture(*cover, ""))
        cache.set(key, covers, COVERS_SECONDS)
    return covers
