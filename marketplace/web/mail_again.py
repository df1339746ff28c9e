"""A code that could not be sent is asked for again at once: its waiting time is for mails that were sent."""

from allauth.account.internal.flows.email_verification_by_code import EMAIL_VERIFICATION_CODE_SESSION_KEY
from allauth.core import ratelimit
from django.http import HttpRequest

from marketplace.mail.selectors import could_not_be_sent

from .typed import sent

AGAIN = ("resend", "change")


def let_ask_again(request: HttpRequest) -> None:
    """While a code for somebody's address waits in vain, another one is not counted (a form that asks for one).

    Nobody is flooded by that: a newer code takes the place of the one that waits.
    """
    process = request.session.get(EMAIL_VERIFICATION_CODE_SESSION_KEY)
    if process and sent(request, "action") in AGAIN and could_not_be_sent(process["email"]):
        ratelimit.clear(request, action="confirm_email", key=process["email"].lower())
        process["resend_count"] = 0
        request.session.modified = True
