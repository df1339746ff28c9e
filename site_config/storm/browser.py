"""One person's browser: cookies, pages with forms, and what came of each request."""

import re
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from email import message_from_string
from email.message import Message
from html.parser import HTMLParser
from urllib.parse import urlencode, urlsplit

HUNG_AFTER = 30  # seconds without an answer: the person gives up, and the table says so
LOST = (OSError,)


class _Forms(HTMLParser):
    """Every form of a page: its address and its fields, as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self._is_inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((given.get("action", ""), {}))
            self._is_inside = True
        elif tag == "input" and self._is_inside and "name" in given:
            if given.get("type") in ("radio", "checkbox") and "checked" not in given:
                return
            self.found[-1][1][given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_inside = False


@dataclass(frozen=True)
class Page:
    path: str
    status: int
    location: str
    text: str

    def form(self, *names: str, action: str = "") -> dict[str, str] | None:
        """The fields of the form that has these, at this address."""
        reader = _Forms()
        reader.feed(self.text)
        for address, fields in reader.found:
            if set(names) <= fields.keys() and action in address:
                return dict(fields)
        return None


@dataclass
class Tally:
    """What was answered to everybody, since it was `cleared`."""

    statuses: Counter = field(default_factory=Counter)
    slowest: float = 0.0
    bare: list[str] = field(default_factory=list)
    """A 500, or an answer 5xx without our headers, which nobody drew."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, status: int | str, seconds: float, about: str = "") -> None:
        with self._lock:
            self.statuses[str(status)] += 1
            self.slowest = max(self.slowest, seconds)
            if about:
                self.bare.append(about)


class Browser:
    """Speaks to 127.0.0.1 only, a connection a request, as behind a proxy that keeps none."""

    def __init__(self, port: int, tally: Tally) -> None:
        self.port, self.tally = port, tally
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> Page:
        return self._ask("GET", path)

    def post(self, path: str, fields: dict[str, str]) -> Page:
        return self._ask("POST", path, urlencode(fields))

    def _ask(self, method: str, path: str, body: str | None = None) -> Page:
        """One request. Raises `LOST` errors where no whole answer came."""
        began = time.monotonic()
        try:
            status, answer, text = _exchange(self.port, self._request(method, path, body))
        except LOST as error:
            how = "hung" if isinstance(error, TimeoutError) else "none"
            self.tally.take(how, time.monotonic() - began)
            raise
        is_drawn = answer.get("Content-Security-Policy") and status != 500
        is_bare = status >= 500 and not is_drawn
        about = f"{method} {path}: {status} {text[:200]}" if is_bare else ""
        self.tally.take(status, time.monotonic() - began, about)
        for header in answer.get_all("Set-Cookie", []):
            name, value = re.match(r"([^=]+)=([^;]*)", header).groups()
            self.cookies[name] = value
        return Page(path, status, urlsplit(answer.get("Location", "")).path, text)

    def _request(self, method: str, path: str, body: str | None) -> bytes:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\nConnection: close\r\n"
        head += f"Cookie: {cookies}\r\n" if cookies else ""
        if body is not None:
            head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        return f"{head}\r\n{body or ''}".encode()


def _exchange(port: int, request: bytes) -> tuple[int, Message, str]:
    """One request and its whole answer. A head that ends in its middle is no answer; `http.client` takes it for one."""
    received = bytearray()
    with socket.create_connection(("127.0.0.1", port), HUNG_AFTER) as line:
        line.sendall(request)
        while piece := line.recv(262_144):
            received += piece
    head, blank, body = bytes(received).partition(b"\r\n\r\n")
    if not blank:
        raise ConnectionError("the head of the answer was cut")
    first, _, rest = head.decode("latin-1").partition("\r\n")
    headers = message_from_string(rest)
    if "Content-Length" in headers:
        is_whole = len(body) >= int(headers["Content-Length"])
    else:
        is_whole = headers.get("Transfer-Encoding") == "chunked" and body.endswith(b"0\r\n\r\n")
    if not is_whole:
        raise ConnectionError("the answer was cut")
    return int(first.split()[1]), headers, body.decode("utf-8", "replace")
