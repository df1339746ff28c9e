"""The mail that tells a seller of an invoice: their books want it, also where they seldom sign in."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from marketplace.common.money import format_money

from .models import CommissionInvoice


def tell_of_invoice(invoice: CommissionInvoice) -> None:
    """In the transaction that writes it; the outbox sends it after COMMIT. The PDF stays behind the sign-in."""
    lines = [
        _("Invoice %(number)s for %(month)s is there: the store kept %(amount)s of your sales.")
        % {
            "number": invoice.number,
            "month": date_format(invoice.month, "F Y"),
            "amount": format_money(invoice.total),
        },
        _("It was kept back when each sale was paid out. There is nothing to pay."),
        _("Sign in to read on: %(url)s") % {"url": settings.SITE_URL},
    ]
    EmailMessage(
        subject=_("Invoice %(number)s of %(store)s")
        % {"number": invoice.number, "store": invoice.store_name},
        body="\n\n".join(lines) + "\n",
        to=[invoice.seller.email],
    ).send()
