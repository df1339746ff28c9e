"""What every page's frame shows, worked out only when a template asks for it."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from . import header


def store(request: HttpRequest) -> dict:
    """`store` (name, …) and `header`, whose one query runs when the frame is drawn."""
    return {
        "store": {"name": settings.SITE_NAME, "currency": settings.STORE_CURRENCY},
        "header": SimpleLazyObject(lambda: header.for_request(request)),
    }
