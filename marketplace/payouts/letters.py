"""The mail that tells somebody of a new payout address: whoever took over an account must not do that unnoticed."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.common.moments import exact

from .models import PayoutAddress


def tell_of_address(owner: User, address: PayoutAddress) -> None:
    """In the transaction that changes it; the outbox sends it after COMMIT."""
    lines = [
        _("The account that your payouts go to was changed. It ends in %(last4)s now.")
        % {"last4": address.last4},
        _("Nothing is sent there before %(when)s.") % {"when": exact(address.usable_from)},
        _("Was it not you? Change your password at once, and set your own account again: %(url)s")
        % {"url": settings.SITE_URL},
    ]
    EmailMessage(
        subject=_("Your payout account at %(store)s was changed") % {"store": settings.SITE_NAME},
        body="\n\n".join(lines) + "\n",
        to=[owner.email],
    ).send()
