"""One function answers every form (marketplace.web.forms)."""

import ast
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from marketplace.common.errors import Busy, DomainError, Invalid, StaleState, TooMany
from marketplace.common.tests.test_errors import every_class
from marketplace.web.forms import FRESH, Refusal, answer_form, posted, refuse


class NameForm(forms.Form):
    name = forms.CharField(max_length=10)


@pytest.fixture
def send(rf):
    """`send(act, **typed)` answers a POST of NameForm; what was drawn is the response's `refusal` and `form`."""

    def answer(act, request: HttpRequest | None = None, **typed: str) -> HttpResponse:
        request = request or rf.post("/", {"form_key": "K", **typed})
        form = NameForm(posted(request))

        def page(refusal: Refusal) -> HttpResponse:
            response = HttpResponse()
            response.refusal, response.form = refusal, form
            return response

        return answer_form(
            request, act, form=form, done=lambda result: HttpResponse(f"done: {result}"), page=page
        )

    return answer


def refusing(error: DomainError):
    def act() -> None:
        raise error

    return act


def never() -> None:
    raise AssertionError("the service was called")


def test_what_was_done_is_answered_with_what_the_service_returned(send):
    answer = send(lambda: "order 7", name="Ann")

    assert (answer.status_code, answer.content) == (200, b"done: order 7")


def test_a_get_draws_the_page_with_an_empty_form(send, rf):
    answer = send(never, rf.get("/", {"name": "Ann"}))

    assert answer.refusal is FRESH
    assert answer.status_code == 200
    assert not answer.form.is_bound
    assert "Retry-After" not in answer


@pytest.mark.parametrize("name", ["", "x" * 11])
def test_a_bad_form_is_a_422_that_keeps_what_was_typed_and_asks_no_service(send, name):
    answer = send(never, name=name)

    assert answer.status_code == 422
    assert answer.form.errors.keys() == {"name"}
    assert answer.form["name"].value() == name
    assert (answer.refusal.text, answer.refusal.kept_key) == ("", "")


@pytest.mark.parametrize(
    ("error", "beside"),
    [
        (Invalid("Taken.", field="name"), "name"),
        (Invalid("Taken.", field="somewhere else"), "__all__"),
        (Invalid("Taken."), "__all__"),
        (StaleState("Taken."), "__all__"),
        (Busy("Taken."), "__all__"),
    ],
)
def test_a_refusal_stands_beside_the_field_it_names_or_above_the_form(send, error, beside):
    answer = send(refusing(error), name="Ann")

    assert answer.status_code == error.status
    assert answer.form.errors == {beside: ["Taken."]}
    assert answer.form["name"].value() == "Ann"
    assert (answer.refusal.text, answer.refusal.error) == ("Taken.", error)


@pytest.mark.parametrize(
    ("error", "kept", "wait"),
    [
        (TooMany("Wait.", retry_after=70), "K", "70"),
        (Busy("Wait."), "K", "2"),
        (Invalid("No."), "", None),
        (StaleState("Gone."), "", None),
    ],
)
def test_the_form_key_is_kept_where_waiting_is_all_there_is_to_do(send, error, kept, wait):
    answer = send(refusing(error), name="Ann")

    assert answer.refusal.kept_key == kept
    assert answer.get("Retry-After") == wait


def test_a_page_without_a_form_shows_the_sentence_itself(rf):
    answer = answer_form(
        rf.post("/"),
        refusing(StaleState("Gone.")),
        done=HttpResponse,
        page=lambda refusal: HttpResponse(refusal.text),
    )

    assert (answer.status_code, answer.content) == (409, b"Gone.")


def test_what_is_no_refusal_is_not_caught(send):
    with pytest.raises(ZeroDivisionError):
        send(lambda: 1 / 0, name="Ann")


def test_a_result_that_refuses_is_answered_as_a_refusal():
    answer = refuse(lambda refusal: HttpResponse(refusal.text), Refusal(422, Invalid("Wrong PIN.")))

    assert (answer.status_code, answer.content) == (422, b"Wrong PIN.")


# --- nobody does it by hand -----------------------------------------------------------------------

FACES = ("shop", "courier", "backoffice", "marketplace/seller_dashboard", "marketplace/web")
# Signing in and up is allauth's: its forms ask the service while they are checked.
BY_HAND = {
    "marketplace/web/forms.py",
    "marketplace/web/account_forms.py",
    "marketplace/web/account_views.py",
    "marketplace/web/allauth_adapter.py",
}


def catches_a_refusal(path: Path) -> bool:
    refusals = {kind.__name__ for kind in every_class()}
    caught = [
        node.type for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ExceptHandler)
    ]
    names = {name.id for kind in caught if kind for name in ast.walk(kind) if isinstance(name, ast.Name)}
    return bool(names & refusals)


def test_no_view_catches_a_refusal_by_hand():
    """Who needs more than `answer_form` makes it say more, for all faces."""
    paths = [
        path
        for face in FACES
        for path in (settings.BASE_DIR / face).rglob("*.py")
        if "tests" not in path.parts
    ]
    found = {str(path.relative_to(settings.BASE_DIR)) for path in paths if catches_a_refusal(path)}

    assert len(paths) > 60
    assert found == BY_HAND
