"""What sellers are told about invoices. "amount" is in minor units."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.common.money import format_money
from marketplace.notifications.kinds import Extra, Kind


def _written(extra: Extra) -> str:
    return _("Invoice %(number)s is there: the store kept %(amount)s of your sales.") % {
        "number": extra["number"],
        "amount": format_money(extra["amount"]),
    }


INVOICE_WRITTEN = Kind(
    "invoice_written", gettext_lazy("Invoice"), "receipt", _written, needs={"number", "amount"}
)
KINDS = [INVOICE_WRITTEN]
