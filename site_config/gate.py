"""What stands in front of both applications: what no browser sends and what costs more than its size is refused here.

Django hands the charset of a Content-Type to Python's codecs (one of which takes a minute for 600 kB) and reads
addresses, cookies and headers whole, before the first middleware, and bodies before it asks who sends them. So this
looks at their sizes only, by itself: a body may be as large as the view at its address says (`bodies.takes`).
"""

import logging
from collections.abc import Awaitable, Callable, Iterable
from http import HTTPStatus
from typing import Any

from csp.utils import build_policy
from django.conf import settings
from django.urls import Resolver404, resolve

from marketplace.web import request_ids
from marketplace.web.bodies import MOST_FORM
from marketplace.web.errors import turned_away

logger = logging.getLogger(__name__)

MOST_ADDRESS = 8_192  # bytes of path and query
MOST_HEADERS = 32_768  # bytes of all headers
MOST_COOKIES = 12_288  # a browser's own limit is 4 kB each; ours are the session, the cart and a message
MOST_ESCAPES = 1_024  # in cookies: http.cookies reads them in quadratic time
MOST_CONTENT_TYPE = 256
MOST_LOGGED = 200  # letters of a path that was refused

WSGI = Callable[[dict[str, Any], Callable], Iterable[bytes]]
Scope = dict[str, Any]
ASGI = Callable[[Scope, Callable[[], Awaitable[dict]], Callable[[dict], Awaitable[None]]], Awaitable[None]]


def guard_wsgi(application: WSGI) -> WSGI:
    """The application, asked only what it can read in a time that we know."""

    def run(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        sent = {name[5:].lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
        address = len(environ.get("PATH_INFO", "")) + len(environ.get("QUERY_STRING", ""))
        sizes = sum(len(name) + len(value) for name, value in sent.items())
        status = refused(address, sizes, sent.get("cookie", ""), environ.get("CONTENT_TYPE") or "")
        status = status or refused_body(
            environ.get("PATH_INFO", ""), environ.get("CONTENT_LENGTH") or "", "transfer_encoding" in sent
        )
        if status is None:
            return application(environ, start_response)
        body, headers = answer(status, environ.get("PATH_INFO", ""))
        start_response(f"{status.value} {status.phrase}", list(headers.items()))
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]

    return run


def guard_asgi(application: ASGI) -> ASGI:
    """As `guard_wsgi`."""

    async def run(scope: Scope, receive: Callable, send: Callable) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        status = refused_scope(scope)
        if status is None:
            received = Received(receive, scope["path"])
            await application(scope, received, send)
            if not received.is_too_large:
                return
            status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE  # its length was not told, or not the truth
        body, headers = answer(status, scope["path"])
        listed = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status.value, "headers": listed})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    return run


def refused_scope(scope: Scope) -> HTTPStatus | None:
    """`refused` for what an ASGI server tells; a header that is sent twice counts as Django reads it, joined."""
    sent: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        sent.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    address = len(scope["path"]) + len(scope.get("query_string", b""))
    sizes = sum(len(name) + len(value) for name, value in scope["headers"])
    status = refused(address, sizes, ";".join(sent.get("cookie", [])), ",".join(sent.get("content-type", [])))
    length = ",".join(sent.get("content-length", []))
    return status or refused_body(scope["path"], length, "transfer-encoding" in sent)


class Received:
    """What an ASGI server receives of a body; past what the view reads it is as if the sender had gone."""

    def __init__(self, receive: Callable[[], Awaitable[dict]], path: str) -> None:
        self.receive, self.path = receive, path
        self.size = 0
        self.is_too_large = False

    async def __call__(self) -> dict:
        message = await self.receive()
        self.size += len(message.get("body", b""))
        if self.size <= MOST_FORM or self.size <= most_body(self.path):
            return message
        self.is_too_large = True
        return {"type": "http.disconnect"}


def refused_body(path: str, length: str, is_chunked: bool) -> HTTPStatus | None:
    """The status of the refusal of a body of this length, before anything of it is read; None for what may go on.

    Without a length nobody knows what will come, and Django would take it for an empty form.
    """
    if not length:
        return HTTPStatus.LENGTH_REQUIRED if is_chunked else None
    if not (length.isascii() and length.isdecimal()):
        return HTTPStatus.BAD_REQUEST
    size = int(length.lstrip("0")[:20] or 0)
    if size <= MOST_FORM or size <= most_body(path):
        return None
    return HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def most_body(path: str) -> int:
    """How many bytes the view at this address reads."""
    try:
        view = resolve(path).func
    except (Resolver404, ValueError):  # a file, or nothing at all
        return MOST_FORM
    return getattr(view, "most_body", MOST_FORM)


def refused(address: int, headers: int, cookies: str, content_type: str) -> HTTPStatus | None:
    """The status of the refusal; None for what may go on."""
    if address > MOST_ADDRESS:
        return HTTPStatus.REQUEST_URI_TOO_LONG
    if headers > MOST_HEADERS or len(cookies) > MOST_COOKIES or cookies.count("\\") > MOST_ESCAPES:
        return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    if len(content_type) > MOST_CONTENT_TYPE or not is_utf8(content_type):
        return HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    return None


def is_utf8(content_type: str) -> bool:
    """Whether all that a Content-Type says about its letters is "utf-8"; most say nothing.

    Split at every ";", in quotes too: that finds at least each parameter that Django finds. A name with a
    star (RFC 2231) brings an encoding of its own.
    """
    for part in content_type.split(";")[1:]:
        name, _, value = part.partition("=")
        name, value = name.strip().lower(), value.strip().strip('"').lower()
        if "*" in name or (name == "charset" and value not in ("utf-8", "utf8")):
            return False
    return True


def answer(status: HTTPStatus, path: str) -> tuple[bytes, dict[str, str]]:
    """The page that says so, with the headers that every page has; a line of the log says it, too."""
    with request_ids.within() as number:
        body = turned_away(status)
        logger.warning("%s: %s", status.phrase, path[:MOST_LOGGED])
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Length": str(len(body)),
        "Content-Security-Policy": build_policy(),
        "Cache-Control": "no-store",
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(self)",
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
        "X-Request-ID": number,
    }
    return body, headers
