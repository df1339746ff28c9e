"""Where somebody was going: `?next=`, if it is a page of this store."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def safe_next(request: HttpRequest, default: str = "") -> str:
    """The `next` of the form or the address if it leads to a path of this host, else `default`."""
    url = request.POST.get("next") or request.GET.get("next", "")
    safe = url.startswith("/") and url_has_allowed_host_and_scheme(
        url, {request.get_host()}, require_https=request.is_secure()
    )
    return url if safe else default
