import logging
import sys

from site_config.logs import LineFormatter


def record(message: str, *args: object, exc_info=None) -> logging.LogRecord:
    return logging.LogRecord("shop", logging.WARNING, __file__, 1, message, args, exc_info)


def test_a_visitor_cannot_write_a_second_line_into_the_log():
    text = LineFormatter().format(record("not found: %s", "/x\r\n2026-01-01 INFO shop paid\x1b[2J\u2028"))

    assert text.endswith(r"WARNING shop not found: /x\r\n2026-01-01 INFO shop paid\x1b[2J\u2028")
    assert len(text.splitlines()) == 1


def test_the_lines_of_a_traceback_are_marked():
    try:
        raise ValueError("first\n2026-01-01 INFO shop forged")
    except ValueError:
        text = LineFormatter().format(record("broken", exc_info=sys.exc_info()))

    first, *rest = text.splitlines()
    assert first.endswith("WARNING shop broken")
    assert all(line.startswith("    | ") for line in rest)
    assert "    | 2026-01-01 INFO shop forged" in rest
