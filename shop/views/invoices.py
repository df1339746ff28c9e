"""A seller's invoices of the store's commission."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from marketplace.accounts.models import EARNER_ROLES
from marketplace.common import limits
from marketplace.invoicing.paper import draw_invoice
from marketplace.invoicing.selectors import invoices_of, lines_of
from marketplace.web.access import for_roles

SHOWN = 240


@require_GET
@for_roles(*EARNER_ROLES)
def invoices(request: HttpRequest) -> HttpResponse:
    """Every invoice, newest first."""
    return render(request, "shop/payouts/invoices.html", {"invoices": invoices_of(request.user.pk)[:SHOWN]})


@require_GET
@for_roles(*EARNER_ROLES)
def invoice_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """One as a PDF."""
    invoice = get_object_or_404(invoices_of(request.user.pk), number=number)
    limits.hit_cached("receipt", request.user.pk)
    response = HttpResponse(draw_invoice(invoice, lines_of(invoice)), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="invoice-{invoice.number}.pdf"'
    return response
