"""Bringing a shop over, and taking it away: upload, preview, progress, report, export."""

from collections.abc import Callable, Iterable
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.accounts.models import Role, User
from marketplace.common import limits
from marketplace.importing import selectors, services
from marketplace.importing.models import ImportRun
from marketplace.importing.packing import zipped_shop
from marketplace.products.shopify import csv_lines as product_lines
from marketplace.seller_dashboard.forms.imports import ImportForm
from marketplace.web.access import for_roles
from marketplace.web.bodies import takes
from marketplace.web.exports import csv_lines, dialect_of
from marketplace.web.forms import Refusal, answer_form, posted
from marketplace.web.htmx import render_part
from marketplace.web.see_other import see_other
from marketplace.web.typed import sent

PAGE = "seller_dashboard:import"
MOST_UPLOAD = 256 * 1024 * 1024  # bytes of a table and a ZIP together
SHOWN = 20
LOOK_EVERY = 3  # seconds


@takes(MOST_UPLOAD)
@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.SELLER)
def imports(request: HttpRequest) -> HttpResponse:
    """Upload a product file; what was uploaded before; take the whole shop along."""
    form = ImportForm(posted(request), request.FILES if request.method == "POST" else None)

    def page(refusal: Refusal) -> HttpResponse:
        context = {"form": form, "refusal": refusal, "imports": selectors.imports_of(_me(request))[:SHOWN]}
        return render(request, "seller_dashboard/imports.html", context)

    return answer_form(
        request,
        lambda: services.upload_import(
            actor=_me(request),
            table=form.cleaned_data["table"],
            file_name=form.cleaned_data["table"].name,
            pictures=form.cleaned_data["pictures"],
            category_id=form.cleaned_data["category"],
            counts_stock=form.cleaned_data["counts_stock"],
            form_key=sent(request, "form_key"),
        ),
        done=lambda run: see_other(PAGE, run.public_id),
        page=page,
        form=form,
    )


@require_GET
@for_roles(Role.SELLER)
def import_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """What an import would do, does or did."""
    return _page(request, public_id)


@require_POST
@for_roles(Role.SELLER)
def import_start(request: HttpRequest, public_id: str) -> HttpResponse:
    """Make what the preview shows."""
    run = _mine(request, public_id)
    return _act(request, public_id, lambda: services.start_import(run_id=run.pk, actor=_me(request)))


@require_POST
@for_roles(Role.SELLER)
def import_cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """Stop it; what was made stays."""
    run = _mine(request, public_id)
    return _act(request, public_id, lambda: services.cancel_import(run_id=run.pk, actor=_me(request)))


@require_POST
@for_roles(Role.SELLER)
def import_pictures(request: HttpRequest, public_id: str) -> HttpResponse:
    """Look for the missing pictures once more."""
    run = _mine(request, public_id)
    return _act(request, public_id, lambda: services.try_pictures_again(run_id=run.pk, actor=_me(request)))


@require_GET
@for_roles(Role.SELLER)
def import_report(request: HttpRequest, public_id: str) -> HttpResponse:
    """Everything that was left out, with its line and why, as a file."""
    run = _mine(request, public_id)
    header = [_("Line"), _("Row"), _("Handle"), _("Product"), _("What became of it"), _("Column"), _("Why")]
    written = dialect_of(request.headers.get("Accept-Language", ""))
    lines = csv_lines(header, selectors.report_rows(run), written)
    return _download(lines, f"report-{run.public_id}.csv")


@require_GET
@for_roles(Role.SELLER)
def export(request: HttpRequest) -> HttpResponse:
    """The whole shop as Shopify's product file."""
    limits.hit("export", request.user.pk)
    lines = product_lines(selectors.shop_drafts(_me(request).pk))
    return _download(lines, f"products-{timezone.localdate():%Y-%m-%d}.csv")


@require_GET
@for_roles(Role.SELLER)
def export_zip(request: HttpRequest) -> HttpResponse:
    """The same with the pictures beside it, in one file that the import takes."""
    limits.hit("export", request.user.pk)
    name = f"shop-{timezone.localdate():%Y-%m-%d}.zip"
    return _download(zipped_shop(_me(request).pk), name, "application/zip")


def _download(
    lines: Iterable[str] | Iterable[bytes], name: str, kind: str = "text/csv; charset=utf-8"
) -> HttpResponse:
    """A file that is written while it is sent."""
    response = StreamingHttpResponse(lines, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return cast("HttpResponse", response)  # which is what the types of our decorators know


def _act(request: HttpRequest, public_id: str, act: Callable[[], ImportRun]) -> HttpResponse:
    def page(refusal: Refusal) -> HttpResponse:
        messages.error(request, refusal.text)
        return _page(request, public_id)

    return answer_form(request, act, done=lambda run: see_other(PAGE, run.public_id), page=page)


def _page(request: HttpRequest, public_id: str) -> HttpResponse:
    view = selectors.import_page(_mine(request, public_id))
    context = {"view": view, "run": view.run, "look_every": LOOK_EVERY if view.run.is_worked_on else 0}
    return render_part(request, "seller_dashboard/import.html", "progress", context)


def _mine(request: HttpRequest, public_id: str) -> ImportRun:
    return get_object_or_404(selectors.imports_of(_me(request)), public_id=public_id)


def _me(request: HttpRequest) -> User:
    return cast("User", request.user)
