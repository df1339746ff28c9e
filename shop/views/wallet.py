"""Somebody's money: what they have, what is held, where it went, and how more comes in."""

import csv
import logging
from collections.abc import Iterable, Iterator
from urllib.parse import urlencode

from csp.decorators import csp_update
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.utils.translation import override as language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.accounts.models import BUYER_ROLES, User
from marketplace.common import clock, limits
from marketplace.common.money import to_plain
from marketplace.wallet import selectors
from marketplace.wallet.amounts import suggested_top_ups
from marketplace.wallet.models import TopUp, Transaction
from marketplace.wallet.payments import ForgedCallback, UnreadableCallback, demo, desk, provider
from marketplace.wallet.services import start_top_up
from marketplace.wallet.states import TopUpStatus
from marketplace.web.access import for_roles
from marketplace.web.forms import FRESH, Refusal, answer_form, posted
from marketplace.web.htmx import render_part
from marketplace.web.safe_next import safe_next
from marketplace.web.see_other import see_other
from marketplace.web.subjects import with_subjects
from marketplace.web.typed import asked, sent
from shop.forms.wallet import DemoPaymentForm, StatementFilter, TopUpForm
from shop.views.wallet_chart import balance_chart
from shop.views.wallet_lines import hold_lines, statement_line, statement_lines

logger = logging.getLogger(__name__)

STATEMENT_PAGE = "shop/wallet/statement.html"
PAYMENT_PAGE = "shop/wallet/payment.html"
WHY_NOTHING_CAME = {
    TopUpStatus.FAILED: gettext_lazy("The payment was refused. No money was taken."),
    TopUpStatus.CANCELLED: gettext_lazy("The payment was cancelled. No money was taken."),
    TopUpStatus.EXPIRED: gettext_lazy("The time to pay is over. No money was taken."),
}


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """The balance, what is held and why, and the latest rows."""
    me = request.user.pk
    latest, _following = selectors.statement_page(me, selectors.StatementQuery(), size=6)
    context = {
        "wallet": selectors.wallet_of(me),
        "holds": hold_lines(selectors.open_holds(me), request.user),
        "payments": selectors.open_top_ups(me),
        "lines": statement_lines(with_subjects(latest), request.user),
        "chart": balance_chart(me, clock.now()),
    }
    return render(request, "shop/wallet/overview.html", context)


# --- money in -----------------------------------------------------------------------------------


@for_roles(*BUYER_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def top_up(request: HttpRequest) -> HttpResponse:
    """Choose an amount; a good one leads to the payment provider's page."""
    wanted = TopUpForm.amount_asked(asked(request, "amount"))
    form = TopUpForm(posted(request), initial=TopUpForm.initial_for(wanted))

    def begin() -> TopUp:
        return start_top_up(
            actor=request.user,
            amount=form.cleaned_data["amount"],
            form_key=sent(request, "form_key"),
            next_url=_way_back(request),
        )

    return answer_form(
        request,
        begin,
        form=form,
        done=lambda begun: _go_and_pay(request, begun),
        page=lambda refusal: _top_up_page(request, form, refusal),
    )


def _way_back(request: HttpRequest) -> str:
    """Where the person was going; one that is too long to keep is forgotten, not cut."""
    url = safe_next(request)
    return url if len(url) <= 300 else ""


def _top_up_page(request: HttpRequest, form: TopUpForm, refusal: Refusal) -> HttpResponse:
    context = {
        "form": form,
        "kept_key": refusal.kept_key,
        "next": safe_next(request),
        "suggested": [(amount, to_plain(amount)) for amount in suggested_top_ups()],
        "wallet": selectors.wallet_of(request.user.pk),
        "is_demo": settings.PAYMENT_PROVIDER == "demo",
    }
    return _may_lead_out(render(request, "shop/wallet/top_up.html", context))


def _may_lead_out(response: HttpResponse) -> HttpResponse:
    """Let this page's forms end at the provider: Chromium checks the redirect after a POST, too."""
    if hosts := provider().hosts:
        return csp_update({"form-action": list(hosts)})(lambda: response)()
    return response


def _go_and_pay(request: HttpRequest, top_up: TopUp) -> HttpResponse:
    """To the provider's page; where it does not answer, to ours, which offers to try again."""
    here = reverse("shop:payment", args=[top_up.public_id])
    return answer_form(
        request,
        lambda: desk.payment_page(
            actor=request.user, top_up_id=top_up.pk, return_url=request.build_absolute_uri(here)
        ),
        done=lambda page: see_other(page or here),
        page=lambda refusal: _payment_page(request, top_up, refusal),
    )


def _mine_or_404(request: HttpRequest, public_id: str) -> TopUp:
    return get_object_or_404(selectors.top_ups_of(request.user.pk), public_id=public_id)


@require_GET
def payment(request: HttpRequest, public_id: str) -> HttpResponse:
    """What became of a payment; the provider sends people back here."""
    return _payment_page(request, _mine_or_404(request, public_id))


def _payment_page(request: HttpRequest, top_up: TopUp, refusal: Refusal = FRESH) -> HttpResponse:
    context = {
        "payment": top_up,
        "wallet": selectors.wallet_of(request.user.pk),
        "amount": to_plain(top_up.amount),
        "looks_again": top_up.is_open and not refusal.error,
        "why_not": WHY_NOTHING_CAME.get(TopUpStatus(top_up.status), ""),
        "refusal": refusal.text,
    }
    return _may_lead_out(render_part(request, PAYMENT_PAGE, "status", context))


@require_POST
def payment_pay(request: HttpRequest, public_id: str) -> HttpResponse:
    """Go on with a payment that was begun."""
    return _go_and_pay(request, _mine_or_404(request, public_id))


@require_POST
def payment_check(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask the provider what became of a payment."""
    top_up = _mine_or_404(request, public_id)

    def done(fresh: TopUp) -> HttpResponse:
        return _payment_page(request, fresh) if request.htmx else see_other("shop:payment", public_id)

    return answer_form(
        request,
        lambda: desk.look_at(actor=request.user, top_up_id=top_up.pk),
        done=done,
        page=lambda refusal: _payment_page(request, top_up, refusal),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def demo_payment(request: HttpRequest, reference: str) -> HttpResponse:
    """The demo provider's page: the person plays the bank. It is gone once another provider is in use."""
    if demo.DemoProvider.name != settings.PAYMENT_PROVIDER:
        raise Http404
    found = selectors.demo_payment_of(request.user.pk, reference)
    if found is None:
        raise Http404
    top_up, record = found
    form = DemoPaymentForm(posted(request))
    if request.method != "POST" and not top_up.is_open:
        return redirect("shop:payment", top_up.public_id)

    def decide() -> None:
        demo.decide(reference=reference, state=form.cleaned_data["decision"])
        desk.look_at(actor=request.user, top_up_id=top_up.pk)

    def page(refusal: Refusal) -> HttpResponse:
        return render(request, "shop/wallet/demo_payment.html", {"payment": top_up, "form": form})

    return answer_form(
        request, decide, form=form, done=lambda nothing: see_other(record.return_url), page=page
    )


@csrf_exempt
@login_not_required
@require_POST
def payment_callback(request: HttpRequest, name: str) -> HttpResponse:
    """A provider's message: genuine by its signature, and then only a reason to look for ourselves."""
    if name != settings.PAYMENT_PROVIDER:
        raise Http404
    try:
        callback = provider(name).read_callback(request.body, request.headers)
    except ForgedCallback:
        return HttpResponseBadRequest()
    except UnreadableCallback as error:
        logger.warning("a genuine message of %s cannot be read: %s", name, error)
        return HttpResponseBadRequest()
    if callback:
        desk.take_callback(name, callback)
    return HttpResponse(status=204)


# --- the statement ------------------------------------------------------------------------------


@require_GET
def statement(request: HttpRequest) -> HttpResponse:
    """Every row of the wallet, newest first, page by page."""
    form = StatementFilter(request.GET)
    after = asked(request, "after")
    rows, following = selectors.statement_page(request.user.pk, form.query(), after=after)
    parameters = form.as_parameters()
    context = {
        "form": form,
        "lines": statement_lines(with_subjects(rows), request.user),
        "is_filtered": bool(parameters),
        "is_some_of_it": bool(parameters or after),
        "more_url": _address("shop:wallet_statement", parameters | {"after": following}) if following else "",
        "csv_url": _address("shop:wallet_statement_csv", parameters),
    }
    return render_part(request, STATEMENT_PAGE, "rows", context)


def _address(name: str, parameters: dict) -> str:
    return reverse(name) + (f"?{urlencode(parameters)}" if parameters else "")


@require_GET
def statement_csv(request: HttpRequest) -> HttpResponseBase:
    """The statement as a file, oldest row first, written while it is sent."""
    limits.hit("export", request.user.pk)
    query = StatementFilter(request.GET).query()
    rows = with_subjects(selectors.statement(request.user.pk, query).order_by("pk"))
    zone, tongue = timezone.get_current_timezone(), get_language()

    def lines() -> Iterator[str]:
        # The middleware's zone and language are gone by the time the file is sent.
        with timezone.override(zone), language(tongue):
            yield from _csv(rows.iterator(chunk_size=500), request.user)

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    name = f"statement-{timezone.localdate():%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def _csv(rows: Iterable[Transaction], viewer: User) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff"  # so that spreadsheets read UTF-8
    yield writer.writerow(
        [
            _("Time"),
            _("What"),
            _("About"),
            _("Note"),
            _("Currency"),
            _("Change of the balance"),
            _("Change of what is held"),
            _("Balance after"),
            _("Held after"),
            _("Journal"),
        ]
    )
    for row in rows:
        line = statement_line(row, viewer)
        yield writer.writerow(
            [
                timezone.localtime(line.at).isoformat(timespec="seconds"),
                _harmless(line.kind),
                _harmless(line.about.text),
                _harmless(line.memo),
                settings.STORE_CURRENCY,
                to_plain(line.balance_delta),
                to_plain(line.held_delta),
                to_plain(line.balance_after),
                to_plain(line.held_after),
                row.journal,
            ]
        )


def _harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula (OWASP: CSV injection)."""
    return f"'{text}" if text.lstrip().startswith(("=", "+", "-", "@")) else text
