"""A door between the store and what it depends on, that a test can shut: refused, cut, or open and silent."""

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Iterator


class Proxy:
    """Passes bytes on to (host, port) while `open`; `refuse`, `stall` and `cut` say otherwise until `pass_on`."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.accepted = 0
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._stalls = self._ends = False
        self._listens = True
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def refuse(self) -> None:
        """As a server that was stopped: what is open breaks, nothing new is let in."""
        self._listens = False
        self._listener.close()
        self.cut()

    def stall(self) -> None:
        """As a server that was frozen: connections are taken, and no byte comes back."""
        self._stalls = True

    def cut(self) -> None:
        """Break every open connection, once."""
        for pair in self._pairs[:]:
            self._drop(pair)

    def pass_on(self) -> None:
        """As if nothing had been."""
        self._stalls = False
        if not self._listens:
            self._listener = socket.create_server(("127.0.0.1", self.port))
            self._listens = True

    def close(self) -> None:
        self._ends = True
        self._thread.join()
        self._listener.close()
        self.cut()

    def _run(self) -> None:
        while not self._ends:
            with selectors.DefaultSelector() as selector:
                listener = self._listener
                with contextlib.suppress(ValueError, OSError):
                    selector.register(listener, selectors.EVENT_READ, None)
                for pair in self._pairs[:] if not self._stalls else []:
                    for source, target in (pair, pair[::-1]):
                        with contextlib.suppress(ValueError, OSError):
                            selector.register(source, selectors.EVENT_READ, (pair, target))
                ready = selector.select(0.01) if selector.get_map() else time.sleep(0.01)
                for key, _events in ready or []:
                    self._serve(key.fileobj, key.data)

    def _serve(self, source: socket.socket, data: tuple | None) -> None:
        if data is None:
            with contextlib.suppress(OSError):
                client, _address = source.accept()
                self.accepted += 1
                self._pairs.append((client, socket.create_connection(self._target, 2)))
            return
        pair, target = data
        try:
            if not self._stalls and (received := source.recv(65536)):
                target.sendall(received)
                return
        except OSError:
            pass
        if not self._stalls:
            self._drop(pair)

    def _drop(self, pair: tuple[socket.socket, socket.socket]) -> None:
        for end in pair:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        with contextlib.suppress(ValueError):
            self._pairs.remove(pair)


@contextlib.contextmanager
def proxy(host: str, port: int) -> Iterator[Proxy]:
    """A `Proxy` that is gone when the block is left."""
    door = Proxy(host, port)
    try:
        yield door
    finally:
        door.close()
