"""How refusals and breakage reach people."""

import pytest
from django.contrib.messages import get_messages
from django.db import OperationalError, connection
from django.test import RequestFactory
from django.utils import translation

from marketplace.accounts.models import Role
from marketplace.web import errors

pytestmark = [pytest.mark.django_db, pytest.mark.urls("marketplace.web.tests.refusing_urls")]

HTMX = {"HTTP_HX_REQUEST": "true"}
STATUS = {"invalid": 422, "conflicts": 409, "too-many": 429, "busy": 503}


def said(answer) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


@pytest.mark.parametrize(("kind", "status"), STATUS.items())
def test_htmx_gets_the_sentence_in_the_messages_and_nothing_else_changes(client, kind, status):
    answer = client.post(f"/refuse/{kind}", **HTMX)

    assert answer.status_code == status
    assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("#messages", "innerHTML")
    assert b'class="toast toast-error"' in answer.content
    assert b"<html" not in answer.content


def test_htmx_gets_every_problem(client):
    text = client.post("/refuse/conflicts", **HTMX).content.decode()

    assert [text.index(part) for part in ("has changed", "2 lamps", "costs more")] == sorted(
        text.index(part) for part in ("has changed", "2 lamps", "costs more")
    )


@pytest.mark.parametrize("kind", ["invalid", "conflicts"])
def test_a_plain_form_goes_back_to_its_page_with_the_sentence(client, kind):
    answer = client.post(f"/refuse/{kind}", HTTP_REFERER="http://testserver/cart/?from=here")

    assert answer.status_code == 303
    assert answer["Location"] == "/cart/?from=here"
    assert said(answer)


@pytest.mark.parametrize(("kind", "status", "wait"), [("too-many", 429, "60"), ("busy", 503, "2")])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_who_has_to_wait_is_told_how_long(client, kind, status, wait, headers):
    answer = client.post(f"/refuse/{kind}", HTTP_REFERER="http://testserver/cart/", **headers)

    assert answer.status_code == status
    assert answer["Retry-After"] == wait


@pytest.mark.parametrize(
    "came_from",
    [
        "",
        "https://elsewhere.example/",
        "javascript:alert(1)",
        "http://testserver/refuse/invalid",
        "http://testserver//elsewhere.example/",  # whose path alone names another host
        "http://testserver/\\elsewhere.example/",
    ],
)
def test_without_a_page_to_go_back_to_the_sentence_gets_its_own(client, came_from):
    answer = client.post("/refuse/invalid", HTTP_REFERER=came_from)

    assert answer.status_code == 422
    assert "Please type a number." in answer.content.decode()
    assert 'href="/"' in answer.content.decode()


def test_a_refused_page_is_not_sent_round_in_circles(client):
    answer = client.get("/refuse/conflicts", HTTP_REFERER="http://testserver/cart/")

    assert answer.status_code == 409
    assert "Only 2 lamps are left." in answer.content.decode()


def test_a_bug_gets_a_page_that_asks_the_database_nothing(client, django_assert_num_queries):
    client.raise_request_exception = False

    with django_assert_num_queries(0):
        answer = client.get("/crash")

    assert answer.status_code == 500
    assert "broke" in answer.content.decode()


def test_the_page_for_a_bug_is_drawn_while_the_database_is_away(client, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr(connection, "cursor", None)

    assert client.get("/crash").status_code == 500


@pytest.mark.parametrize("kind", ["locked", "gone"])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_database_that_is_away_is_a_503_that_asks_it_nothing(
    client, method, kind, headers, django_assert_num_queries
):
    with django_assert_num_queries(0):
        answer = getattr(client, method)(f"/away/{kind}", **headers)

    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert "does not answer right now" in answer.content.decode()
    assert ("<html" in answer.content.decode()) == (not headers)


def test_a_database_that_is_away_before_any_view_is_reached_is_a_503_too(client, buyer, monkeypatch):
    """Who asks? The session and the person are read by middleware."""
    client.force_login(buyer)
    client.raise_request_exception = False

    def gone(*_args, **_kwargs):
        raise OperationalError(2006, "Server has gone away")

    monkeypatch.setattr(connection, "cursor", gone)
    answer = client.get("/account/")

    assert answer.status_code == 503
    assert answer["Retry-After"]


def test_a_wrong_role_is_told_so(client, buyer):
    client.force_login(buyer)

    answer = client.get("/sellers")

    assert answer.status_code == 403
    assert "not yours to open" in answer.content.decode()


def test_the_right_role_gets_in(client, person):
    client.force_login(person(Role.SELLER))

    assert client.get("/sellers").content == b"yours"


def test_an_unknown_address_has_a_page(client):
    answer = client.get("/no/such/page")

    assert answer.status_code == 404
    assert "not here" in answer.content.decode()


def test_a_form_without_its_token_is_refused_with_advice(buyer):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(buyer)

    answer = client.post("/refuse/invalid")

    assert answer.status_code == 403
    assert "Nothing was changed" in answer.content.decode()


@pytest.mark.parametrize(("language", "direction"), [("de", "ltr"), ("ar", "rtl")])
def test_the_page_for_a_bug_needs_no_built_files_and_says_its_language(client, settings, language, direction):
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    }
    settings.STATIC_ROOT = "/nowhere"

    with translation.override(language):
        page = errors.broken(RequestFactory().get("/")).content.decode()

    assert f'<html lang="{language}" dir="{direction}">' in page
    assert "<link" not in page


def test_the_page_for_a_bug_promises_no_more_than_the_store_keeps():
    """A request may write in more than one transaction, or a file beside it: "all or nothing" is a service's word."""
    page = errors.broken(RequestFactory().get("/")).content.decode()

    assert "or nothing" not in page
    assert "look whether it has arrived before you send it again" in " ".join(page.split())
