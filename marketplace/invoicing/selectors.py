"""Invoices of the store's commission. Nothing here locks or writes."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from marketplace.accounts.models import User
from marketplace.common.cleaning import clean_line
from marketplace.common.cursors import read_cursor, write_cursor
from marketplace.orders.models import Settlement

from .models import CommissionInvoice, InvoiceLine

PAGE_SIZE = 25


def store_zone() -> ZoneInfo:
    """The zone that the store's own months are of."""
    return ZoneInfo(settings.TIME_ZONE)


def month_of(at: datetime) -> date:
    """The first day of the store's month that a moment is in."""
    return at.astimezone(store_zone()).date().replace(day=1)


def following(month: date) -> date:
    """The month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def begin_of(month: date) -> datetime:
    """The first moment of a month, where the store is."""
    return datetime(month.year, month.month, 1, tzinfo=store_zone())


def without_invoice(before: datetime) -> QuerySet[Settlement]:
    """Settlements of which the store took something that no invoice counts, of the months that ended by `before`'s.

    Found by an index: `= True` would be asked as a bare column, for which SQLite knows none.
    """
    begin = begin_of(month_of(before))
    took = Q(fee__gt=0) | Q(delivery__gt=0)
    return Settlement.objects.filter(took, waits_for_invoice__in=[True], at__lt=begin, invoice_line=None)


def invoices_of(seller_id: int) -> QuerySet[CommissionInvoice]:
    """A seller's invoices, newest first."""
    return CommissionInvoice.objects.filter(seller_id=seller_id).order_by("-month")


def invoices_for(user: User) -> QuerySet[CommissionInvoice]:
    """The invoices that this person may read: all of them for staff, else what the store wrote to them."""
    return CommissionInvoice.objects.all() if user.is_store_staff else invoices_of(user.pk)


def invoices_page(
    user: User, *, search: str = "", month: date | None = None, after: str = ""
) -> tuple[list[CommissionInvoice], str]:
    """Invoices by number, or by their seller's name or e-mail address, of one month or all: one query.

    The newest first, `PAGE_SIZE` after the cursor; and the cursor of the next page ("": the last).
    """
    found = invoices_for(user).select_related("seller").order_by("-pk")
    if month is not None:
        found = found.filter(month=month)
    if text := clean_line(search):
        # MariaDB compares a name's letters exactly: there only the small ones are alike.
        found = found.alias(small_name=Lower("seller_name")).filter(
            Q(number=text)
            | Q(seller_name__icontains=text)
            | Q(small_name__contains=text.lower())
            | Q(seller__email__contains=text.lower())
        )
    match read_cursor(after):
        case [int() as pk]:
            found = found.filter(pk__lt=pk)
    rows = list(found[: PAGE_SIZE + 1])
    return rows[:PAGE_SIZE], write_cursor(rows[PAGE_SIZE - 1].pk) if len(rows) > PAGE_SIZE else ""


def lines_of(invoice: CommissionInvoice) -> QuerySet[InvoiceLine]:
    """What an invoice counts, oldest first."""
    return invoice.lines.select_related("settlement__shipment").order_by("settlement_id")
