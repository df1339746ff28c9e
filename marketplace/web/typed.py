"""Words of a form or an address that no form class reads: an id, a form key, which button was pressed.

Views read them by these functions only (a test looks): every database takes what they return in a query.
"""

from django.http import HttpRequest

LONGEST = 400
SHOWN = "shown"  # the field of a form that says what it was drawn for


def sent(request: HttpRequest, name: str, *, most: int = LONGEST) -> str:
    """A word of the form that was sent; "" where it is missing, longer than `most` or no word."""
    return _word(request.POST.get(name, ""), most)


def sent_mark(request: HttpRequest) -> str:
    """What the form was drawn for (`{% as_shown mark %}`), as a service's `expected`; "" fits nothing."""
    return sent(request, SHOWN)


def sent_list(request: HttpRequest, name: str, *, most: int = LONGEST) -> list[str]:
    """Every word of that name, in the order of the form, `most` of them at most; "" for what is no word."""
    return [_word(text, LONGEST) for text in request.POST.getlist(name)[:most]]


def sent_text(request: HttpRequest, name: str, *, most: int) -> str:
    """The beginning of what was sent, whatever it is, with a space for what cannot be printed."""
    text = request.POST.get(name, "")[:most]
    return "".join(sign if sign.isprintable() else " " for sign in text)


def names_sent(request: HttpRequest, prefix: str) -> list[str]:
    """The names of the fields that a form sent and that begin so; none that is no word."""
    return [name for name in request.POST if name.startswith(prefix) and _word(name, LONGEST)]


def asked(request: HttpRequest, name: str, *, most: int = LONGEST) -> str:
    """As `sent`, out of the address."""
    return _word(request.GET.get(name, ""), most)


def is_sent(request: HttpRequest, name: str) -> bool:
    """Whether the form names it at all: which of several buttons was pressed."""
    return name in request.POST


def is_asked(request: HttpRequest, name: str) -> bool:
    """Whether the address names it at all."""
    return name in request.GET


def _word(text: str, most: int) -> str:
    return text if len(text) <= most and text.isprintable() else ""
