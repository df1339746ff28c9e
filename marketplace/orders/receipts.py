"""The receipt of an order as a PDF."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from fpdf.enums import Align, TableBordersLayout, VAlign
from fpdf.fonts import FontFace
from fpdf.table import Table

from marketplace.common.moments import exact
from marketplace.common.money import format_money, format_percent

from .directions import isolated
from .models import ShipmentLine
from .paper import MUTED, Paper
from .paper import write_line as _line
from .selectors import OrderView, ShipmentView
from .states import ShipmentStatus

COLUMNS = (86, 18, 30, 36)  # millimetres; the page is 170 wide between its margins
TAX_COLUMNS = (62, 36, 36, 36)
HEADING, ROW = 20, 7.5  # millimetres: a seller's name, address and shipment; a row of one line


def draw(view: OrderView, *, says_where_to: bool = True) -> bytes:
    """The PDF of an order as it stands now, a block a seller; cancelled pieces are shown as such.

    `says_where_to`: with its buyer's name, address and phone and its sellers' addresses; not for staff, whose
    looks are written down.

    Prices are final. What of them is tax stands there by rate, as frozen at the order; for what was ordered before
    the store had rates, a line says that none was stated.
    """
    pdf = Paper(_texts(view, says_where_to=says_where_to), title=_("Receipt"))
    order = view.order
    _line(pdf, settings.SITE_NAME, size=11, style="B")
    _line(pdf, _("Receipt for order %(number)s") % {"number": order.number}, size=20, style="B", gap=2)
    _line(
        pdf,
        _("Ordered and paid on %(when)s. Status: %(status)s.")
        % {"when": exact(order.placed_at), "status": order.get_status_display()},
        muted=True,
    )
    if says_where_to:
        pdf.ln(4)
        _line(pdf, _("Deliver to"), style="B")
        for text in filter(None, (order.ship_name, order.ship_address, order.ship_phone)):
            _line(pdf, text)
    for part in view.shipments:
        pdf.ln(6)
        _seller(pdf, part, says_where=says_where_to)
    pdf.ln(6)
    _sums(pdf, view)
    pdf.ln(6)
    _line(
        pdf,
        _(
            "Prices are final prices as agreed with each seller. The money is held by the store and is"
            " paid to the seller after the parcel has arrived."
        ),
        size=8,
        muted=True,
    )
    return pdf.finished()


def _texts(view: OrderView, *, says_where_to: bool) -> Iterator[str]:
    """What people wrote that stands on the receipt, and what the store is called."""
    yield settings.SITE_NAME
    if says_where_to:
        yield from (view.order.ship_name, view.order.ship_address, view.order.ship_phone)
    for part in view.shipments:
        yield part.shop_name
        if says_where_to:
            yield part.shop_address
        for line in part.lines:
            yield line.line.full_title
            yield line.line.sku


def _table(
    pdf: Paper, *, columns: tuple[int, ...] = COLUMNS, **options: Any
) -> AbstractContextManager[Table]:
    return pdf.table(
        col_widths=columns,
        text_align=(Align.L, Align.R, Align.R, Align.R),
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        line_height=5.5,
        padding=(1, 0),
        v_align=VAlign.T,
        headings_style=FontFace(emphasis="BOLD", color=MUTED),
        **options,
    )


def _seller(pdf: Paper, part: ShipmentView, *, says_where: bool) -> None:
    pdf.keep_together(HEADING + 3 * ROW)
    title = _("Sold by %(shop)s") % {"shop": isolated(part.shop_name)}
    _line(pdf, title, size=11, style="B")
    if says_where and part.shop_address:
        _line(pdf, part.shop_address)
    _line(
        pdf,
        _("Shipment %(number)s: %(status)s")
        % {"number": part.shipment.number, "status": part.shipment.get_status_display()},
        muted=True,
        gap=1,
    )
    with _table(pdf) as table:
        table.row((_("Article"), _("Pieces"), _("Price"), _("Amount")))
        for view in part.lines:
            line = view.line
            table.row(
                (
                    pdf.letters.fit(f"{line.full_title}\n{line.sku}"),
                    str(line.quantity),
                    format_money(line.unit_price),
                    format_money(line.unit_price * line.quantity),
                )
            )
            for label, pieces, amount in taken_off(line):
                table.row((f"  {label}", str(pieces), "", format_money(amount)))
        if part.coupon_off:
            coupon = _("Coupon %(code)s") % {"code": part.coupon_code}
            table.row((coupon, "", "", format_money(-part.coupon_off)))
        if part.costs_delivery:
            shipment = part.shipment
            table.row((_("Delivery"), "", "", _delivery(shipment.delivery_agreed)))
            if less := shipment.delivery_agreed - shipment.delivery_price:
                table.row((f"  {_('Given back')}", "", "", format_money(-less)))
            if shipment.delivery_back:
                table.row((_("Way back"), "", "", format_money(shipment.delivery_back)))
            if shipment.delivery_extra:
                extra = format_money(shipment.delivery_extra)
                table.row((_("Further tries and waiting at the door"), "", "", extra))
        table.row((_("Together"), "", "", format_money(part.shipment.total)), style=FontFace(emphasis="BOLD"))
    _taxes(pdf, part)
    if part.shipment.status == ShipmentStatus.CANCELLED:
        _line(pdf, _("This shipment was cancelled; nothing was charged for it."), muted=True)
    elif part.shipment.is_returned and part.shipment.total:
        _line(pdf, _("This shipment came back; nothing but its delivery was charged for it."), muted=True)
    elif part.shipment.is_returned:
        _line(pdf, _("This shipment came back; nothing was charged for it."), muted=True)


def _taxes(pdf: Paper, part: ShipmentView) -> None:
    """What of it is tax, by rate; a sentence where the seller charges none or nobody has stated any."""
    if part.has_no_tax_known:
        _line(pdf, _("Tax: the seller has stated none; what there is, is in the prices."), muted=True)
        return
    if part.shipment.is_small_business:
        _line(pdf, _("The seller is a small business and charges no tax on the goods."), muted=True)
    if part.taxes:
        pdf.keep_together(ROW * (1 + len(part.taxes)))
        with _table(pdf, columns=TAX_COLUMNS) as table:
            table.row((_("Tax contained"), _("Net"), _("Tax"), _("With tax")))
            for tax in part.taxes:
                amounts = (format_money(amount) for amount in (tax.net, tax.tax, tax.gross))
                table.row((format_percent(tax.rate), *amounts))


def _delivery(price: int) -> str:
    """What the delivery costs, as a word where it costs nothing."""
    return format_money(price) if price else _("Free")


def taken_off(line: ShipmentLine) -> list[tuple[str, int, int]]:
    """What a line's cancelled and returned pieces take off it: words, pieces and minor units, both below zero."""
    rows = [(_("Cancelled"), -line.cancelled_quantity), (_("Returned"), -line.returned_quantity)]
    return [(label, pieces, line.unit_price * pieces) for label, pieces in rows if pieces]


def _sums(pdf: Paper, view: OrderView) -> None:
    rows = [(_("Ordered"), view.order.total)]
    if view.given_back:
        rows.append((_("Cancelled and given back"), -view.given_back))
    if view.extra:
        rows.append((_("Further tries and waiting"), view.extra))
    rows.append((_("Total"), view.total_now))
    bold = partial(FontFace, emphasis="BOLD")
    pdf.keep_together(ROW * len(rows))
    with _table(pdf, first_row_as_headings=False) as table:
        for label, amount in rows:
            table.row((label, "", "", format_money(amount)), style=bold() if label == rows[-1][0] else None)
