"""Django's door to the outbox: whatever calls `message.send()`, ours or a library's, writes a row."""

from collections.abc import Sequence
from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from marketplace.common.transactions import is_outermost

from .delivery import POSTMAN, send_one
from .services import post


class OutboxBackend(BaseEmailBackend):
    """`EMAIL_BACKEND`: mails go into the outbox, in the caller's transaction if there is one.

    Raises what a full or absent database raises, and nothing of what a mail server does.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            _soon(post(message))
        return len(email_messages)


def _soon(pk: int) -> None:
    """After COMMIT wake the postman, or send the mail here and now."""
    send = partial(send_one, pk) if settings.MAIL_AT_ONCE else POSTMAN.wake
    if is_outermost():
        send()
    else:
        transaction.on_commit(send, robust=True)
