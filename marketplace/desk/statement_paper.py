"""A monthly statement as a PDF."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from fpdf.enums import Align, TableBordersLayout, VAlign
from fpdf.fonts import FontFace

from marketplace.common.money import format_money, format_percent
from marketplace.orders.paper import MUTED, Paper, write_line
from marketplace.orders.selectors import TaxOfSales

from .statements import Entry, MonthlyStatement

MOST_ROWS = 1_000
"""A page takes a tenth of a second; who has more rows takes the CSV."""
COLUMNS = (24, 68, 26, 26, 26)  # millimetres
TAX_COLUMNS = (62, 36, 36, 36)


@dataclass(frozen=True)
class Line:
    """An entry, and the words that its reader knows it by."""

    entry: Entry
    words: str


def draw_statement(
    statement: MonthlyStatement, lines: Sequence[Line], *, owner: str, tax: TaxOfSales | None = None
) -> bytes:
    """The PDF of a month: opening, every entry with the running balance, closing. `owner` is their name.

    With `tax`, what of the month's completed sales was tax.
    """
    title = _("Statement for %(month)s") % {"month": date_format(statement.begins, "F Y")}
    pdf = Paper(_texts(lines, owner), title=title)
    write_line(pdf, settings.SITE_NAME, size=11, style="B")
    write_line(pdf, title, size=20, style="B", gap=2)
    write_line(pdf, owner)
    write_line(
        pdf, _("Times of %(zone)s") % {"zone": timezone.get_current_timezone_name()}, muted=True, gap=4
    )
    bold = FontFace(emphasis="BOLD")
    with pdf.table(
        col_widths=COLUMNS,
        text_align=(Align.L, Align.L, Align.R, Align.R, Align.R),
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        line_height=5.5,
        padding=(1, 0),
        v_align=VAlign.T,
        headings_style=FontFace(emphasis="BOLD", color=MUTED),
    ) as table:
        table.row((_("When"), _("What"), _("Change"), _("Balance"), _("Held")))
        opening = statement.opening
        closing = lines[-1].entry.after if lines else opening
        table.row(
            ("", _("Opening balance"), "", format_money(opening.balance), format_money(opening.held)),
            style=bold,
        )
        for line in lines:
            entry = line.entry
            table.row(
                (
                    date_format(timezone.localtime(entry.row.created_at), "j M H:i"),
                    pdf.letters.fit(line.words),
                    format_money(entry.row.balance_delta),
                    format_money(entry.after.balance),
                    format_money(entry.after.held),
                )
            )
        change = closing.balance - opening.balance
        table.row(
            (
                "",
                _("Closing balance"),
                format_money(change),
                format_money(closing.balance),
                format_money(closing.held),
            ),
            style=bold,
        )
    if tax is not None and tax.is_shown:
        pdf.ln(6)
        _tax(pdf, tax)
    pdf.ln(4)
    write_line(
        pdf,
        _(
            "The balance is what can be spent or paid out; what is held is set aside for purchases and payouts."
        ),
        size=8,
        muted=True,
    )
    return pdf.finished()


def _tax(pdf: Paper, tax: TaxOfSales) -> None:
    pdf.keep_together(14 + 8 * (1 + len(tax.sums)))
    write_line(pdf, _("Tax in the sales that were completed this month"), style="B", gap=1)
    if tax.as_small_business:
        write_line(pdf, _("What you sold as a small business contains no tax."), muted=True, gap=1)
    if not tax.sums:
        return
    with pdf.table(
        col_widths=TAX_COLUMNS,
        text_align=(Align.L, Align.R, Align.R, Align.R),
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        line_height=5.5,
        padding=(1, 0),
        headings_style=FontFace(emphasis="BOLD", color=MUTED),
    ) as table:
        table.row((_("Rate"), _("Net"), _("Tax"), _("With tax")))
        for one in tax.sums:
            amounts = (format_money(amount) for amount in (one.net, one.tax, one.gross))
            table.row((format_percent(one.rate), *amounts))


def _texts(lines: Sequence[Line], owner: str) -> Iterator[str]:
    yield settings.SITE_NAME
    yield owner
    for line in lines:
        yield line.words
