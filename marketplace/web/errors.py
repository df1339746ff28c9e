"""The pages for what went wrong, in the store's own look."""

import sys
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.translation import gettext as _

from marketplace.common.errors import OutOfTime, TooMany
from marketplace.common.failures import is_unavailable

from . import request_ids


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/400.html", status=400)


def unreadable(request: HttpRequest) -> HttpResponse:
    """A body that is no form."""
    return HttpResponse(turned_away(HTTPStatus.UNSUPPORTED_MEDIA_TYPE), status=415)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/403.html", status=403)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open in another session, or cookies are off; nothing was done."""
    return render(request, "errors/403_csrf.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/404.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """The one page that must not touch the database, the session or the list of files: they may be what broke.

    A database that was away before any view was reached (who is this? asks a middleware) is a 503, and so is a
    request whose time is over.
    """
    error = sys.exc_info()[1]  # Django calls this while it handles the exception
    if error and (isinstance(error, OutOfTime) or is_unavailable(error)):
        return unavailable(request, error)
    return _bare("errors/500.html", status=500)


def _bare(
    page: str, *, status: int, headers: dict[str, str] | None = None, **context: object
) -> HttpResponse:
    """A page that asks nothing of anybody; without the files' list it goes without its stylesheet."""
    try:
        stylesheet = static("css/store.css")
    except ValueError:  # collectstatic was not run, or not for this version
        stylesheet = ""
    shown = {"stylesheet": stylesheet, "status": int(status), "request_id": request_ids.current(), **context}
    text = render_to_string(page, shown)
    return HttpResponse(text, status=status, headers=headers)


def turned_away(status: HTTPStatus) -> bytes:
    """The page for what is refused before Django reads it: it asks nothing of anybody, either."""
    title, sentence = {
        HTTPStatus.REQUEST_URI_TOO_LONG: (
            _("This address is too long"),
            _("The store has no page with an address of this length. Nothing was changed."),
        ),
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: (
            _("Your browser sent too much with its request"),
            _("Please delete this store's cookies in your browser and try again. Nothing was changed."),
        ),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
            _("This is too large"),
            _(
                "It is more than this page reads; where it asks for a photo, that may have 20 MB. Nothing was changed."
            ),
        ),
        HTTPStatus.LENGTH_REQUIRED: (
            _("Your browser did not say how much it sends"),
            _("The store reads what has a length. Nothing was changed."),
        ),
        HTTPStatus.BAD_REQUEST: (
            _("Your browser asked for something that we cannot read"),
            _("Please go back and try again. Nothing was changed."),
        ),
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE: (
            _("We cannot read what was sent"),
            _("The store reads forms as browsers send them, in UTF-8. Nothing was changed."),
        ),
    }[status]
    return _bare("errors/turned_away.html", status=status, title=title, sentence=sentence).content


def unavailable(request: HttpRequest, error: Exception) -> HttpResponse:
    """The database is away or locked: a 503 that asks it nothing. The same form may be sent again."""
    request.unavailable = error  # for the log's one line (site_config/logs.py)
    headers = {"Retry-After": "5"}
    if request.headers.get("HX-Request") == "true":
        sentence = _("The store does not answer right now. Please try again in a moment.")
        text = render_to_string("components/toast.html", {"text": sentence, "tone": "error"})
        headers |= {"HX-Retarget": "#messages", "HX-Reswap": "innerHTML"}
    else:
        return _bare("errors/503.html", status=503, headers=headers)
    return HttpResponse(text, status=503, headers=headers)


def too_many(request: HttpRequest) -> HttpResponse:
    """What allauth answers where an address or a person asks too often."""
    error = TooMany(_("That was too often. Please wait a few minutes and try again."), retry_after=300)
    response = render(request, "errors/refused.html", {"error": error, "back": "/"}, status=error.status)
    response["Retry-After"] = str(error.retry_after)
    return response
