"""One question to the geocoder that the settings name: so long, so much, and to public addresses only.

The host's name is resolved once and that address is connected to. Redirects are not followed. A resolver knows no
end of its own, so it is asked in a thread that we stop waiting for; so many wait at a time.
"""

import json
import socket
import ssl
import threading
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from marketplace.common.outside import is_public

MOST_BYTES = 256 * 1024
_CHUNK = 16 * 1024
MOST_LOOK_UPS = 4
"""Names that are looked up at once: of a resolver that hangs, so many threads are left behind, and no more."""
_look_ups = threading.BoundedSemaphore(MOST_LOOK_UPS)


class NoAnswer(Exception):
    """The geocoder did not answer, or with something else than an answer."""


def ask(path: str, query: dict[str, str]) -> Any:
    """The JSON that GEOCODER_URL answers at `path`. Raises `NoAnswer`."""
    ends_at = time.monotonic() + settings.GEOCODER_SECONDS
    base = urlsplit(settings.GEOCODER_URL)
    try:
        connection = _Pinned(base.hostname or "", base.port, ends_at, secure=base.scheme == "https")
    except (OSError, ValueError) as error:
        raise NoAnswer("its name leads nowhere") from error
    watch = threading.Timer(_left(ends_at), connection.hang_up)
    watch.daemon = True
    watch.start()
    try:
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": _who_asks(),
        }
        connection.request("GET", f"{base.path.rstrip('/')}{path}?{urlencode(query)}", headers=headers)
        response = connection.getresponse()
        if response.status != 200:
            raise NoAnswer(f"it answered {response.status}")
        body = b""
        while chunk := response.read1(_CHUNK):
            body += chunk
            if len(body) > MOST_BYTES or time.monotonic() > ends_at:
                raise NoAnswer("its answer is too long")
        return json.loads(body)
    except (OSError, HTTPException, ValueError, RecursionError) as error:
        raise NoAnswer(type(error).__name__) from error
    finally:
        watch.cancel()
        connection.close()


def _who_asks() -> str:
    """The store, in the letters that a header takes; of a name in other ones its address says who it is."""
    name = settings.SITE_NAME.encode("ascii", "ignore").decode().strip()
    return f"{name} ({settings.SITE_URL})" if name else settings.SITE_URL


class _Pinned(HTTPConnection):
    """A connection to one address of a host, under the host's name and certificate."""

    def __init__(self, host: str, port: int | None, ends_at: float, *, secure: bool) -> None:
        super().__init__(host, port or (443 if secure else 80))
        self._secure = secure
        self._is_over = False
        self._address = _allowed_address(host, self.port, ends_at)
        self.timeout = _left(ends_at)

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)
        if self._is_over:  # while it shook hands there was nothing to shut
            raise TimeoutError

    def hang_up(self) -> None:
        """End it from another thread: a server may send a byte a second for ever."""
        self._is_over = True
        if self.sock is not None:
            with suppress(OSError):
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


def _left(ends_at: float) -> float:
    """Seconds until then; a little where it is over, for 0 would be no waiting at all."""
    return max(0.01, ends_at - time.monotonic())


def _allowed_address(host: str, port: int, ends_at: float) -> str:
    addresses = _look_up(host, port, ends_at)
    if not addresses:
        raise NoAnswer("its name leads nowhere")
    if not settings.GEOCODER_IS_INSIDE and not all(is_public(address) for address in addresses):
        raise NoAnswer("it is not of the public Internet (GEOCODER_IS_INSIDE)")
    return addresses[0]


def _look_up(host: str, port: int, ends_at: float) -> list[str]:
    """The addresses of a host. Raises OSError, and `NoAnswer` where the resolver takes too long."""
    if not _look_ups.acquire(blocking=False):
        raise NoAnswer("its name is being looked up already, and that takes too long")
    answers: SimpleQueue[list[str] | Exception] = SimpleQueue()

    def resolve() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put([str(entry[4][0]) for entry in found])
        except Exception as error:  # it is raised by whoever waits
            answers.put(error)
        finally:
            _look_ups.release()

    threading.Thread(target=resolve, name="geocoder's name", daemon=True).start()
    try:
        answer = answers.get(timeout=_left(ends_at))
    except Empty as error:
        raise NoAnswer("its name takes too long to be looked up") from error
    if isinstance(answer, Exception):
        raise answer
    return answer
