"""Every page of the store: who looks at it and with what in the address.

The checks of test_pages.py (axe, light and dark; the Nu HTML checker) walk this table, and a route that
is neither in PAGES nor in NOT_PAGES fails `test_every_route_is_in_the_table`; what takes a POST only is
known from docs/permissions/. A new page gets a row in its face's table: its route's name, the people who
see it differently, and what its address needs (from the `World`).
"""

from . import accounts, backoffice, courier, house, seller_dashboard, shop
from .looks import ADMIN, BUYER, COURIER, NEWCOMER, PEOPLE, SELLER, VISITOR, Shown

__all__ = [
    "ADMIN",
    "BUYER",
    "COURIER",
    "NEWCOMER",
    "NOT_PAGES",
    "PAGES",
    "PEOPLE",
    "SELLER",
    "VISITOR",
    "WRONG",
]

PAGES: dict[str, Shown] = {
    **shop.PAGES,
    **seller_dashboard.PAGES,
    **courier.PAGES,
    **backoffice.PAGES,
    **accounts.PAGES,
}
NOT_PAGES: dict[str, str] = {
    **shop.NOT_PAGES,
    **seller_dashboard.NOT_PAGES,
    **courier.NOT_PAGES,
    **accounts.NOT_PAGES,
    **backoffice.NOT_PAGES,
    **house.NOT_PAGES,
}

# What people see when something went wrong: an address that gives such an answer, for whom.
WRONG: tuple[tuple[str, str, int], ...] = (
    (VISITOR, "/there-is-nothing-here", 404),
    (BUYER, "/there-is-nothing-here", 404),
    (BUYER, "/backoffice/", 403),
)
