"""A body that cannot be read is refused; it never counts as a form in which nothing was filled in."""

from collections.abc import Callable
from typing import IO, Any

from django.http import HttpRequest, HttpResponse, UnreadablePostError

from marketplace.products.pictures import MAX_BYTES

from . import errors

MOST_FORM = 256 * 1024  # bytes of a form that no view says more of: a hundred lines of a cart are 5 kB
MOST_WITH_PHOTO = MAX_BYTES + 4 * 1024 * 1024  # a photo a little past its own limit is told so in a sentence

View = Callable[..., HttpResponse]
Respond = Callable[[HttpRequest], HttpResponse]
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def takes(most: int) -> Callable[[View], View]:
    """Let a view be sent up to `most` bytes instead of MOST_FORM; more is a 413 of which nothing is read.

    The outermost decorator: site_config/gate.py asks the view that the address leads to, before it is called.
    """

    def decorate(view: View) -> View:
        view.most_body = most  # type: ignore[attr-defined]  # read by the gate
        return view

    return decorate


class ReadableBodies:
    """Before a form is read: 415 for what is no form, 400 for one that broke off on its way.

    Django reads both as far as they go: a name would be saved and the phone number after it erased. Routes
    that read a body of their own (a provider's callback) are exempt from the CSRF check and judge it themselves.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        length = _length(request)
        if request.method != "POST" or not length or getattr(view, "csrf_exempt", False):
            return None
        if request.content_type not in FORMS:
            return errors.unreadable(request)
        try:
            is_whole = _read(request, length)
        except UnreadablePostError:  # the connection is gone: nobody reads this answer, and it is no bug
            is_whole = False
        return None if is_whole else errors.bad_request(request)


class Watched:
    """A stream that counts what is read of it and keeps the last of it."""

    KEPT = 512

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.size, self.tail = stream, 0, b""

    def read(self, *size: int) -> bytes:
        return self._seen(self.stream.read(*size))

    def readline(self, *size: int) -> bytes:
        return self._seen(self.stream.readline(*size))

    def _seen(self, data: bytes) -> bytes:
        self.size += len(data)
        self.tail = (self.tail + data[-self.KEPT :])[-self.KEPT :]
        return data

    def close(self) -> None:
        self.stream.close()


def _read(request: HttpRequest, length: int) -> bool:
    """Read a form; whether all of it was there."""
    if request.content_type != "multipart/form-data":
        return len(request.body) == length
    watched = Watched(request._stream)  # noqa: SLF001  there is no public way in
    request._stream = watched  # type: ignore[assignment]  # noqa: SLF001
    end = f"--{(request.content_params or {}).get('boundary', '')}--".encode()
    try:
        request.FILES  # noqa: B018  read here, so that its end is known
    except (TypeError, LookupError):  # Python's reader of a part's header, at parameters that fit no rule
        request._mark_post_parse_error()  # type: ignore[attr-defined]  # noqa: SLF001  as Django does for errors of its own
        return False
    return watched.size == length and end in watched.tail


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
