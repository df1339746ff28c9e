"""How a line of the log looks: one record is one line, and a traceback cannot be forged by a visitor.

What is around the store being away is no bug: an answer 503 is one line without a traceback, and told at most so
often (docs/reliability.md, M22: 5,678 of them once wrote 49 MB).
"""

import logging
import re
import threading
import time

from marketplace.web import request_ids

# Everything that some program takes for the end of a line, and the escape that colours a terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]")


def escape(text: str) -> str:
    """`text` with line ends and control characters written out (\\n), so that it stays one line."""
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


class VisitorsFault(logging.Filter):
    """What a visitor did wrong is one line and no error: Django writes a traceback for every 400 and 403 of its own.

    Anybody can cause those by the thousand; tracebacks and errors are for bugs.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        is_refusal = record.name == "django.request" or record.name.startswith("django.security.")
        if is_refusal and getattr(record, "status_code", 500) < 500:
            record.exc_info = record.exc_text = None
            if record.levelno > logging.WARNING:
                record.levelno, record.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
        return True


class LineFormatter(logging.Formatter):
    """time level logger message [request], escaped; a traceback's lines follow, each marked with a bar."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name} {message}", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:
        number = (
            getattr(getattr(record, "request", None), "META", {}).get("REQUEST_ID") or request_ids.current()
        )
        return escape(super().formatMessage(record) + (f" [{number}]" if number else ""))

    def formatException(self, exc_info) -> str:
        return _barred(super().formatException(exc_info))

    def formatStack(self, stack_info: str) -> str:
        return _barred(stack_info)


def _barred(text: str) -> str:
    return "\n".join("    | " + escape(line) for line in text.split("\n"))


class Unavailable(logging.Filter):
    """One line for what is away, busy, full or read-only, and `most` of them in `seconds`; the rest is counted.

    Those are Django's records of an answer 503, and records with `extra={"unavailable": error}`. All others pass.
    """

    def __init__(self, most: int = 5, seconds: float = 60.0) -> None:
        super().__init__()
        self.most, self.seconds = most, seconds
        self._lock = threading.Lock()
        self._began = -seconds
        self._told = self._kept_back = 0

    def filter(self, record: logging.LogRecord) -> bool:
        error = _why_unavailable(record)
        if error is None:
            return True
        with self._lock:
            now = time.monotonic()
            if now - self._began >= self.seconds:
                self._began, self._told = now, 0
            if self._told >= self.most:
                self._kept_back += 1
                return False
            self._told += 1
            more, self._kept_back = self._kept_back, 0
        words = f"{record.getMessage()}: {error}".strip().partition("\n")[0]
        record.msg = words + (f" (and {more} more before)" if more else "")
        record.args, record.exc_info, record.exc_text = None, None, None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


def _why_unavailable(record: logging.LogRecord) -> str | None:
    """The words of what was away; None for every other record."""
    error = getattr(record, "unavailable", None)
    if error is None:
        if getattr(record, "status_code", None) != 503:
            return None
        error = getattr(getattr(record, "request", None), "unavailable", None)
    if error is None and record.exc_info:
        error = record.exc_info[1]
    if error is None:
        return ""
    cause = error.__cause__ if error.__cause__ and not isinstance(error, OSError) else error
    return f"{type(cause).__name__}: {cause}"
