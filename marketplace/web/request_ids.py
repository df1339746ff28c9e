"""Every request has an id: in the log's lines, in the answer's X-Request-ID, on the page that says something broke."""

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_FITTING = re.compile(r"[A-Za-z0-9._-]{8,64}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """The id of the request that runs here; "" outside of one."""
    return _current.get()


@contextmanager
def within(number: str = "") -> Iterator[str]:
    """Within the block a request runs that has this id, or a new one; yields it."""
    number = number or secrets.token_hex(6)
    token = _current.set(number)
    try:
        yield number
    finally:
        _current.reset(token)


class RequestIds:
    """Takes over the id that a proxy of ours gave (`TRUSTED_PROXIES`), else makes one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "") if settings.TRUSTED_PROXIES else ""
        with within(given if _FITTING.fullmatch(given) else "") as number:
            request.META["REQUEST_ID"] = number  # Django logs some answers after the last middleware
            response = self.get_response(request)
        response["X-Request-ID"] = number
        return response
