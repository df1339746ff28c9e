"""The pages for what went wrong, in the store's own look."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.translation import gettext as _

from marketplace.common.errors import TooMany


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/403.html", status=403)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was open in another session, or cookies are off; nothing was done."""
    return render(request, "errors/403_csrf.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "errors/404.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """The one page that must not touch the database, the session or the list of files: they may be what broke."""
    try:
        stylesheet = static("css/store.css")
    except ValueError:  # collectstatic was not run, or not for this version
        stylesheet = ""
    return HttpResponse(render_to_string("errors/500.html", {"stylesheet": stylesheet}), status=500)


def too_many(request: HttpRequest) -> HttpResponse:
    """What allauth answers where an address or a person asks too often."""
    error = TooMany(_("That was too often. Please wait a few minutes and try again."), retry_after=300)
    response = render(request, "errors/refused.html", {"error": error, "back": "/"}, status=error.status)
    response["Retry-After"] = str(error.retry_after)
    return response
