"""What a mail is for: how long it is worth sending, and whether a newer one takes its place.

Whoever writes a mail says so in its header `KIND`; the header itself is never sent. A mail that says nothing is
a notice. What a mail says is forgotten as soon as it is sent or given up, whatever its kind: a code or a link in
a copy of the database opens nothing then.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.core.mail import EmailMessage

KIND = "X-Store-Kind"


@dataclass(frozen=True)
class Kind:
    """A sort of mail."""

    name: str
    useful_for: timedelta
    """So long it is tried; afterwards nobody wants it any more."""
    newest_only: bool = False
    """A newer one to the same address makes the older ones, that still wait, worthless."""


NOTICE = Kind("notice", timedelta(days=3))
CODE = Kind("code", timedelta(minutes=15), newest_only=True)
KINDS = {kind.name: kind for kind in (NOTICE, CODE)}


def mark(message: EmailMessage, kind: Kind) -> EmailMessage:
    """Say what `message` is for, and return it."""
    message.extra_headers[KIND] = kind.name
    return message


def kind_of(message: EmailMessage) -> Kind:
    """What `message` is for. Raises KeyError for a kind that nobody knows."""
    return KINDS[message.extra_headers.get(KIND, NOTICE.name)]
