"""The category tree in memory: small, read by every page, so it costs no query once it is warm.

`TreeState.stamp` changes with every change of the tree. The cache holds the present stamp for a
minute; a process keeps the tree that belongs to the stamp it saw last. A process that cannot be
told (no shared cache) is therefore at most a minute behind.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.cache import cache
from django.db.models import Subquery, Value
from django.db.models.functions import Coalesce

from marketplace.common.tax import TaxClass

from .models import Category, TreeState

STAMP_KEY = "products:tree-stamp"
STAMP_SECONDS = 60


@dataclass(slots=True)
class Node:
    """A category with its children, in the order in which they are shown."""

    id: int
    parent_id: int | None
    name: str
    slug: str
    depth: int
    icon: str
    tax_class: str = ""
    children: list["Node"] = field(default_factory=list, repr=False)
    path: tuple["Node", ...] = field(default=(), repr=False)
    """From the root to this node, itself included."""

    def walk(self) -> Iterator["Node"]:
        """This node and everything beneath it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def tax_in_force(self) -> str:
        """Its tax class: its own, or that of the nearest category above it which has one."""
        own = (node.tax_class for node in reversed(self.path) if node.tax_class)
        return next(own, TaxClass.STANDARD.value)

    @property
    def subtree_ids(self) -> list[int]:
        return [node.id for node in self.walk()]


@dataclass(slots=True)
class CategoryTree:
    stamp: str
    roots: list[Node]
    by_id: dict[int, Node]
    by_slug: dict[str, Node]

    def walk(self) -> Iterator[Node]:
        for root in self.roots:
            yield from root.walk()


_latest: CategoryTree | None = None


def category_tree() -> CategoryTree:
    """The whole tree: no query when warm, else one."""
    global _latest
    stamp = cache.get(STAMP_KEY)
    if stamp is not None and _latest is not None and _latest.stamp == stamp:
        return _latest
    rows = _rows()
    stamp = rows[0][0] if rows else ""
    if _latest is None or _latest.stamp != stamp or not stamp:
        _latest = _grow(stamp, rows)
    cache.set(STAMP_KEY, stamp, STAMP_SECONDS)
    return _latest


def _rows() -> list[tuple[Any, ...]]:
    """Every category, parents first, each with the stamp of the tree that it is of: one query."""
    stamp = TreeState.objects.order_by("pk").values("stamp")[:1]
    return list(
        Category.objects.annotate(stamp=Coalesce(Subquery(stamp), Value("")))
        .order_by("depth", "position", "name", "pk")
        .values_list("stamp", "id", "parent_id", "name", "slug", "depth", "icon", "tax_class")
    )


def _grow(stamp: str, rows: list[tuple[Any, ...]]) -> CategoryTree:
    by_id: dict[int, Node] = {}
    roots: list[Node] = []
    for _stamp, *row in rows:
        node = Node(*row)
        by_id[node.id] = node
        parent = None if node.parent_id is None else by_id.get(node.parent_id)
        (parent.children if parent else roots).append(node)
        node.path = (*parent.path, node) if parent else (node,)
    return CategoryTree(stamp, roots, by_id, {node.slug: node for node in by_id.values()})
