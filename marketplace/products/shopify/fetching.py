"""A picture from an address that a table names: only public ones, only https, only so much, only so long.

The name is resolved once and that address is connected to, so that a name cannot be another one between the question
and the connection (DNS rebinding). Redirects are asked the same. OWASP: Server-Side Request Forgery Prevention.
"""

import io
import socket
import ssl
import threading
import time
from contextlib import suppress
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from typing import IO
from urllib.parse import SplitResult, urljoin, urlsplit

from django.utils.translation import gettext as _

from marketplace.common.errors import Invalid
from marketplace.common.outside import is_public
from marketplace.products.pictures import MAX_BYTES

PORT = 443
SECONDS = 20.0
"""For all of it, redirects included."""
_CONNECT_SECONDS = 5.0
_MAX_REDIRECTS = 3
_REDIRECTS = (301, 302, 303, 307, 308)
_CHUNK = 64 * 1024


def fetch_picture(url: str) -> IO[bytes]:
    """The bytes at `url`, 20 MB at most. Raises `Invalid` with the reason for the seller."""
    ends_at = time.monotonic() + SECONDS
    for _redirect in range(_MAX_REDIRECTS + 1):
        answer = _ask(_checked(url), ends_at)
        if isinstance(answer, str):
            url = urljoin(url, answer)
            continue
        return answer
    raise Invalid(_("This address leads from one to the next, and to no picture."))


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        parts, port, host = urlsplit(""), None, None
    if not host or not url.isascii() or not url.isprintable() or " " in url:
        raise Invalid(_("This is no address of a picture."))
    if parts.scheme != "https" or port not in (None, 443) or parts.username or parts.password:
        raise Invalid(_("Only pictures at addresses that begin with https:// are fetched."))
    return parts


def _ask(parts: SplitResult, ends_at: float) -> IO[bytes] | str:
    """The picture, or where the server says that it is."""
    host = parts.hostname or ""
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _Pinned(host, public_address(host), timeout=_CONNECT_SECONDS)
    watch = threading.Timer(max(0.0, ends_at - time.monotonic()), connection.hang_up)
    watch.daemon = True
    watch.start()
    try:
        connection.request("GET", path, headers={"Accept": "image/*", "Accept-Encoding": "identity"})
        response = connection.getresponse()
        if response.status in _REDIRECTS and (location := response.headers.get("Location")):
            return location
        if response.status != 200:
            raise Invalid(
                _("There is no picture at this address (answer %(number)d).") % {"number": response.status}
            )
        return _body(response, ends_at)
    except (OSError, HTTPException, ValueError) as error:
        raise Invalid(_("This address does not answer with a picture.")) from error
    finally:
        watch.cancel()
        connection.close()


def _body(response: HTTPResponse, ends_at: float) -> IO[bytes]:
    data = io.BytesIO()
    while chunk := response.read1(_CHUNK):
        data.write(chunk)
        if data.tell() > MAX_BYTES:
            raise Invalid(
                _("A picture may be %(number)d MB at most.") % {"number": MAX_BYTES // (1024 * 1024)}
            )
    if time.monotonic() > ends_at:
        raise TimeoutError
    if response.length:
        raise HTTPException("the answer broke off")
    data.seek(0)
    return data


class _Pinned(HTTPSConnection):
    """A connection to one address of a host, under the host's name and certificate."""

    def __init__(self, host: str, address: str, *, timeout: float) -> None:
        super().__init__(host, timeout=timeout)
        self._address = address
        self._is_over = False

    def connect(self) -> None:
        raw = socket.create_connection((self._address, PORT), self.timeout)
        self.sock = secure_context().wrap_socket(
            raw, server_hostname=self.host, do_handshake_on_connect=False
        )
        if self._is_over:
            raise TimeoutError
        self.sock.do_handshake()

    def hang_up(self) -> None:
        """End it from another thread, whatever it waits for: a server may send a byte a second for ever."""
        self._is_over = True
        if self.sock is not None:
            with suppress(OSError):
                # The connection beneath: TLS's own shutdown would take the socket from whoever reads it.
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


def secure_context() -> ssl.SSLContext:
    return ssl.create_default_context()


def public_address(host: str) -> str:
    """An address of `host`. Raises `Invalid` where it has none, or one that is not of the public Internet."""
    try:
        found = socket.getaddrinfo(host, PORT, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Invalid(_("This address does not answer with a picture.")) from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(is_public(address) for address in addresses):
        raise Invalid(_("Pictures are fetched from public addresses only."))
    return addresses[0]
