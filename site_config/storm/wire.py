"""A wire of the storm: it passes bytes on, and while it is `bad` every so many an answer ends in its middle."""

import contextlib
import random
import socket
import threading


class Wire:
    """Before (host, port), at `port`. `bad` is the share of answers that are cut; `cuts` counts them."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.bad = 0.0
        self.cuts = 0
        self._chance = random.Random(port)  # noqa: S311  which answer is cut is no secret
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _address = self._listener.accept()
                try:
                    server = socket.create_connection(("127.0.0.1", self.target), 2)
                except OSError:
                    client.close()
                    continue
                for end in (client, server):
                    end.settimeout(None)
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for run in (self._ask, self._answer):
                    threading.Thread(target=run, args=(client, server), daemon=True).start()

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while sent := client.recv(65_536):
                server.sendall(sent)
        _end(client, server)

    def _answer(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while sent := server.recv(65_536):
                if self.bad and self._chance.random() < self.bad:
                    self.cuts += 1
                    client.sendall(sent[: len(sent) // 2])
                    break
                client.sendall(sent)
        _end(client, server)


def _end(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
