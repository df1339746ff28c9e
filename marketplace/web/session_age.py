"""How long somebody stays signed in: so long without a request, and so long in all (RELIABILITY.md §4).

A page normally writes nothing: when somebody was last seen is noted every five minutes for staff, whose
half hour needs it, and once a day for everybody else. So an idle session may end that much early.
A page that looks by itself whether anything changed (shop/live.py) is nobody's visit.
"""

from django.conf import settings
from django.http import HttpRequest

from marketplace.common import clock

SINCE, SEEN = "signed_in_at", "seen_at"
NOTE_STAFF_EVERY = 5 * 60
NOTE_EVERY = 24 * 3600


def begin(request: HttpRequest) -> None:
    """Start counting: somebody has just signed in."""
    request.session[SINCE] = request.session[SEEN] = _now()


def goes_on(request: HttpRequest) -> bool:
    """Whether the session of the signed-in person who asks is young and fresh enough; notes the visit.

    A session that does not say when it began counts from now if it is of staff; anybody else's ends
    with its cookie.
    """
    is_staff, now = request.user.is_store_staff, _now()
    if SINCE not in request.session:
        if is_staff:
            begin(request)
        return True
    idle = settings.STAFF_SESSION_IDLE if is_staff else settings.SESSION_COOKIE_AGE
    age = settings.STAFF_SESSION_AGE if is_staff else settings.SESSION_AGE
    unseen = now - request.session[SEEN]
    if unseen > idle or now - request.session[SINCE] > age:
        return False
    looks_by_itself = "If-None-Match" in request.headers
    if unseen >= (NOTE_STAFF_EVERY if is_staff else NOTE_EVERY) and not looks_by_itself:
        request.session[SEEN] = now
    return True


def _now() -> int:
    return int(clock.now().timestamp())
