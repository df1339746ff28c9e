"""What every answer has in common."""

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from marketplace.common.errors import DomainError

Respond = Callable[[HttpRequest], HttpResponse]


class PrivacyHeaders:
    """Pages of a signed-in person are never stored; what the browser may use is said once."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(self)")
        user = getattr(request, "user", None)
        if user is not None and "sessionid" in settings.SESSION_COOKIE_NAME and user.is_authenticated:
            patch_cache_control(response, private=True, no_store=True)
            patch_vary_headers(response, ["Cookie"])
        return response


class PersonsTimeZone:
    """Times are stored in UTC and shown in the person's zone: their profile's, else their device's."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = request.COOKIES.get("tz", "")
        if request.user.is_authenticated:
            name = request.user.profile.time_zone or name
        try:
            zone = zoneinfo.ZoneInfo(name) if name else None
        except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
            zone = None
        with timezone.override(zone):
            return self.get_response(request)


class StaffNeedSecondFactor:
    """Where the store is run for real, admins get nowhere until they have a second factor."""

    OPEN_PREFIXES = ("/accounts/", "/static/", "/media/")

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            settings.STAFF_NEED_SECOND_FACTOR
            and request.user.is_authenticated
            and request.user.is_store_staff
            and not request.path.startswith(self.OPEN_PREFIXES)
        ):
            from allauth.mfa.utils import is_mfa_enabled

            if not is_mfa_enabled(request.user):
                return redirect("mfa_index")
        return self.get_response(request)


class DomainErrors:
    """A service's refusal becomes an answer with a sentence, never a 500 (RELIABILITY.md, "Answers").

    A view that can show the sentence beside a field catches the error itself; this is for the rest.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        if request.htmx:
            messages.error(request, str(error))
            response = render(request, "components/toasts.html", status=error.status)
            response["HX-Retarget"] = "#messages"
            response["HX-Reswap"] = "innerHTML"
        else:
            back = request.headers.get("Referer", "")
            if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
                back = "/"
            response = render(
                request, "errors/refused.html", {"error": error, "back": back}, status=error.status
            )
        if retry_after := getattr(error, "retry_after", None):
            response["Retry-After"] = str(retry_after)
        return response
