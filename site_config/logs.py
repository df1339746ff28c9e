"""How a line of the log looks: one record is one line, and a traceback cannot be forged by a visitor."""

import logging
import re

# Everything that some program takes for the end of a line, and the escape that colours a terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]")


def escape(text: str) -> str:
    """`text` with line ends and control characters written out (\\n), so that it stays one line."""
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


class LineFormatter(logging.Formatter):
    """time level logger message, escaped; the lines of a traceback follow, each marked with a bar."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name} {message}", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:
        return escape(super().formatMessage(record))

    def formatException(self, exc_info) -> str:
        return _barred(super().formatException(exc_info))

    def formatStack(self, stack_info: str) -> str:
        return _barred(stack_info)


def _barred(text: str) -> str:
    return "\n".join("    | " + escape(line) for line in text.split("\n"))
