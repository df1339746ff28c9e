"""Taking mails out of the outbox and handing them to the mail server: never in a transaction, 5 seconds a step.

Two do it, and may at the same time: a thread of the process that wrote a mail, woken after its COMMIT, so that
a code is there in a second; and the sweep `send_mail`, for whatever that thread could not send or did not live
to. With `MAIL_AT_ONCE` (`make run`, the tests) the writer sends it itself, after its COMMIT.
"""

import logging
import smtplib
import threading
import time
from datetime import datetime

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connections

from marketplace.common import clock
from marketplace.common.sweeping import BATCH, BATCH_SECONDS, Swept
from marketplace.common.transactions import is_outermost

from .letters import unpack
from .models import OutgoingMail, State
from .services import Taken, failed, sent, take

logger = logging.getLogger(__name__)

# Of the server's numbers those that say "for good", about this mail and not about us (RFC 5321 §4.2.1); a wrong
# password of ours (535) is ours to mend, and the mail goes out once it is.
FOR_GOOD = range(500, 600)


def send_due(now: datetime) -> Swept:
    """Send what is due, the longest due first; 200 and 20 seconds at most.

    A server that does not answer ends the run: the next mails would wait for it one by one.
    """
    if not is_outermost():
        raise RuntimeError("mail is not sent in a transaction")
    due = OutgoingMail.objects.filter(state=State.WAITING, next_try_at__lte=now).order_by("next_try_at", "pk")
    done = troubled = 0
    ends = time.monotonic() + BATCH_SECONDS
    server = _Server()
    try:
        for pk in list(due.values_list("pk", flat=True)[:BATCH]):
            if time.monotonic() >= ends or server.is_away:
                break
            if (taken := take(pk, now=max(now, clock.now()))) is None:
                continue
            went = server.send(taken)
            done, troubled = done + went, troubled + (not went)
    finally:
        server.leave()
    return Swept(done, troubled)


class _Server:
    """The mail server of one run: one connection, opened for the first mail."""

    def __init__(self) -> None:
        self.backend: BaseEmailBackend = get_connection(settings.MAIL_BACKEND)
        self.is_away = False

    def send(self, taken: Taken) -> bool:
        """Send one mail and note how it went; never raises what the server does to us."""
        try:
            self.backend.open()
            self.backend.send_messages([unpack(taken.content)])
        except Exception as error:
            self.is_away = _is_about_the_server(error)
            if self.is_away:
                self.leave()
            told = _in_short(error)
            logger.warning("mail %s could not be sent (try %s): %s", taken.pk, taken.number, told)
            failed(taken, error=told, for_good=_is_for_good(error), now=clock.now())
            return False
        sent(taken, now=clock.now())
        return True

    def leave(self) -> None:
        try:
            self.backend.close()
        except Exception as error:
            logger.warning("the mail server did not say goodbye: %s", type(error).__name__)
        self.backend = get_connection(settings.MAIL_BACKEND)


def _is_about_the_server(error: Exception) -> bool:
    """Whether the next mail would fare the same: no connection, no answer, or it does not let us in."""
    if isinstance(error, (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError)):
        return False
    return isinstance(error, OSError)  # smtplib's own, timeouts and refused connections are


def _numbers(error: Exception) -> list[int]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _words in error.recipients.values()]
    return [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []


def _is_for_good(error: Exception) -> bool:
    """Whether another try would meet the same: the server said so of this mail, or it cannot be written."""
    if _is_about_the_server(error):
        return False
    numbers = _numbers(error)
    return all(number in FOR_GOOD for number in numbers) if numbers else isinstance(error, ValueError)


def _in_short(error: Exception) -> str:
    """The kind of error with the server's numbers; its words may name people."""
    return " ".join([type(error).__name__, *map(str, _numbers(error))])


class Postman:
    """One thread of this process that sends what is due, while there is something; `wake` starts it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._asked = False

    def wake(self) -> None:
        """Have what is due sent soon; returns at once."""
        with self._lock:
            self._asked = True
            # A thread of the parent is not alive in a forked worker.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._round, name="postman", daemon=True)
                self._thread.start()

    def _round(self) -> None:
        try:
            while self._is_asked():
                send_due(clock.now())
        except Exception as error:
            # Nothing is lost: the sweep goes on with it.
            logger.warning("the postman stopped: %s", type(error).__name__)
        finally:
            connections.close_all()

    def _is_asked(self) -> bool:
        """Whether somebody woke us since the last round. If not, the next one to do so starts another thread."""
        with self._lock:
            asked, self._asked = self._asked, False
            if not asked:
                self._thread = None
            return asked

    def wait(self, seconds: float) -> None:
        """Wait until the present round is over; for tests and for a process that ends."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)


POSTMAN = Postman()


def send_one(pk: int) -> None:
    """Send one mail now, in this thread; where it cannot be sent the sweep goes on with it."""
    server = _Server()
    try:
        if taken := take(pk, now=clock.now()):
            server.send(taken)
    finally:
        server.leave()
