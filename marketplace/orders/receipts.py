"""The receipt of an order as a PDF."""

import logging
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import formats, timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from fpdf import FPDF
from fpdf.enums import Align, TableBordersLayout, VAlign
from fpdf.fonts import FontFace
from fpdf.table import Table

from marketplace.common.money import format_money

from .selectors import OrderView, ShipmentView
from .states import ShipmentStatus

# A sign that the font lacks (an emoji in a title) is drawn as a box; that is nothing to report.
logging.getLogger("fpdf.output").setLevel(logging.ERROR)

FONTS = Path(__file__).parent / "fonts"
INK, MUTED, LINE = (29, 27, 24), (107, 102, 94), (200, 194, 184)
COLUMNS = (86, 18, 30, 36)  # millimetres; the page is 170 wide between its margins


def draw(view: OrderView, *, says_where_to: bool = True) -> bytes:
    """The PDF of an order as it stands now, a block a seller; cancelled pieces are shown as such.

    `says_where_to`: with its buyer's name, address and phone; not for staff, whose looks are written down.

    Prices are final: what a price contains of tax is between seller and buyer, so nothing is said of it.
    """
    pdf = _page()
    order = view.order
    _line(pdf, settings.SITE_NAME, size=11, style="B")
    _line(pdf, _("Receipt for order %(number)s") % {"number": order.number}, size=20, style="B", gap=2)
    placed = formats.date_format(timezone.localtime(order.placed_at), "DATETIME_FORMAT")
    _line(
        pdf,
        _("Ordered on %(when)s. Status: %(status)s.")
        % {"when": placed, "status": order.get_status_display()},
        muted=True,
    )
    if says_where_to:
        pdf.ln(4)
        _line(pdf, _("Deliver to"), style="B")
        for text in filter(None, (order.ship_name, order.ship_address, order.ship_phone)):
            _line(pdf, text)
    for part in view.shipments:
        pdf.ln(6)
        _seller(pdf, part)
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
    return bytes(pdf.output())


def _page() -> FPDF:
    pdf = FPDF(format="A4")
    pdf.set_margin(20)
    pdf.set_auto_page_break(True, margin=20)
    pdf.add_font("DejaVu", "", FONTS / "DejaVuSans.ttf")
    pdf.add_font("DejaVu", "B", FONTS / "DejaVuSans-Bold.ttf")
    pdf.set_lang(get_language() or settings.LANGUAGE_CODE)
    pdf.set_title(_("Receipt"))
    pdf.set_author(settings.SITE_NAME)
    pdf.set_font("DejaVu", size=9)
    pdf.set_text_color(*INK)
    pdf.set_draw_color(*LINE)
    pdf.add_page()
    return pdf


def _line(
    pdf: FPDF, text: str, *, size: int = 9, style: str = "", muted: bool = False, gap: float = 0
) -> None:
    pdf.set_font("DejaVu", style=style, size=size)
    pdf.set_text_color(*(MUTED if muted else INK))
    pdf.multi_cell(0, size * 0.55, text, align=Align.L, new_x="LMARGIN", new_y="NEXT")
    pdf.set_text_color(*INK)
    pdf.set_font("DejaVu", size=9)
    if gap:
        pdf.ln(gap)


def _table(pdf: FPDF, **options: Any) -> AbstractContextManager[Table]:
    return pdf.table(
        col_widths=COLUMNS,
        text_align=(Align.L, Align.R, Align.R, Align.R),
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        line_height=5.5,
        padding=(1, 0),
        v_align=VAlign.T,
        headings_style=FontFace(emphasis="BOLD", color=MUTED),
        **options,
    )


def _seller(pdf: FPDF, part: ShipmentView) -> None:
    title = _("Sold by %(shop)s") % {"shop": part.shop_name}
    _line(pdf, title, size=11, style="B")
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
                    f"{line.title}\n{line.sku}",
                    str(line.quantity),
                    format_money(line.unit_price),
                    format_money(line.unit_price * line.quantity),
                )
            )
            if line.cancelled_quantity:
                table.row(
                    (
                        _("  Cancelled"),
                        str(-line.cancelled_quantity),
                        "",
                        format_money(-line.unit_price * line.cancelled_quantity),
                    )
                )
        table.row((_("Together"), "", "", format_money(part.shipment.total)), style=FontFace(emphasis="BOLD"))
    if part.shipment.status == ShipmentStatus.CANCELLED:
        _line(pdf, _("This shipment was cancelled; nothing was charged for it."), muted=True)


def _sums(pdf: FPDF, view: OrderView) -> None:
    rows = [(_("Ordered"), view.order.total)]
    if view.given_back:
        rows.append((_("Cancelled and given back"), -view.given_back))
    rows.append((_("Total"), view.total_now))
    bold = partial(FontFace, emphasis="BOLD")
    with _table(pdf, first_row_as_headings=False) as table:
        for label, amount in rows:
            table.row((label, "", "", format_money(amount)), style=bold() if label == rows[-1][0] else None)
