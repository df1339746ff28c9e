"""Who asks: Django's answer, without ending the session of whoever asks twice at once."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject


class KnowsPeople(AuthenticationMiddleware):
    """`request.user`, and a session that keeps its key when only the hash in it is renewed.

    After SECRET_KEY was changed Django knows a session by the old key, writes the new key's hash into it and moves it
    to a new session key. Of four requests with the same cookie (a page and what it fetches) the first moves it away
    from under the others, and who comes last is signed out. The hash says that the password is the same; the
    session key is as random and as secret as it was.
    """

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _person(request))  # type: ignore[assignment]  # as Django's own


def _person(request: HttpRequest) -> AbstractBaseUser | AnonymousUser:
    if not hasattr(request, "session") or hasattr(request, "_cached_user"):
        return get_user(request)
    session = request.session
    session.cycle_key = lambda: None  # type: ignore[method-assign]  # of this one, for this question
    try:
        return get_user(request)
    finally:
        del session.cycle_key
