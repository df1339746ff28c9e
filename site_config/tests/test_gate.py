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
from http.client import HTTPConnection

import pytest
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

from site_config import asgi, wsgi
from site_config.gate import guard_asgi, guard_wsgi, refused_scope

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
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
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
        "headers": [(b"host", b"localhost")] + [(n.encode(), v.encode()) for n, v in (headers or {}).items()],
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


def test_both_applications_stand_behind_it():
    assert not isinstance(wsgi.application, type(get_wsgi_application()))
    assert not isinstance(asgi.application, type(get_asgi_application()))


@pytest.fixture(params=["wsgi", "asgi"])
def port(request, tmp_path, migrated) -> Iterator[int]:
    """A real server with one thread, so that a thread that is held is a store that is stopped."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "granian", f"site_config.{request.param}:application"),
            *("--interface", "wsgi" if request.param == "wsgi" else "asginl"),
            *("--port", str(port), "--workers", "1", "--workers-kill-timeout", "5"),
            *(("--blocking-threads", "1") if request.param == "wsgi" else ()),
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
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            ask_server(port)
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server did not start")


def ask_server(port: int, method: str = "GET", path: str = "/healthz", **sent) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, **sent)
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_slow_body_leaves_a_real_server_free(port):
    headers = {"Content-Type": f"{FORM}; charset=punycode", "Cookie": "csrftoken=" + "a" * 32}
    for _turn in range(4):
        began = time.monotonic()
        assert ask_server(port, "POST", "/accounts/login/", body=SLOW, headers=headers) == 415
        assert ask_server(port) == 200
        assert time.monotonic() - began < 1
