"""Listings that somebody still needs as they are: what is on its way to a buyer is not archived meanwhile.

Orders stand above the catalogue, so a domain in which a listing can be needed says so in its `needing.py`, in a list
`NEEDING` of functions: given the ids of listings, those that it still needs. They are found by name, as
invariants and sweeps are (marketplace/common/discovery.py).
"""

from collections.abc import Callable, Collection
from functools import cache

from marketplace.common.discovery import declared

Needing = Callable[[Collection[int]], set[int]]


@cache
def needing() -> tuple[Needing, ...]:
    """What can still need a listing, from all domains."""
    return tuple(declared("needing", "NEEDING"))


def needed_among(product_ids: Collection[int]) -> set[int]:
    """Those of these listings that are needed: a query a domain. Ask it under the listings' locks."""
    return set().union(*(among(product_ids) for among in needing())) if product_ids else set()
