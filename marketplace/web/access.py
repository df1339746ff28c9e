"""Who may open a page. Closed by default: LoginRequiredMiddleware, plus a role a face."""

import ipaddress
from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from marketplace.accounts.models import User

View = Callable[..., HttpResponse]
HOME = 64  # bits of an IPv6 address that name a home; whoever lives there chooses the rest (allauth's number, too)


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


def signed_in(request: HttpRequest) -> User:
    """Who is signed in, for a view `for_roles`, which nobody else gets into."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def client_address(request: HttpRequest, trusted_proxies: int) -> str:
    """The address a request came from: REMOTE_ADDR, or what the last trusted proxy saw.

    An IPv4 address is written as one also where the server listens on IPv6 and sees "::ffff:192.0.2.1"; an IPv6
    address has no zone ("%eth0"), which databases do not take.
    """
    forwarded = [
        part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()
    ]
    if trusted_proxies and len(forwarded) >= trusted_proxies:
        text = forwarded[-trusted_proxies]
    else:
        text = request.META.get("REMOTE_ADDR", "")
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    if address.version == 6:
        return str(address.ipv4_mapped or ipaddress.IPv6Address(int(address)))
    return str(address)


def counted_address(request: HttpRequest, trusted_proxies: int) -> str:
    """What limits count a visitor by: their IPv4 address, or of an IPv6 one the /64 that a home is given whole.

    Whoever has no address that can be read (a server behind a Unix socket) counts as one with all such.
    """
    try:
        address = ipaddress.ip_address(client_address(request, trusted_proxies))
    except ValueError:
        return "unknown"
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, HOME), strict=False))


# What proxies add to a request; whoever sends one of them did not come straight from this machine's browser.
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via")


def came_from_this_machine(request: HttpRequest, trusted_proxies: int) -> bool:
    """Whether the person sits at the machine that the store runs on; in doubt they do not.

    A proxy on this machine connects from 127.0.0.1 for everybody: what it forwards is believed only where
    TRUSTED_PROXIES says how many there are, and then each of them must have written its line.
    """
    hops = [part for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if trusted_proxies and len(hops) < trusted_proxies:
        return False
    if not trusted_proxies and any(name in request.headers for name in FORWARDED):
        return False
    try:
        address = ipaddress.ip_address(client_address(request, trusted_proxies))
    except ValueError:
        return False
    return address.is_loopback
