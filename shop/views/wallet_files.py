"""The statement as a file: CSV as one's spreadsheet reads it, or a workbook."""

from collections.abc import Iterable, Iterator

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import override as language
from django.views.decorators.http import require_GET

from marketplace.accounts.models import User
from marketplace.common import limits
from marketplace.common.counts import count_up_to
from marketplace.wallet import selectors
from marketplace.wallet.models import Transaction
from marketplace.web.exports import (
    MOST_XLSX_ROWS,
    Cell,
    Money,
    csv_lines,
    xlsx_file,
)
from marketplace.web.see_other import see_other
from marketplace.web.subjects import with_subjects
from shop.forms.wallet import StatementFilter
from shop.views.wallet import statement_page
from shop.views.wallet_downloads import dialect, header, line_cells
from shop.views.wallet_lines import statement_line

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
def statement_csv(request: HttpRequest) -> HttpResponseBase:
    """The statement as a file, oldest row first, written while it is sent; no file of another filter than asked for."""
    if not StatementFilter(request.GET).is_valid():
        return statement_page(request)
    limits.hit("export", request.user.pk)
    rows = with_subjects(_rows(request).order_by("pk"))
    zone, tongue, written = timezone.get_current_timezone(), get_language(), dialect(request)

    def lines() -> Iterator[str]:
        # The middleware's zone and language are gone by the time the file is sent.
        with timezone.override(zone), language(tongue):
            cells = _cells(rows.iterator(chunk_size=500), request.user)
            yield from csv_lines(_header(), cells, written)

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_file_name()}.csv"'
    return response


@require_GET
def statement_xlsx(request: HttpRequest) -> HttpResponseBase:
    """The statement as a workbook; what is too long for one is said, and CSV has no end."""
    if not StatementFilter(request.GET).is_valid():
        return statement_page(request)
    rows = _rows(request)
    if count_up_to(rows, MOST_XLSX_ROWS).is_at_least:
        messages.error(
            request,
            _("A workbook holds %(most)d rows at most: please choose some days, or take the CSV file.")
            % {"most": MOST_XLSX_ROWS},
        )
        return see_other("shop:wallet_statement")
    limits.hit("export", request.user.pk)
    cells = _cells(with_subjects(rows.order_by("pk")).iterator(chunk_size=500), request.user)
    zone = str(timezone.get_current_timezone())
    header = [_("Time (%(zone)s)") % {"zone": zone}, *_header()[1:]]
    file = xlsx_file(_("Statement"), header, cells)
    return FileResponse(file, as_attachment=True, filename=f"{_file_name()}.xlsx", content_type=XLSX)


def _rows(request: HttpRequest):
    return selectors.statement(request.user.pk, StatementFilter(request.GET).query())


def _file_name() -> str:
    return f"statement-{timezone.localdate():%Y-%m-%d}"


def _header() -> list[str]:
    return [*header(), _("Journal")]


def _cells(rows: Iterable[Transaction], viewer: User) -> Iterator[list[Cell]]:
    for row in rows:
        line = statement_line(row, viewer)
        yield [*line_cells(line), Money(line.balance_after), Money(line.held_after), str(row.journal)]
