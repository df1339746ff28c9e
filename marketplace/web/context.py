"""What every page's frame shows, worked out only when a template asks for it."""

from functools import partial

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from . import header, navigation

THEMES = ("light", "dark")


def store(request: HttpRequest) -> dict:
    """`store` (name, …), `theme` (what the person chose by hand) and `header`, whose one query runs
    when the frame is drawn, `categories` (the main ones), `may_shop` (whether there is a cart)."""
    theme = request.COOKIES.get("theme")
    return {
        "store": {"name": settings.SITE_NAME, "currency": settings.STORE_CURRENCY},
        "categories": navigation.main_categories,
        "may_shop": partial(_may_shop, request),
        "theme": theme if theme in THEMES else "",
        "header": SimpleLazyObject(lambda: header.for_request(request)),
    }


def _may_shop(request: HttpRequest) -> bool:
    """Visitors, and whoever may buy; an error page may be drawn before anybody was recognised."""
    user = getattr(request, "user", None)
    return not (user and user.is_authenticated) or user.may_buy
