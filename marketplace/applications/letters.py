"""The mail with which a decision reaches somebody who is not looking: it leaves by the outbox, with the decision."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from .models import Application
from .states import ApplicationStatus


def write_decision(application: Application, status: ApplicationStatus, reason: str) -> None:
    """Mail an applicant what was decided, and why. In the transaction that decides it."""
    opening = {
        ApplicationStatus.APPROVED: _("Good news: your application was accepted."),
        ApplicationStatus.REJECTED: _("Your application was not accepted. You may apply again."),
        ApplicationStatus.CHANGES_REQUESTED: _(
            "Please change something in your application and send it again."
        ),
    }[status]
    lines = [opening]
    if reason:
        lines.append(_("What we wrote about it:") + f"\n{reason}")
    lines.append(_("Sign in to read on: %(url)s") % {"url": settings.SITE_URL})
    EmailMessage(
        subject=_("Your application to %(store)s") % {"store": settings.SITE_NAME},
        body="\n\n".join(lines) + "\n",
        to=[application.applicant.email],
    ).send()
