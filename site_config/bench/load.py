"""A load client for this machine only: a few connections, each asking again as soon as it is answered.

One thread, raw sockets and epoll: it costs about 0.05 ms a request, so on two shared cores it takes a
small and equal part from everything that it measures. Where a server ends the connection with its answer, as gunicorn's
sync workers do, it takes a new one, as a proxy would. It never speaks to any other host.
"""

import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

HOST = "127.0.0.1"
STUCK_AFTER = 30  # seconds


@dataclass
class Answers:
    """What came back: how long each took (seconds, sorted), the status codes, and the whole time."""

    latencies: list[float] = field(default_factory=list)
    statuses: Counter = field(default_factory=Counter)
    unexpected: bytes = b""
    body_bytes: int = 0
    elapsed: float = 0.0
    bodies: dict[int, bytes] = field(default_factory=dict)
    """What was answered to each request, by its number; only where they were asked to be kept."""

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.elapsed if self.elapsed else 0.0

    def percentile(self, share: float) -> float:
        """Milliseconds within which `share` of the answers came."""
        return 1000 * self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


class _Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()
        self.asked_at = 0.0
        self.number = 0

    def ask(self, request: bytes, number: int = 0) -> None:
        self.number = number
        self.buffer.clear()
        self.asked_at = time.perf_counter()
        self.socket.sendall(request)

    @property
    def is_kept(self) -> bool:
        """Whether the server, which has answered, reads another request from this connection."""
        head = bytes(self.buffer[: self.buffer.find(b"\r\n\r\n") + 2]).lower()
        return b"\r\nconnection: close\r\n" not in head

    def is_answered(self) -> bool:
        """Read what is there; True once the whole answer is."""
        piece = self.socket.recv(262_144)
        if not piece:
            raise ConnectionError(f"the server hung up after {bytes(self.buffer[:200])!r}")
        self.buffer += piece
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self.buffer[:end]).lower()
        if b"\r\ntransfer-encoding: chunked" in head:
            return self.buffer.endswith(b"0\r\n\r\n")
        at = head.find(b"\r\ncontent-length:")
        length = int(head[at + 17 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        return len(self.buffer) >= end + 4 + length


def ask_all(
    port: int,
    requests: Iterable[bytes],
    *,
    connections: int = 8,
    seconds: float | None = None,
    expected: tuple[int, ...] = (200,),
    keep: bool = False,
) -> Answers:
    """Send `requests` until they or `seconds` run out. Answers with another status are counted apart."""
    answers = Answers()
    supply: Iterator[tuple[int, bytes]] = enumerate(requests)
    with selectors.DefaultSelector() as selector:
        started = time.perf_counter()
        until = started + seconds if seconds else float("inf")
        for _ in range(connections):
            asked = next(supply, None)
            if asked is None:
                break
            _ask(_Connection(port), selector, asked)
        while selector.get_map():
            ready = selector.select(timeout=STUCK_AFTER)
            if not ready:
                raise TimeoutError(f"no answer within {STUCK_AFTER} s")
            for key, _events in ready:
                connection: _Connection = key.data
                if not connection.is_answered():
                    continue
                now = time.perf_counter()
                status = int(connection.buffer[9:12])
                answers.statuses[status] += 1
                answers.body_bytes += len(connection.buffer)
                answers.latencies.append(now - connection.asked_at)
                if status not in expected and not answers.unexpected:
                    answers.unexpected = bytes(connection.buffer[:3000])
                if keep:
                    answers.bodies[connection.number] = bytes(connection.buffer)
                asked = next(supply, None) if now < until else None
                selector.unregister(connection.socket)
                is_kept = asked is not None and connection.is_kept
                if not is_kept:
                    connection.socket.close()
                if asked is not None:
                    _ask(connection if is_kept else _Connection(port), selector, asked)
        answers.elapsed = time.perf_counter() - started
    answers.latencies.sort()
    return answers


def _ask(connection: _Connection, selector: selectors.BaseSelector, asked: tuple[int, bytes]) -> None:
    number, request = asked
    selector.register(connection.socket, selectors.EVENT_READ, connection)
    connection.ask(request, number)


def ask_once(port: int, request: bytes) -> tuple[int, str, str]:
    """One request on a connection of its own: status, head and body."""
    connection = _Connection(port)
    connection.ask(request)
    while not connection.is_answered():
        pass
    connection.socket.close()
    head, _, body = bytes(connection.buffer).partition(b"\r\n\r\n")
    return int(connection.buffer[9:12]), head.decode("latin-1"), body.decode("utf-8", "replace")


def get(path: str, *, cookies: str = "") -> bytes:
    """A GET as a browser's first line and headers; `cookies` as the Cookie header."""
    cookie = f"Cookie: {cookies}\r\n" if cookies else ""
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept: text/html\r\n{cookie}\r\n".encode()


def post(path: str, body: str, *, cookies: str) -> bytes:
    """A POST of form fields that are urlencoded already."""
    data = body.encode()
    return (
        f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept: text/html\r\nCookie: {cookies}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(data)}\r\n\r\n"
    ).encode() + data
