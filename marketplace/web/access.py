"""Who may open a page. Closed by default: LoginRequiredMiddleware, plus a role a face."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


def for_roles(*roles: str) -> Callable[[View], View]:
    """Open a view to signed-in people of these roles; everybody else gets a 403."""

    def decorate(view: View) -> View:
        @wraps(view)
        def check(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if request.user.role not in roles:
                raise PermissionDenied
            return view(request, *args, **kwargs)

        check.roles = roles
        return check

    return decorate


def client_address(request: HttpRequest, trusted_proxies: int) -> str:
    """The address a request came from: REMOTE_ADDR, or what the last trusted proxy saw."""
    forwarded = [
        part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()
    ]
    if trusted_proxies and len(forwarded) >= trusted_proxies:
        return forwarded[-trusted_proxies]
    return request.META.get("REMOTE_ADDR", "")
