"""A mail server for tests, on a real socket: it takes mail, says no, or says nothing."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Talk(socketserver.StreamRequestHandler):
    """One connection. `server.answers` maps a command to what is said instead of "250 fine"."""

    def handle(self) -> None:
        self.server.connections += 1
        if "stall" in self.server.answers:
            self.server.over.wait(60)
            return
        self._say("220 here")
        while line := self.rfile.readline():
            word = line[:4].decode("latin-1").upper().strip()
            answer = self.server.answers.get(word)
            if answer == "drop":
                return
            if answer:
                self._say(answer)
            elif word == "DATA":
                self._say("354 go on")
                self._take()
            elif word == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _take(self) -> None:
        text = b""
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            text += line
        answer = self.server.answers.get("BODY", "250 taken")
        if answer.startswith("250"):
            self.server.taken.append(text.decode())
        self._say(answer)

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


class MailServer(socketserver.ThreadingTCPServer):
    """`answers` may be changed while it runs; `taken` are the mails that it took."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, **answers: str) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.answers, self.taken, self.connections = answers, [], 0
        self.over = threading.Event()

    @property
    def port(self) -> int:
        return self.server_address[1]


@contextmanager
def mail_server(**answers: str) -> Iterator[MailServer]:
    """A server that takes everything but what `answers` says: `RCPT="550 nobody"`, `MAIL="drop"`, `stall=""`."""
    with MailServer(**answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()
