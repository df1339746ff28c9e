"""What a load balancer, systemd or `make run` asks: is this process fit to serve?"""

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from marketplace.common import clock
from marketplace.common.caching import is_away
from marketplace.common.database_clock import is_off
from marketplace.mail.selectors import is_mail_late


def _cache_is_away() -> bool:
    cache.get("health")
    return is_away()


# What the store goes on without, for a while: a word for whoever looks after it, and whether it is so.
DEGRADED: list[tuple[str, Callable[[], bool]]] = [
    ("the cache does not answer", _cache_is_away),
    ("this machine's clock is more than a minute off: money is refused", is_off),
    ("mail waits for more than 15 minutes", lambda: is_mail_late(clock.now())),
]


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 "ok", or 200 "degraded: …" where something is away that pages can do without; 503 without the database.

    A load balancer goes on sending people either way; a monitor looks for the first word. Says nothing else.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        words = [word for word, is_so in DEGRADED if is_so()]
    except DatabaseError:
        return HttpResponse("the database does not answer\n", status=503, content_type="text/plain")
    text = f"degraded: {', '.join(words)}\n" if words else "ok\n"
    return HttpResponse(text, content_type="text/plain")
