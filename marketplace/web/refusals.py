"""How a service's refusal reaches the person who asked."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from marketplace.common.errors import DomainError

from .safe_next import page_before
from .see_other import SeeOther
from .typed import sent

# The same form may be sent again as it is, so the answer is a page that can be reloaded.
TRY_AGAIN = (429, 503)


def answer(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Turn a refusal that no view caught into an answer with its sentence.

    HTMX gets the messages, with the error's status. A plain form goes back to its page, drawn anew,
    with the message; where there is no page to go back to, or waiting is all there is to do, it gets
    a page of its own.
    """
    note_for_the_log(request, error)
    if request.htmx:
        _say(request, error)
        response = render(request, "components/toasts.html", status=error.status)
        response["HX-Retarget"] = "#messages"
        response["HX-Reswap"] = "innerHTML"
    elif request.method == "POST" and error.status not in TRY_AGAIN and (back := _elsewhere(request)):
        _say(request, error)
        response = SeeOther(back)
    else:
        context = {"error": error, "back": _elsewhere(request) or "/"}
        response = render(request, "errors/refused.html", context, status=error.status)
    if retry_after := getattr(error, "retry_after", None):
        response["Retry-After"] = str(retry_after)
    return response


def note_for_the_log(request: HttpRequest, error: DomainError) -> None:
    """Keep what was away: the log has one line for an answer 503 (site_config/logs.py)."""
    if error.status == 503:
        request.unavailable = error


def key_to_keep(request: HttpRequest, error: DomainError | None) -> str:
    """The form key that was sent, if waiting is all there is to do: sent again, the form counts once."""
    return sent(request, "form_key") if error and error.status in TRY_AGAIN else ""


def _elsewhere(request: HttpRequest) -> str:
    """The page before, unless it has the same address: that may be one that only takes forms."""
    page = page_before(request)
    return "" if page.partition("?")[0] == request.path else page


def _say(request: HttpRequest, error: DomainError) -> None:
    for sentence in (str(error), *map(str, getattr(error, "problems", ()))):
        messages.error(request, sentence)
