import io
import logging
import sys

import pytest
from django.conf import settings
from django.db import OperationalError
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import path

from marketplace.common.errors import Busy
from marketplace.common.sweeping import Sweep
from marketplace.web.clockwork import run_sweep
from marketplace.web.request_ids import RequestIds
from site_config.logs import LineFormatter, Unavailable, VisitorsFault


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


@pytest.fixture
def lines(settings):
    """What the store's own handler writes while the test runs."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(VisitorsFault())
    handler.setFormatter(LineFormatter())
    logging.getLogger().addHandler(handler)
    yield lambda: out.getvalue().splitlines()
    logging.getLogger().removeHandler(handler)


def test_a_query_without_end_is_one_line_and_no_error(db, client, lines):
    """Anybody could fill the disk with tracebacks, and wake whoever is called for errors."""
    assert client.get("/search/?" + "a=1&" * 300).status_code == 400

    assert len(lines()) <= 2
    assert not [line for line in lines() if " ERROR " in line or line.startswith("    |")]
    assert "django.security" in lines()[0]


def test_a_403_is_one_line(client, person, lines):
    client.force_login(person())

    assert client.get("/backoffice/").status_code == 403

    assert len(lines()) == 1
    assert "/backoffice/" in lines()[0]


def test_a_bug_keeps_its_traceback(db, client, lines, monkeypatch):
    """The control."""

    def broken(*_given):
        raise RuntimeError("a bug")

    monkeypatch.setattr("site_config.health.DEGRADED", [("a word", broken)])
    client.raise_request_exception = False

    assert client.get("/healthz").status_code == 500

    assert [line for line in lines() if " ERROR " in line]
    assert [line for line in lines() if line.startswith("    |") and "a bug" in line]


# --- what is away ---------------------------------------------------------------------------------


@pytest.fixture
def log(monkeypatch) -> io.StringIO:
    """What the console shows from now on, by the settings' own handler."""
    shown = io.StringIO()
    handler = logging.StreamHandler(shown)
    handler.setFormatter(LineFormatter())
    handler.addFilter(Unavailable())
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", False)
    return shown


def away(request) -> HttpResponse:
    cause = ConnectionError("server closed the connection\nunexpectedly")
    raise OperationalError(2013, "Lost connection") from cause


def broken(request) -> HttpResponse:
    raise KeyError("a bug")


def refused(request) -> HttpResponse:
    raise Busy("The store is very busy.")


urlpatterns = [path("away/", away), path("broken/", broken), path("refused/", refused)]
handler500 = "marketplace.web.errors.broken"


@pytest.fixture
def visitor(settings, client):
    settings.ROOT_URLCONF = __name__
    settings.LOGIN_URL = "/login/"
    settings.MIDDLEWARE = [
        "marketplace.web.request_ids.RequestIds",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django_htmx.middleware.HtmxMiddleware",
    ]
    client.raise_request_exception = False
    return client


def test_an_answer_503_is_one_line_with_the_request(log, visitor, db):
    answer = visitor.get("/away/")

    assert answer.status_code == 503
    [line] = log.getvalue().splitlines()
    assert "WARNING django.request Service Unavailable: /away/: ConnectionError: server closed" in line
    assert line.endswith(f"[{answer['X-Request-ID']}]")
    assert answer["X-Request-ID"] in answer.content.decode()


def test_so_does_a_refusal_of_a_service(log, visitor, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "marketplace.web.middleware.DomainErrors"]

    assert visitor.get("/refused/", headers={"HX-Request": "true"}).status_code == 503

    [line] = log.getvalue().splitlines()
    assert "Busy: The store is very busy." in line


def test_five_are_told_a_minute_and_the_rest_is_counted(log, visitor, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr("site_config.logs.time.monotonic", lambda: clock[0])
    for _turn in range(500):
        visitor.get("/away/")
    assert len(log.getvalue().splitlines()) == 5

    clock[0] = 61.0
    visitor.get("/away/")

    assert "(and 495 more before)" in log.getvalue().splitlines()[-1]


def test_a_bug_keeps_its_traceback_however_often(log, visitor):
    for _turn in range(20):
        assert visitor.get("/broken/").status_code == 500

    assert log.getvalue().count("    | KeyError: 'a bug'") == 20


def test_the_settings_have_the_filters():
    assert settings.LOGGING["handlers"]["console"]["filters"] == ["visitors", "unavailable"]


@pytest.mark.parametrize(
    ("proxies", "given", "is_taken"),
    [(1, "abc-123_45.6", True), (0, "abc-123_45.6", False), (1, "x\r\ny", False), (1, "a" * 65, False)],
)
def test_only_a_proxy_of_ours_gives_a_request_its_id(settings, proxies, given, is_taken):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", headers={"X-Request-ID": given})

    answer = RequestIds(lambda request: HttpResponse())(request)

    assert (answer["X-Request-ID"] == given) is is_taken


def test_a_sweep_that_meets_a_busy_database_is_a_line(log, db):
    def lost(now):
        raise OperationalError(2013, "Lost connection")

    run_sweep(Sweep("test", "Test", lost, turn=1))

    [line] = log.getvalue().splitlines()
    assert "the sweep test failed: OperationalError" in line
