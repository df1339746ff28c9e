"""Devices that a person has signed in with: wrong passwords from there count apart from everybody else's.

The number of wrong passwords for one account is limited, so anybody could keep somebody out who has five to spare.
A device that knew the password once holds a signed cookie that says so, and has a count of its own; a stolen
cookie is worth five tries. (OWASP, "Slow Down Online Guessing Attacks with Device Cookies".)
"""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

NAME = "known_device"
PATH = "/accounts/"
MOST = 5  # people who sign in with one device
KEEP = 365 * 24 * 3600
_SALT = "web.known_device"


def remember(request: HttpRequest, response: HttpResponse, email: str) -> None:
    """Give the device a name for this account, or keep the one that it has, for another year."""
    known = _read(request)
    names = [known.pop(person) for person in _people(email) if person in known]
    name = names[0] if names else secrets.token_urlsafe(12)
    newest = dict([*known.items()][-(MOST - 1) :]) | {_people(email)[0]: name}
    response.set_cookie(
        NAME,
        signing.dumps(newest, salt=_SALT, compress=False),
        max_age=KEEP,
        path=PATH,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def name_of(request: HttpRequest, email: str) -> str:
    """What this device is called where it signed in to this account before; "" for any other device."""
    known = _read(request)
    return next((known[person] for person in _people(email) if person in known), "")


def _people(email: str) -> list[str]:
    """The account in the cookie, nobody who finds one reads whose it is: under the present key and the former ones."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [salted_hmac(_SALT, email.casefold(), secret=key).hexdigest()[:16] for key in keys]


def _read(request: HttpRequest) -> dict[str, str]:
    cookie = request.COOKIES.get(NAME, "")
    try:
        known = signing.loads(cookie, salt=_SALT, max_age=KEEP) if cookie else {}
    except signing.BadSignature:
        return {}
    return known if isinstance(known, dict) else {}
