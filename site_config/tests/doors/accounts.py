"""The doors of signing in and staying safe (allauth in our look)."""

from .things import Form

FORMS: dict[str, Form] = {
    "account_logout": lambda world, who, state: {},
}
