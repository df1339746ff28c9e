"""A mail as text that a row can keep, and back again."""

import json
from email.utils import make_msgid
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives

from .kinds import KIND


def pack(message: EmailMessage) -> str:
    """`message` as JSON, with the Message-ID that it will have however often it is sent.

    Raises ValueError for one with attachments: nothing of ours has any, and a row is no place for files.
    """
    if message.attachments:
        raise ValueError("the outbox takes no attachments")
    headers = {name: str(value) for name, value in message.extra_headers.items() if name != KIND}
    headers.setdefault("Message-ID", make_msgid(domain=urlsplit(settings.SITE_URL).hostname or "localhost"))
    return json.dumps(
        {
            "subject": str(message.subject),
            "body": str(message.body),
            "content_subtype": message.content_subtype,
            "alternatives": [
                [str(content), str(mimetype)] for content, mimetype in getattr(message, "alternatives", ())
            ],
            "from_email": message.from_email,
            "to": list(message.to),
            "cc": list(message.cc),
            "bcc": list(message.bcc),
            "reply_to": list(message.reply_to),
            "headers": headers,
        }
    )


def unpack(content: str) -> EmailMessage:
    """The mail that `pack` made `content` of."""
    parts = json.loads(content)
    subtype = parts.pop("content_subtype")
    parts["alternatives"] = [tuple(part) for part in parts["alternatives"]]
    message = EmailMultiAlternatives(**parts) if parts["alternatives"] else _plain(parts)
    message.content_subtype = subtype
    return message


def _plain(parts: dict[str, object]) -> EmailMessage:
    return EmailMessage(**{name: value for name, value in parts.items() if name != "alternatives"})  # type: ignore[arg-type]
