"""A commission invoice as a PDF."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from fpdf.enums import Align, TableBordersLayout, VAlign
from fpdf.fonts import FontFace

from marketplace.common.money import format_money
from marketplace.orders.paper import MUTED, Paper, write_line

from .models import CommissionInvoice, InvoiceLine
from .selectors import store_zone

COLUMNS = (32, 62, 38, 38)  # millimetres
WITH_DELIVERY = (30, 44, 32, 32, 32)


def draw_invoice(invoice: CommissionInvoice, lines: Iterable[InvoiceLine]) -> bytes:
    """The PDF of an invoice, in the words that were frozen with it; dates are those of the store."""
    title = _("Invoice %(number)s") % {"number": invoice.number}
    pdf = Paper([invoice.store_name, invoice.seller_name, invoice.seller_address], title=title)
    write_line(pdf, invoice.store_name, size=11, style="B")
    write_line(pdf, title, size=20, style="B", gap=2)
    write_line(pdf, _("Issued on %(day)s") % {"day": _day(invoice.issued_at)}, muted=True, gap=4)
    write_line(pdf, _("To"), style="B")
    write_line(pdf, invoice.seller_name)
    for text in invoice.seller_address.splitlines():
        write_line(pdf, text)
    pdf.ln(4)
    write_line(
        pdf,
        _what(invoice) % {"month": date_format(invoice.month, "F Y")},
        style="B",
    )
    has_delivery = bool(invoice.delivery)
    with pdf.table(
        col_widths=WITH_DELIVERY if has_delivery else COLUMNS,
        text_align=(Align.L, Align.L, *[Align.R] * (3 if has_delivery else 2)),
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        line_height=5.5,
        padding=(1, 0),
        v_align=VAlign.T,
        headings_style=FontFace(emphasis="BOLD", color=MUTED),
    ) as table:
        delivery = (_("Delivery"),) if has_delivery else ()
        table.row((_("Completed"), _("Shipment"), _("Sales"), _("Commission"), *delivery))
        for line in lines:
            settlement = line.settlement
            table.row(
                (
                    _day(settlement.at),
                    settlement.shipment.number,
                    format_money(settlement.gross),
                    format_money(settlement.fee),
                    *((format_money(settlement.delivery),) if has_delivery else ()),
                )
            )
        table.row(
            (
                _("Together"),
                "",
                format_money(invoice.gross),
                format_money(invoice.fee),
                *((format_money(invoice.delivery),) if has_delivery else ()),
            ),
            style=FontFace(emphasis="BOLD"),
        )
    pdf.ln(4)
    if has_delivery:
        total = _("Commission and delivery: %(total)s") % {"total": format_money(invoice.total)}
        write_line(pdf, total, style="B", gap=2)
    write_line(
        pdf,
        _("It was kept back when each sale was paid out. There is nothing to pay."),
        size=8,
        muted=True,
    )
    return pdf.finished()


def _what(invoice: CommissionInvoice) -> str:
    if invoice.delivery:
        return _(
            "Commission, and delivery that you paid for your buyers, for sales that were completed by the end of"
            " %(month)s"
        )
    return _("Commission for sales that were completed by the end of %(month)s")


def _day(at: datetime) -> str:
    return date_format(timezone.localtime(at, store_zone()), "j M Y")
