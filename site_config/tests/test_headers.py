"""What every answer says about itself to a browser (docs/reliability.md §4)."""

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

ANSWERS = {
    "a page": "/",
    "a form": "/accounts/login/",
    "a redirect": "/account/",
    "a missing page": "/there-is-nothing-here",
    "the health page": "/healthz",
    "a file": "/static/css/store.css",
    "a missing file": "/static/css/nothing.css",
}


@pytest.fixture(params=ANSWERS, ids=lambda name: name.replace(" ", "-"))
def answer(request, client, db):
    answer = client.get(ANSWERS[request.param], secure=True)
    yield answer
    answer.close()  # a file stays open until then


def test_nothing_inline_nothing_from_elsewhere_nothing_framed(answer):
    policy = dict(part.split(maxsplit=1) for part in answer["Content-Security-Policy"].split("; "))

    assert "unsafe-" not in answer["Content-Security-Policy"]
    assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == "'self'"


def test_the_other_headers_are_there(answer):
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]


@pytest.mark.parametrize(
    ("subdomains", "preload", "header"),
    [
        (None, None, "max-age=31536000"),
        (True, None, "max-age=31536000; includeSubDomains"),
        (True, True, "max-age=31536000; includeSubDomains; preload"),
    ],
)
def test_https_is_for_ever_where_the_store_is_run_for_real(client, db, settings, subdomains, preload, header):
    """For this name; for others only where a setting says so."""
    settings.SECURE_HSTS_SECONDS = 31_536_000
    if subdomains is not None:
        settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = subdomains
    if preload is not None:
        settings.SECURE_HSTS_PRELOAD = preload

    answer = client.get("/healthz", secure=True)

    assert answer["Strict-Transport-Security"] == header


def test_the_cookies_of_a_person_are_for_the_server_only(client, person):
    client.post(
        "/accounts/login/",
        {"login": person(email="bea@example.org").email, "password": "correct horse battery staple"},
    )
    session = client.cookies[settings.SESSION_COOKIE_NAME]

    assert session["httponly"]
    assert session["samesite"] == "Lax"


def test_the_stylesheet_that_the_tests_ask_for_exists():
    assert finders.find("css/store.css")
