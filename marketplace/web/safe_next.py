"""Where somebody was going: `?next=`, if it is a page of this store."""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from .typed import asked, sent

LONGEST = 4_000


def safe_next(request: HttpRequest, default: str = "") -> str:
    """The `next` of the form or the address if it leads to a path of this host, else `default`."""
    url = sent(request, "next", most=LONGEST) or asked(request, "next", most=LONGEST)
    safe = url.startswith("/") and url_has_allowed_host_and_scheme(
        url, {request.get_host()}, require_https=request.is_secure()
    )
    return url if safe else default


def page_before(request: HttpRequest) -> str:
    """The path of the page of this store that the request came from, or ""."""
    page = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure()):
        return ""
    parts = urlsplit(page)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    # The path of http://our.host//elsewhere.example/ alone would lead elsewhere.
    return path if url_has_allowed_host_and_scheme(path, None) else ""
