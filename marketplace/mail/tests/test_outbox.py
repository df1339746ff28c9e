"""The outbox: a mail is written with what it tells about, sent by whoever takes it, and forgotten."""

import json
import threading
import time
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMessage, EmailMultiAlternatives, send_mail
from django.db import IntegrityError, connections, transaction

from marketplace.common import clock
from marketplace.common.transactions import service
from marketplace.mail import delivery, services
from marketplace.mail.delivery import POSTMAN, send_due, send_one
from marketplace.mail.kinds import CODE, NOTICE, mark
from marketplace.mail.letters import pack, unpack
from marketplace.mail.models import OutgoingMail, State
from marketplace.mail.selectors import could_not_be_sent, mail_state
from marketplace.mail.services import MOST_TRIES, failed, forget_old_mail, post, sent, take

from .servers import mail_server

pytestmark = [pytest.mark.django_db]
SMTP = "django.core.mail.backends.smtp.EmailBackend"


def letter(to: str = "kim@example.org", body: str = "Your code is 1234", **more) -> EmailMessage:
    return EmailMessage("Hello", body, "store@example.org", [to], **more)


def posted(to: str = "kim@example.org", kind=NOTICE, **more) -> OutgoingMail:
    return OutgoingMail.objects.get(pk=post(mark(letter(to, **more), kind)))


@pytest.fixture
def smtp(settings):
    """Mail goes to a server at this port; `smtp(port)`."""

    def use(port: int) -> None:
        settings.MAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""

    return use


def closed_port() -> int:
    with mail_server() as server:
        return server.port


def test_what_django_sends_goes_through_the_outbox_and_leaves_no_words(settings):
    assert settings.EMAIL_BACKEND == "marketplace.mail.backend.OutboxBackend"

    send_mail("Hello", "Your code is 1234", None, ["Kim@Example.org"])

    row = OutgoingMail.objects.get()
    assert (row.state, row.content, row.address, row.tries) == (State.SENT, "", "kim@example.org", 1)
    assert [message.body for message in mail.outbox] == ["Your code is 1234"]


def test_a_mail_comes_out_as_it_went_in():
    message = EmailMultiAlternatives(
        "Sübject",
        "plain",
        "store@example.org",
        ["a@example.org"],
        bcc=["b@example.org"],
        cc=["c@example.org"],
        reply_to=["r@example.org"],
        headers={"X-Other": "yes"},
    )
    message.attach_alternative("<p>rich</p>", "text/html")

    again = unpack(pack(mark(message, CODE)))

    assert again.recipients() == message.recipients()
    assert again.message()["Message-ID"] == unpack(pack(again)).message()["Message-ID"]
    for name in ("Subject", "From", "To", "Cc", "Reply-To", "X-Other"):
        assert again.message()[name] == message.message()[name]
    assert "X-Store-Kind" not in again.message()
    assert "<p>rich</p>" in again.message().as_string()


@pytest.mark.parametrize("bad", [{"to": []}, {"attachments": [("a.txt", "text", "text/plain")]}])
def test_what_the_outbox_cannot_hold_is_refused_when_it_is_written(bad):
    message = EmailMessage(
        "Hello", "words", None, bad.get("to", ["a@example.org"]), attachments=bad.get("attachments")
    )

    with pytest.raises(ValueError, match=r"recipient|attachments"):
        post(message)

    assert not OutgoingMail.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_mail_of_a_transaction_that_is_undone_is_never_sent():
    @service
    def tell_and_break() -> None:
        letter().send()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        tell_and_break()

    assert not OutgoingMail.objects.exists()
    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)
def test_a_mail_is_sent_after_the_commit_and_not_before():
    @service
    def tell() -> int:
        letter().send()
        return len(mail.outbox)

    assert (tell(), len(mail.outbox)) == (0, 1)


@pytest.mark.parametrize(
    ("answers", "state", "error"),
    [
        ({"RCPT": "550 nobody of that name"}, State.PARKED, "SMTPRecipientsRefused 550"),
        ({"RCPT": "450 come again"}, State.WAITING, "SMTPRecipientsRefused 450"),
        ({"BODY": "554 we do not like it"}, State.PARKED, "SMTPDataError 554"),
        ({"BODY": "451 not now"}, State.WAITING, "SMTPDataError 451"),
        ({"MAIL": "421 too many"}, State.WAITING, "SMTPSenderRefused 421"),
        ({"MAIL": "drop"}, State.WAITING, "SMTPServerDisconnected"),
    ],
)
def test_what_a_server_says_decides_whether_it_is_tried_again(smtp, answers, state, error, caplog):
    row = posted()
    with mail_server(**answers) as server:
        smtp(server.port)
        now = clock.now()
        assert send_due(now) == (0, 1)
    row.refresh_from_db()

    assert (row.state, row.last_error, row.tries) == (state, error, 1)
    assert (row.content == "") is (state == State.PARKED)
    assert row.next_try_at >= now + services.FIRST_DELAY
    assert "Traceback" not in caplog.text
    assert "kim@example.org" not in caplog.text
    assert mail_state(clock.now()).parked == (state == State.PARKED)


def test_a_server_that_is_away_is_asked_once_a_round_and_everything_goes_out_when_it_is_back(smtp):
    rows = [posted(f"p{number}@example.org") for number in range(3)]
    smtp(closed_port())

    assert send_due(clock.now()) == (0, 1)
    assert sorted(OutgoingMail.objects.values_list("tries", flat=True)) == [0, 0, 1]
    with mail_server() as server:
        smtp(server.port)
        assert send_due(clock.now() + timedelta(minutes=1)) == (3, 0)
        assert server.connections == 1
        assert len(server.taken) == 3

    assert {row.state for row in OutgoingMail.objects.all()} == {State.SENT}
    assert len(rows) == 3


def test_one_mail_that_is_refused_stops_no_other(smtp):
    posted("nobody@example.org")
    posted("kim@example.org")
    with mail_server(RCPT="550 no") as server:
        smtp(server.port)
        send_due(clock.now())

    assert set(OutgoingMail.objects.values_list("state", flat=True)) == {State.PARKED}


def test_a_server_that_says_nothing_is_waited_for_no_longer_than_the_timeout(smtp, settings):
    assert settings.EMAIL_TIMEOUT == 5
    settings.EMAIL_TIMEOUT = 0.3
    row = posted()
    with mail_server(stall="") as server:
        smtp(server.port)
        began = time.monotonic()
        send_due(clock.now())
        assert time.monotonic() - began < 2

    row.refresh_from_db()
    assert (row.state, row.last_error) == (State.WAITING, "SMTPServerDisconnected")


def test_a_mail_rests_longer_after_each_try_and_an_hour_at_most():
    delays = [services.delay_after(tries).total_seconds() for tries in (1, 2, 3, 4, 30)]

    assert delays == [15, 30, 60, 120, 3600]


def test_who_took_a_mail_and_died_leaves_it_to_another_after_the_lease():
    row, now = posted(), clock.now()
    first = take(row.pk, now=now)

    assert take(row.pk, now=now) is None
    second = take(row.pk, now=now + services.LEASE)
    assert second.number == first.number + 1
    assert not failed(first, error="late", for_good=True, now=now)
    assert not sent(first, now=now)
    assert OutgoingMail.objects.get().state == State.WAITING
    assert sent(second, now=now)
    assert not sent(second, now=now)


def states_of(*rows: OutgoingMail) -> list[str]:
    return [OutgoingMail.objects.get(pk=row.pk).state for row in rows]


def test_a_mail_that_cannot_be_sent_in_time_is_parked_or_dropped(smtp):
    code, notice = posted("ann@example.org", CODE), posted()
    smtp(1)  # where nobody listens

    with clock.moved(timedelta(days=2)):
        assert send_due(clock.now()) == (0, 1)
    assert states_of(code, notice) == [State.DROPPED, State.WAITING]
    with clock.moved(timedelta(days=3)):
        assert send_due(clock.now()) == (0, 1)

    assert states_of(notice) == [State.PARKED]


def test_a_clock_that_jumped_or_a_long_pause_gives_no_notice_up_unsent():
    notice, code = posted(), posted("ann@example.org", CODE)

    with clock.moved(timedelta(days=30)):
        assert send_due(clock.now()) == (1, 0)

    assert states_of(notice, code) == [State.SENT, State.DROPPED]
    assert [sent.to for sent in mail.outbox] == [["kim@example.org"]]


def test_a_mail_that_ends_whoever_sends_it_is_parked_at_last():
    row = posted()
    OutgoingMail.objects.filter(pk=row.pk).update(tries=MOST_TRIES)

    assert take(row.pk, now=clock.now() + timedelta(days=3)) is None
    assert states_of(row) == [State.PARKED]


def test_a_newer_code_takes_the_place_of_one_that_waits():
    other, old = posted("ann@example.org", CODE), posted(kind=CODE)
    notice, new = posted(kind=NOTICE), posted("KIM@example.org", kind=CODE)
    waiting = OutgoingMail.objects.filter(state=State.WAITING)

    assert {*waiting.values_list("pk", flat=True)} == {other.pk, notice.pk, new.pk}
    assert OutgoingMail.objects.get(pk=old.pk).state == State.DROPPED


def test_whether_a_mail_waits_in_vain_is_known():
    row = posted()
    assert not could_not_be_sent("kim@example.org")

    failed(take(row.pk, now=clock.now()), error="ConnectionRefusedError", for_good=False, now=clock.now())

    assert could_not_be_sent("KIM@example.org")
    assert not could_not_be_sent("ann@example.org")


def test_a_row_of_a_mail_that_ended_can_hold_no_words():
    row = posted()

    with pytest.raises(IntegrityError), transaction.atomic():
        OutgoingMail.objects.filter(pk=row.pk).update(state=State.SENT, ended_at=clock.now())


def test_what_ended_a_month_ago_is_forgotten_and_nothing_else():
    old, young, waiting = posted(), posted(), posted()
    for row in (old, young):
        send_one(row.pk)
    month = services.KEPT_FOR
    OutgoingMail.objects.filter(pk=old.pk).update(ended_at=clock.now() - month - timedelta(hours=1))
    OutgoingMail.objects.filter(pk=waiting.pk).update(created_at=clock.now() - 2 * month)

    assert forget_old_mail(clock.now()) == 1
    assert {*OutgoingMail.objects.values_list("pk", flat=True)} == {young.pk, waiting.pk}


def test_mail_is_not_sent_in_a_transaction():
    @service
    def wrong() -> None:
        send_due(clock.now())

    with pytest.raises(RuntimeError, match="in a transaction"):
        wrong()


@pytest.mark.django_db(transaction=True)
def test_the_postman_sends_beside_the_one_who_wrote(settings, smtp):
    settings.MAIL_AT_ONCE = False
    with mail_server() as server:
        smtp(server.port)
        for number in range(3):
            letter(f"p{number}@example.org").send()
        POSTMAN.wait(10)

        assert len(server.taken) == 3
    assert set(OutgoingMail.objects.values_list("state", flat=True)) == {State.SENT}


@pytest.mark.django_db(transaction=True)
def test_a_postman_that_stumbled_is_there_for_the_next(settings, monkeypatch, caplog):
    settings.MAIL_AT_ONCE = False
    with monkeypatch.context() as patch:
        patch.setattr(delivery, "send_due", lambda now: 1 / 0)
        letter("first@example.org").send()
        POSTMAN.wait(10)
    assert "the postman stopped: ZeroDivisionError" in caplog.text

    letter("second@example.org").send()
    POSTMAN.wait(10)

    assert {*OutgoingMail.objects.values_list("state", flat=True)} == {State.SENT}


@pytest.mark.django_db(transaction=True)
def test_who_writes_while_the_server_stalls_does_not_wait(settings, smtp):
    settings.MAIL_AT_ONCE, settings.EMAIL_TIMEOUT = False, 1
    with mail_server(stall="") as server:
        smtp(server.port)
        began = time.monotonic()
        for _ in range(5):
            letter().send()
        took = time.monotonic() - began
        POSTMAN.wait(20)

    assert took < 0.8
    assert OutgoingMail.objects.filter(state=State.WAITING).count() == 5


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("leased", [True, False], ids=["leased", "control"])
def test_many_who_send_at_once_send_each_mail_once(leased, monkeypatch):
    """The control takes the conditional UPDATE away: then several take the same mail."""
    rows = [posted(f"p{number}@example.org") for number in range(5)]
    gate = threading.Barrier(4)

    def read_then_wait(pk: int, *, now):
        row = OutgoingMail.objects.get(pk=pk)
        gate.wait(timeout=20)
        return services.Taken(row.pk, row.content, row.tries)

    if not leased:
        monkeypatch.setattr(delivery, "take", read_then_wait)
    delivered: list[str] = []
    monkeypatch.setattr(
        delivery._Server, "send", lambda self, taken: delivered.append(json.loads(taken.content)["to"][0])
    )

    def run() -> None:
        for row in rows:
            try:
                send_one(row.pk)
            finally:
                connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(delivered) == (5 if leased else 20)
