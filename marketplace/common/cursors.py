"""Where a page of a list ended, for its URL: opaque, unsigned, and never trusted.

A cursor names a place in a list that its reader may see anyway, so a forged one shows another page of it.
"""

import base64
import json

LONGEST = 200
LARGEST = 2**62


def write_cursor(*parts: int | str) -> str:
    """`parts` as one word of a URL."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def read_cursor(text: str) -> list[int | str]:
    """What `write_cursor` was given; nothing for anything else: the list begins at its start."""
    if not text or len(text) > LONGEST or not text.isascii():
        return []
    try:
        parts = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError):
        return []
    if not isinstance(parts, list) or not all(map(_is_part, parts)):
        return []
    return parts


def _is_part(part: object) -> bool:
    return isinstance(part, str) or (type(part) is int and abs(part) < LARGEST)
