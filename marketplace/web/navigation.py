"""The categories in every page's frame, without a query and nearly without work once they are warm."""

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from marketplace.products.tree import Node, category_tree

_drawer: tuple[tuple[str, str], str] | None = None


def main_categories() -> list[Node]:
    return category_tree().roots


def category_drawer() -> SafeString:
    """All categories as the panel that "All categories" opens, drawn once a tree and language."""
    global _drawer
    tree = category_tree()
    key = (tree.stamp, get_language() or "")
    if _drawer is None or _drawer[0] != key or not tree.stamp:
        _drawer = (key, render_to_string("components/category_drawer.html", {"roots": tree.roots}))
    return mark_safe(_drawer[1])  # noqa: S308  made by our own template
