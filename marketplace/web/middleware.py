"""What every answer has in common."""

import zoneinfo
from collections.abc import Callable
from urllib.parse import unquote

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import DatabaseError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _

from marketplace.common import database_clock, patience
from marketplace.common.connections import drop_stuck
from marketplace.common.errors import DomainError
from marketplace.common.failures import is_unavailable

from . import errors, refusals, session_age
from .access import came_from_this_machine
from .safe_next import page_before

Respond = Callable[[HttpRequest], HttpResponse]


class NothingLeftOpen:
    """A request that ends leaves no connection inside a transaction for the next one (common/connections.py)."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        finally:
            drop_stuck()


class WaitsForLocks:
    """A request waits 3.5 seconds for other people's locks in all (marketplace/common/patience.py)."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with patience.of_a_request():
            return self.get_response(request)


class DatabasesClock:
    """Twice a minute a process asks what time it is (marketplace/common/database_clock.py)."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        database_clock.keep()
        return self.get_response(request)


class Sessions(SessionMiddleware):
    """Django's own; where a session cannot be kept because nothing can be written, a page that is read is shown."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        try:
            return super().process_response(request, response)
        except (DatabaseError, SessionInterrupted) as error:
            # Django takes every error of the database for a session that was deleted meanwhile.
            cause: BaseException | None = error
            while cause is not None and not (isinstance(cause, Exception) and is_unavailable(cause)):
                cause = cause.__context__
            if cause is None:
                raise
            if request.method not in ("GET", "HEAD"):
                raise cause from cause.__cause__  # which has the code
            return response


class PrivacyHeaders:
    """Pages of a signed-in person are never stored; what the browser may use is said once."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(self)")
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            patch_cache_control(response, private=True, no_store=True)
            patch_vary_headers(response, ["Cookie"])
        if getattr(request, "signed_out", False):
            response["Clear-Site-Data"] = '"cache"'
        return response


class SignInFirst(LoginRequiredMiddleware):
    """Closed pages send a visitor to sign in and bring them back to a page, never to a form's target.

    A link or a form: 302. HTMX, which would swap the sign-in page into a corner: 401 + HX-Redirect.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: Callable) -> HttpResponse:
        if request.headers.get("HX-Request") != "true":
            here = (
                request.get_full_path() if request.method in ("GET", "HEAD") else page_before(request) or "/"
            )
            return redirect_to_login(here, self.get_login_url(view_func), REDIRECT_FIELD_NAME)
        login = redirect_to_login(
            page_before(request) or "/", self.get_login_url(view_func), REDIRECT_FIELD_NAME
        )
        return HttpResponse(status=401, headers={"HX-Redirect": login.url})


class SessionsEnd:
    """Who was away for long, or signed in long ago, signs in again (marketplace.web.session_age)."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and not session_age.goes_on(request):
            logout(request)
            messages.info(
                request, _("You were signed in for long or away for a while. Please sign in again.")
            )
        return self.get_response(request)


class PersonsTimeZone:
    """Times are stored in UTC and shown in the person's zone: their profile's, else their device's."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = unquote(request.COOKIES.get("tz", ""))  # as the script writes it: Europe%2FLondon
        if request.user.is_authenticated:
            name = request.user.profile.time_zone or name
        try:
            zone = zoneinfo.ZoneInfo(name) if name else None
        except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
            zone = None
        with timezone.override(zone):
            return self.get_response(request)


class DemoStaffStayHere:
    """The demo's admins, whose password the README tells, get in on the store's own machine only."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if (
            settings.DEMO_STAFF_FROM_ANYWHERE
            or not (user.is_authenticated and user.is_demo and user.is_store_staff)
            or came_from_this_machine(request, settings.TRUSTED_PROXIES)
        ):
            return self.get_response(request)
        logout(request)
        login = reverse("account_login")
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(status=401, headers={"HX-Redirect": login})
        sentence = _("The demo's admins can sign in only on the machine that the store runs on.")
        return render(request, "errors/refused.html", {"error": sentence, "back": login}, status=403)


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
            from .allauth_adapter import has_second_factor

            if not has_second_factor(request.user):
                if request.headers.get("HX-Request") == "true":
                    return HttpResponse(status=401, headers={"HX-Redirect": reverse("mfa_index")})
                messages.info(request, _("Admins sign in with a second factor. Please add one to go on."))
                return redirect("mfa_index")
        return self.get_response(request)


class BadFormsSaySo:
    """allauth's pages answer a refused form as ours do: 422, or 429 where it was tried too often."""

    TOO_OFTEN = {"too_many_login_attempts", "rate_limited"}

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        if request.method != "POST" or response.status_code != 200:
            return response
        forms = [part for part in (response.context_data or {}).values() if isinstance(part, BaseForm)]
        errors = [error for form in forms if form.is_bound for error in form.errors.as_data().values()]
        if errors:
            codes = {error.code for several in errors for error in several}
            response.status_code = 429 if codes & self.TOO_OFTEN else 422
            if response.status_code == 429:
                response["Retry-After"] = "300"
        return response


class DomainErrors:
    """A service's refusal becomes an answer with a sentence, never a 500 (docs/reliability.md, "Answers").

    A view whose page can show the sentence answers with `forms.answer_form`; this is for the rest.
    A database that is away or locked is a 503; `errors.broken` says so where no view was reached.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, DomainError):
            return refusals.answer(request, error)
        return errors.unavailable(request, error) if is_unavailable(error) else None
