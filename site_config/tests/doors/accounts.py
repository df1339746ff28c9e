"""The doors of signing in and staying safe (allauth in our look)."""

from e2e.pages.accounts import undo_link

from .things import Address, Form

ADDRESSES: dict[str, Address] = {
    "account_undo_email": lambda world, state: undo_link(world),
}

FORMS: dict[str, Form] = {
    "account_logout": lambda world, who, state: {},
    "account_undo_email": lambda world, who, state: {},
}
