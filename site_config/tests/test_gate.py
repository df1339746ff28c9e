"""What is refused in front of both applications, before Django reads it."""

import asyncio
import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection

import pytest
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from marketplace.web.bodies import MOST_FORM, MOST_WITH_PHOTO
from site_config import asgi, wsgi
from site_config.gate import guard_asgi, guard_wsgi, refused_scope
from site_config.logs import LineFormatter
from site_config.testing.cost import slowness
from site_config.tests.test_permissions import our_views

FORM = "multipart/form-data; boundary=b"
# More than a minute of Python's punycode.
SLOW = b"--b\r\nContent-Disposition: form-data; name=x\r\n\r\n" + b"a" * 600_000 + b"\r\n--b--\r\n"
ESCAPES = '"' + '\\"' * 5_000 + '"'
REFUSED = {
    **{
        f"charset {charset}": (415, {"content-type": f"{FORM}; {charset}"})
        for charset in (
            "charset=undefined",
            "charset=rot13",
            "charset=zlib",
            "charset=idna",
            "charset=utf-7",
            'CharSet = "utf-16"',
            "charset=utf-8; charset=rot13",
            "charset*=punycode''utf-8",
        )
    },
    "a type without end": (415, {"content-type": FORM + ";a" * 500}),
    "cookies without end": (431, {"cookie": "a=b; " * 5_000}),
    "cookies of quotes": (431, {"cookie": f"a={ESCAPES}"}),
    "headers without end": (431, {"x-forwarded-for": "1," * 20_000}),
}


def ask_wsgi(path: str = "/healthz", query: str = "", headers: dict | None = None, method: str = "GET"):
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.input": io.BytesIO(),
        "wsgi.url_scheme": "https",
    }
    for name, value in (headers or {}).items():
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    said = {}

    def start(status: str, headers: list, *_rest: object) -> None:
        said.update(status=int(status[:3]), headers=dict(headers))

    body = b"".join(guard_wsgi(_nobody_wsgi)(environ, start))
    return said["status"], {name.lower(): value for name, value in said["headers"].items()}, body


def ask_asgi(path: str = "/healthz", query: str = "", headers: dict | None = None, method: str = "GET"):
    scope = {
        "type": "http",
        "method": method,
        "scheme": "https",
        "path": path,
        "query_string": query.encode(),
        "headers": [(b"host", b"localhost")]
        + [(name.encode(), value.encode("latin-1")) for name, value in (headers or {}).items()],
    }
    sent = []

    async def receive() -> dict:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict) -> None:
        sent.append(message)

    asyncio.run(guard_asgi(_nobody)(scope, receive, send))
    named = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], named, sent[1]["body"]


def _nobody_wsgi(environ, start_response) -> list[bytes]:
    start_response("200 OK", [])
    return [b"ok"]


async def _nobody(scope, receive, send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.mark.parametrize("ask", [ask_wsgi, ask_asgi])
@pytest.mark.parametrize(("status", "headers"), REFUSED.values(), ids=REFUSED)
def test_what_no_browser_sends_is_refused_with_our_headers(ask, status, headers):
    answered, named, body = ask(headers=headers)

    assert answered == status
    assert "default-src 'self'" in named["content-security-policy"]
    assert named["x-content-type-options"] == "nosniff"
    assert named["cache-control"] == "no-store"
    assert b"Nothing was changed" in body


@pytest.mark.parametrize("ask", [ask_wsgi, ask_asgi])
def test_a_refusal_is_one_line_of_the_log_and_its_page_names_the_request(ask, caplog):
    caplog.handler.setFormatter(LineFormatter())

    _status, named, body = ask("/p/lamp/", "secret=1", {"content-type": f"{FORM}; charset=rot13"})

    assert named["x-request-id"].encode() in body
    [line] = caplog.text.splitlines()
    assert line.endswith(f"Unsupported Media Type: /p/lamp/ [{named['x-request-id']}]")


@pytest.mark.parametrize("ask", [ask_wsgi, ask_asgi])
@pytest.mark.parametrize("where", [{"path": "/media/" + "x" * 9_000}, {"query": "q=" + "x" * 9_000}])
def test_an_address_without_end_is_refused(ask, where):
    assert ask(**where)[0] == 414


@pytest.mark.parametrize("ask", [ask_wsgi, ask_asgi])
def test_who_asks_for_the_head_gets_no_body(ask):
    assert ask(headers={"content-type": "text/plain; charset=rot13"}, method="HEAD")[::2] == (415, b"")


@pytest.mark.parametrize("ask", [ask_wsgi, ask_asgi])
@pytest.mark.parametrize(
    "content_type",
    ["", "text/html", FORM, f"{FORM}; charset=UTF-8", 'application/json; charset="utf-8"', "a;charset=utf8"],
)
def test_what_browsers_send_goes_on(ask, content_type):
    headers = {"content-type": content_type, "cookie": "messages=" + '\\"\\054' * 400, "host": "localhost"}

    assert ask(headers=headers)[0] == 200


def test_a_type_that_is_sent_twice_counts_as_django_joins_it():
    scope = {"path": "/", "headers": [(b"content-type", b"a/b; x=y"), (b"content-type", b"c;charset=rot13")]}

    assert refused_scope(scope) == 415


SIGN_IN, PHOTO = "/accounts/login/", "/courier/jobs/abc/fail/"
BODIES = {
    "60 MB to the sign-in page": (413, SIGN_IN, {"content-length": str(60_000_000)}),
    "a byte more than a form": (413, SIGN_IN, {"content-length": str(MOST_FORM + 1)}),
    "to no page at all": (413, "/none/", {"content-length": str(MOST_FORM + 1)}),
    "a byte more than a photo": (413, PHOTO, {"content-length": str(MOST_WITH_PHOTO + 1)}),
    "zeros before it": (413, SIGN_IN, {"content-length": "0" * 40 + "60000000"}),
    "a length without end": (413, SIGN_IN, {"content-length": "9" * 400}),
    "no length": (411, SIGN_IN, {"transfer-encoding": "chunked"}),
    "a length that is none": (400, SIGN_IN, {"content-length": "-1"}),
    "digits of another script": (400, SIGN_IN, {"content-length": "\u00b2"}),
    "a whole form": (200, SIGN_IN, {"content-length": str(MOST_FORM)}),
    "a photo": (200, PHOTO, {"content-length": str(MOST_WITH_PHOTO)}),
    "nothing": (200, SIGN_IN, {"content-length": "0"}),
}


@pytest.mark.parametrize("ask", [ask_wsgi, ask_asgi])
@pytest.mark.parametrize(("status", "path", "headers"), BODIES.values(), ids=BODIES)
def test_a_body_is_refused_before_any_of_it_is_read(ask, status, path, headers):
    assert ask(path, headers={"host": "localhost", **headers}, method="POST")[0] == status


def test_views_that_take_more_than_a_form_are_few():
    """Whoever adds one says how much: this list is what a visitor may fill our memory with."""
    larger = {}
    for route, view in our_views(get_resolver().url_patterns):
        most = getattr(view, "most_body", MOST_FORM)
        if most != MOST_FORM:
            larger.setdefault(most, set()).add(route)

    assert larger[MOST_WITH_PHOTO] >= {"courier:fail", "backoffice:shipment_bypass"}
    del larger[MOST_WITH_PHOTO]
    assert larger == {
        1024 * 1024: {
            "shop:payment_callback",
            "shop:payout_callback",
            "seller_dashboard:listing_edit",
            "seller_dashboard:listing_keep",
            "seller_dashboard:change_edit",
            "seller_dashboard:change_keep",
        },
        80 * 1024 * 1024: {"seller_dashboard:listing_pictures", "seller_dashboard:change_pictures"},
        256 * 1024 * 1024: {"seller_dashboard:imports"},
    }


def test_a_body_that_grows_past_its_limit_is_cut_off():
    """An ASGI server passes on what comes, whether its length was told or not."""
    asked, sent = [], []

    async def receive() -> dict:
        asked.append(1)
        return {"type": "http.request", "body": b"x" * 100_000, "more_body": True}

    async def send(message: dict) -> None:
        sent.append(message)

    async def reader(scope, receive, send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    scope = {"type": "http", "method": "POST", "path": SIGN_IN, "headers": [(b"host", b"localhost")]}
    asyncio.run(guard_asgi(reader)(scope, receive, send))

    assert len(asked) == 3  # of 256 kB
    assert sent[0]["status"] == 413


def test_both_applications_stand_behind_it():
    assert not isinstance(wsgi.application, type(get_wsgi_application()))
    assert not isinstance(asgi.application, type(get_asgi_application()))


GRANIAN = ("--workers", "1", "--workers-kill-timeout", "5", "--port")
SERVERS = {
    "gunicorn": ("gunicorn", "site_config.wsgi:application", "--workers", "1", "--bind"),
    "granian wsgi": (
        *("granian", "site_config.wsgi:application", "--interface", "wsgi", "--blocking-threads", "1"),
        *GRANIAN,
    ),
    "granian asgi": ("granian", "site_config.asgi:application", "--interface", "asginl", *GRANIAN),
}


@pytest.fixture(params=SERVERS.values(), ids=SERVERS, scope="module")
def port(request, migrated) -> Iterator[int]:
    """A real server with one thread, so that a thread that is held is a store that is stopped."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen(
        [
            *(sys.executable, "-m", *request.param),
            f"127.0.0.1:{port}" if request.param[0] == "gunicorn" else str(port),
        ],
        cwd=settings.BASE_DIR,
        env={
            "PATH": os.environ["PATH"],
            "DEBUG": "true",
            "SECRET_KEY": "only-for-this-test",
            "DATABASE_URL": f"sqlite:///{migrated}",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            _wait_for(port)
            yield port
        finally:
            server.send_signal(signal.SIGTERM)


def _wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            ask_server(port)
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server did not start")


def ask_server(port: int, method: str = "GET", path: str = "/healthz", **sent) -> int:
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        with suppress(BrokenPipeError):  # refused before all of it was sent
            connection.request(method, path, **sent)
        with connection.getresponse() as answer:
            return answer.status


def test_a_slow_body_leaves_a_real_server_free(port):
    headers = {"Content-Type": f"{FORM}; charset=punycode", "Cookie": "csrftoken=" + "a" * 32}
    for _turn in range(4):
        began = time.monotonic()
        assert ask_server(port, "POST", "/accounts/login/", body=SLOW, headers=headers) == 415
        assert ask_server(port) == 200
        assert time.monotonic() - began < slowness()


def test_many_attacks_leave_a_real_server_free(port):
    """What a sender sizes before we judge: each is refused, and the one thread is free again in less than a second."""
    form = {"Content-Type": FORM, "Cookie": "csrftoken=" + "a" * 32}
    attacks = {
        "parts": (b"--b\r\nContent-Disposition: form-data; name=x\r\n\r\n\r\n" * 4_000 + b"--b--\r\n", form),
        "a part's headers": (b"--b\r\n" + b"X: y\r\n" * 40_000 + b"\r\n\r\n--b--\r\n", form),
        "a part's parameters": (
            b"--b\r\nContent-Disposition: form-data; name=x" + b";a=b" * 60_000 + b"\r\n\r\n\r\n--b--\r\n",
            form,
        ),
        "escapes": (
            b"login=" + b"%41" * 80_000,
            {**form, "Content-Type": "application/x-www-form-urlencoded"},
        ),
        "languages": (b"", {"Accept-Language": ",".join(f"a{number:x}" for number in range(5_000))}),
    }
    for name, (body, headers) in attacks.items():
        began = time.monotonic()
        assert ask_server(port, "POST", "/accounts/login/", body=body, headers=headers) in (
            400,
            403,
            422,
            431,
        ), name
        assert ask_server(port) == 200
        assert time.monotonic() - began < slowness(), name


def test_a_large_file_is_refused_by_a_real_server_before_it_is_sent(port):
    """Only its headers are: the answer is there, and nothing waits for 60 MB."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(
            b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
            b"Content-Length: 60000000\r\n\r\n--b\r\n"
        )
        began = time.monotonic()
        assert b" 413 " in connection.recv(1000).split(b"\r\n")[0]
    assert ask_server(port) == 200
    assert time.monotonic() - began < slowness()
