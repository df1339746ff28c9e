"""The categories in every page's frame, without a query and nearly without work once they are warm."""

from typing import NamedTuple

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from marketplace.products.tree import CategoryTree, category_tree

_main: tuple[CategoryTree, list["MainCategory"]] | None = None
_drawer: tuple[tuple[str, str], str] | None = None


class MainCategory(NamedTuple):
    name: str
    url: str


def main_categories() -> list[MainCategory]:
    """The top of the tree; its addresses are worked out once a tree."""
    global _main
    tree = category_tree()
    if _main is None or _main[0] is not tree:
        links = [MainCategory(node.name, reverse("shop:category", args=[node.slug])) for node in tree.roots]
        _main = (tree, links)
    return _main[1]


def category_drawer() -> SafeString:
    """All categories as the panel that "All categories" opens, drawn once a tree and language."""
    global _drawer
    tree = category_tree()
    key = (tree.stamp, get_language() or "")
    if _drawer is None or _drawer[0] != key or not tree.stamp:
        _drawer = (key, render_to_string("components/category_drawer.html", {"roots": tree.roots}))
    return mark_safe(_drawer[1])  # noqa: S308  made by our own template
