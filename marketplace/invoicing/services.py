"""Writing the invoices of what the store took of sales: by the clock, when a month is over."""

from collections import defaultdict
from datetime import date, datetime

from django.conf import settings
from django.db.models import Max

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.common.inserting import insert
from marketplace.common.numbering import lock_series, next_number
from marketplace.common.sweeping import Swept, sweep_rows
from marketplace.common.transactions import service
from marketplace.notifications.services import notify
from marketplace.orders.models import Settlement
from marketplace.orders.services.settlement import note_invoiced

from .letters import tell_of_invoice
from .models import CommissionInvoice, InvoiceLine
from .notices import INVOICE_WRITTEN
from .selectors import following, invoices_of, month_of, without_invoice


def write_invoices(now: datetime) -> Swept:
    """Sweep: write the invoices of the months that are over at `now`, one a seller and month."""
    sellers = without_invoice(now).order_by().values("shipment__seller_id")
    due = User.objects.filter(pk__in=sellers).order_by("pk")
    return sweep_rows("write_invoices", due, lambda seller_id: _write(seller_id, now), now=now)


@service
def _write(seller_id: int, now: datetime) -> bool:
    series = lock_series(f"invoice {month_of(now).year}")  # and one after the other, of whatever seller
    months = _by_month(seller_id, now)
    if not months:
        return False
    seller = User.objects.select_related("profile", "seller_profile").get(pk=seller_id)
    for month, settlements in months.items():
        serial = next_number(series)
        invoice = CommissionInvoice.objects.create(
            year=month_of(now).year,
            serial=serial,
            number=f"{month_of(now).year}-{serial:06d}",
            seller=seller,
            month=month,
            currency=settings.STORE_CURRENCY,
            gross=sum(one.gross for one in settlements),
            fee=sum(one.fee for one in settlements),
            delivery=sum(one.delivery for one in settlements),
            store_name=settings.SITE_NAME,
            seller_name=seller.seller_profile.shop_name,
            seller_address=seller.profile.location_address,
            issued_at=clock.now(),
        )
        insert(InvoiceLine(invoice=invoice, settlement=one) for one in settlements)
        note_invoiced([one.pk for one in settlements])
        _tell(invoice)
    return True


def _tell(invoice: CommissionInvoice) -> None:
    notify(
        recipient_id=invoice.seller_id,
        kind=INVOICE_WRITTEN,
        subject=invoice,
        event_key=f"invoice:{invoice.number}",
        number=invoice.number,
        amount=invoice.total,
    )
    tell_of_invoice(invoice)


def _by_month(seller_id: int, now: datetime) -> dict[date, list[Settlement]]:
    """What is due by the month that it is invoiced for: its own, or the next one that has no invoice yet."""
    last = invoices_of(seller_id).aggregate(last=Max("month"))["last"]
    months: dict[date, list[Settlement]] = defaultdict(list)
    for one in without_invoice(now).filter(shipment__seller_id=seller_id).order_by("pk"):
        month = month_of(one.at)
        if last is not None and month <= last:
            month = following(last)
        if month < month_of(now):
            months[month].append(one)
    return dict(sorted(months.items()))
