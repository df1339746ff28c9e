"""A seller's and a courier's months: the list, and each as CSV and PDF."""

from collections.abc import Iterator
from itertools import chain

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import override as language
from django.views.decorators.http import require_GET

from marketplace.accounts.models import EARNER_ROLES, User
from marketplace.common import clock, limits
from marketplace.common.counts import count_up_to
from marketplace.common.money import format_percent
from marketplace.desk.statement_paper import MOST_ROWS, Line, draw_statement
from marketplace.desk.statements import Entry, Month, MonthlyStatement, Sums, monthly_statement, months_of
from marketplace.orders.directions import isolated
from marketplace.orders.selectors import TaxOfSales, tax_of_sales
from marketplace.web.access import for_roles
from marketplace.web.exports import Cell, Money, csv_lines
from marketplace.web.see_other import see_other
from marketplace.web.subjects import with_subjects
from shop.views.wallet_downloads import dialect, header, line_cells
from shop.views.wallet_lines import statement_line


@require_GET
@for_roles(*EARNER_ROLES)
def statements(request: HttpRequest) -> HttpResponse:
    """Every month since their first entry."""
    zone = timezone.get_current_timezone()
    months = [(month, month.begins(zone)) for month in months_of(request.user.pk)]
    return render(request, "shop/payouts/statements.html", {"months": months, "now": clock.now()})


@require_GET
@for_roles(*EARNER_ROLES)
def statement_month_csv(request: HttpRequest, year: int, month: int) -> HttpResponseBase:
    """A month as CSV, written while it is sent."""
    statement = _statement_or_404(request, year, month)
    limits.hit_cached("receipt", request.user.pk)
    zone, tongue, written = timezone.get_current_timezone(), get_language(), dialect(request)

    def lines() -> Iterator[str]:
        # The middleware's zone and language are gone by the time the file is sent.
        with timezone.override(zone), language(tongue):
            rows = chain(_cells(statement, request.user), _tax_cells(_tax(statement, request.user)))
            yield from csv_lines(header(), rows, written)

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_name(statement)}.csv"'
    return response


@require_GET
@for_roles(*EARNER_ROLES)
def statement_month_pdf(request: HttpRequest, year: int, month: int) -> HttpResponse:
    """A month as a PDF; what is too long for one is said, and CSV has no end."""
    statement = _statement_or_404(request, year, month)
    if count_up_to(statement.rows, MOST_ROWS).is_at_least:
        messages.error(
            request, _("A PDF holds %(most)d rows at most: please take the CSV file.") % {"most": MOST_ROWS}
        )
        return see_other("shop:statements")
    limits.hit_cached("receipt", request.user.pk)
    lines = [Line(entry, _words(entry, request.user)) for entry in _entries(statement)]
    drawn = draw_statement(
        statement, lines, owner=str(request.user.profile), tax=_tax(statement, request.user)
    )
    response = HttpResponse(drawn, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{_name(statement)}.pdf"'
    return response


def _statement_or_404(request: HttpRequest, year: int, month: int) -> MonthlyStatement:
    wanted = Month(year, month)
    if wanted not in months_of(request.user.pk):
        raise Http404
    return monthly_statement(request.user.pk, wanted)


def _name(statement: MonthlyStatement) -> str:
    return f"statement-{statement.month.year}-{statement.month.month:02d}"


def _entries(statement: MonthlyStatement) -> Iterator[Entry]:
    return statement.entries(with_subjects(statement.rows).iterator(chunk_size=500))


def _words(entry: Entry, viewer: User) -> str:
    line = statement_line(entry.row, viewer)
    return " · ".join(isolated(part) for part in (line.kind, line.about.text, line.note) if part)


def _cells(statement: MonthlyStatement, viewer: User) -> Iterator[list[Cell]]:
    closing = statement.opening
    yield ["", _("Opening balance"), "", "", settings.STORE_CURRENCY, "", "", *_after(closing)]
    for entry in _entries(statement):
        closing = entry.after
        yield [*line_cells(statement_line(entry.row, viewer)), *_after(closing)]
    yield ["", _("Closing balance"), "", "", settings.STORE_CURRENCY, "", "", *_after(closing)]


def _tax(statement: MonthlyStatement, viewer: User) -> TaxOfSales:
    return tax_of_sales(viewer.pk, statement.begins, statement.ends)


def _tax_cells(tax: TaxOfSales) -> Iterator[list[Cell]]:
    """A table of its own beneath: what of the month's completed sales was tax, by rate."""
    if not tax.is_shown:
        return
    yield []
    title = _("Tax in the sales that were completed this month")
    yield ["", title, _("Rate"), "", _("Currency"), _("Net"), _("Tax"), _("With tax"), ""]
    if tax.as_small_business:
        yield ["", _("What you sold as a small business contains no tax."), *[""] * 7]
    for one in tax.sums:
        amounts = [Money(one.net), Money(one.tax), Money(one.gross)]
        yield ["", "", format_percent(one.rate), "", settings.STORE_CURRENCY, *amounts, ""]


def _after(sums: Sums) -> list[Cell]:
    return [Money(sums.balance), Money(sums.held)]
