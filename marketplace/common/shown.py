"""A form carries the state that it was drawn for, and the service that it calls asks whether it still is so.

What a page shows of a thing is told by a *mark* of the facts that matter: the page puts it into its form
(`{% as_shown mark %}`), the view hands it on as `expected`, and the service compares it once it has its locks. So
nobody confirms, sends back or cancels something else than what they read. Each domain says what the facts are
(marketplace/delivery/shown.py); a mark is worth nothing to anybody and is no secret, but tells no ids either.
"""

from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from .errors import StaleState


def mark_of(*facts: object) -> str:
    """The mark of these facts: their words, in this order."""
    words = "\n".join(str(fact) for fact in facts)
    return salted_hmac("shown", words, algorithm="sha256").hexdigest()[:24]


def require_as_shown(expected: str | None, mark: str) -> None:
    """Raise `StaleState` unless `expected`, what a form was drawn for, is the `mark` of how it stands now.

    None is whoever acts on what is there, without having been shown anything: the clock, another service.
    """
    if expected is not None and not constant_time_compare(expected, mark):
        raise StaleState(
            _("This has changed since the page was drawn, so nothing was done. Please look it over again.")
        )
