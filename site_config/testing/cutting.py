"""A wire that can be cut: a TCP proxy before the test's database, that drops both ends at a chosen word."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest
from django.db import connection


class Wire:
    """Passes bytes on until `cut_answer_to(word)`: what asks for it reaches the database, the answer nobody.

    `cuts` counts how often that happened; each call cuts once.
    """

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.cuts = 0
        self._word = b""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.own_port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_answer_to(self, word: bytes) -> None:
        self._word = word

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _address = self._listener.accept()
                server = socket.create_connection((self.host, self.port))
                line = _Line(self, client, server)
                threading.Thread(target=line.ask, daemon=True).start()
                threading.Thread(target=line.answer, daemon=True).start()

    def is_cut_by(self, sent: bytes) -> bool:
        if not self._word or self._word not in sent:
            return False
        self._word = b""
        self.cuts += 1
        return True


class _Line:
    """One connection through the wire."""

    def __init__(self, wire: Wire, client: socket.socket, server: socket.socket) -> None:
        self.wire, self.client, self.server = wire, client, server
        self.is_cut = False

    def ask(self) -> None:
        with contextlib.suppress(OSError):
            while sent := self.client.recv(65_536):
                self.is_cut = self.is_cut or self.wire.is_cut_by(sent)
                self.server.sendall(sent)
        self._end()

    def answer(self) -> None:
        with contextlib.suppress(OSError):
            while sent := self.server.recv(65_536):
                if self.is_cut:
                    break
                self.client.sendall(sent)
        self._end()

    def _end(self) -> None:
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@pytest.fixture
def wire(transactional_db) -> Iterator[Wire]:
    """This thread's connection goes through a wire that can be cut. PostgreSQL and MariaDB only."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no wire")
    where = connection.settings_dict
    before = where["HOST"], where["PORT"]
    wire = Wire(where["HOST"] or "127.0.0.1", int(where["PORT"]))
    connection.close()
    where["HOST"], where["PORT"] = "127.0.0.1", wire.own_port
    yield wire
    connection.close()
    where["HOST"], where["PORT"] = before
    wire.close()
