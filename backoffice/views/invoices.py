"""The store's invoices of its commission: found by number, seller or month, and read as PDFs."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET

from backoffice.invoice_forms import InvoiceFilter
from marketplace.accounts.models import STAFF_ROLES
from marketplace.common import limits
from marketplace.invoicing.paper import draw_invoice
from marketplace.invoicing.selectors import invoices_for, invoices_page, lines_of
from marketplace.web.access import for_roles
from marketplace.web.htmx import render_part
from marketplace.web.typed import asked


@require_GET
@for_roles(*STAFF_ROLES)
def invoices(request: HttpRequest) -> HttpResponse:
    """All invoices, newest first, or those that were searched for."""
    form = InvoiceFilter(request.GET)
    form.is_valid()
    search, month = form.cleaned_data.get("q", ""), form.cleaned_data.get("month")
    rows, following = invoices_page(
        request.user, search=search, month=month, after=asked(request, "after", most=200)
    )
    kept = {"q": search, "month": f"{month:%Y-%m}" if month else ""}
    context = {
        "rows": rows,
        **kept,
        "is_filtered": bool(search or month),
        "more_url": _link(**kept, after=following) if following else "",
    }
    return render_part(request, "backoffice/invoices.html", "rows", context)


@require_GET
@for_roles(*STAFF_ROLES)
def invoice_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """One as a PDF, as its seller has it."""
    invoice = get_object_or_404(invoices_for(request.user), number=number)
    limits.hit_cached("receipt", request.user.pk)
    response = HttpResponse(draw_invoice(invoice, lines_of(invoice)), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="invoice-{invoice.number}.pdf"'
    return response


def _link(**wanted: str) -> str:
    query = urlencode({name: value for name, value in wanted.items() if value})
    return f"{reverse('backoffice:invoices')}?{query}"
