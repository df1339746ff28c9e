"""Somebody's money: what they have, what is held, where it went, and how more comes in."""

import logging
from urllib.parse import urlencode

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from marketplace.accounts.models import BUYER_ROLES
from marketplace.common import clock
from marketplace.common.money import format_money, to_plain
from marketplace.wallet import selectors
from marketplace.wallet.amounts import suggested_top_ups
from marketplace.wallet.models import TopUp
from marketplace.wallet.payments import demo, desk, provider
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
from shop.views.wallet_downloads import statement_files
from shop.views.wallet_lines import hold_lines, statement_lines

logger = logging.getLogger(__name__)

GOES_ON = "top_up_goes_on"  # the payment in the session that leads somewhere once it is paid
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
    latest, _more = selectors.statement_page(me, selectors.StatementQuery(), size=6)
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
        done=lambda begun: _begin_to_pay(request, begun),
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


def _begin_to_pay(request: HttpRequest, top_up: TopUp) -> HttpResponse:
    """To the provider; once it is paid, this browser goes on by itself where the person was going."""
    if top_up.next_url:
        request.session[GOES_ON] = top_up.public_id
    return _go_and_pay(request, top_up)


def _goes_on(request: HttpRequest, top_up: TopUp) -> bool:
    """Whether the person was on the way somewhere, has paid, and has not been led there yet. True once."""
    if not top_up.is_paid or request.session.get(GOES_ON) != top_up.public_id:
        return False
    del request.session[GOES_ON]
    sentence = _("%(amount)s is in your wallet.") % {"amount": format_money(top_up.amount)}
    messages.success(request, sentence)
    return True


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
    top_up = _mine_or_404(request, public_id)
    if _goes_on(request, top_up):
        return redirect(top_up.next_url)
    return _payment_page(request, top_up)


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
        if request.htmx and _goes_on(request, fresh):
            return HttpResponseClientRedirect(fresh.next_url)
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


# --- the statement ------------------------------------------------------------------------------


@require_GET
def statement(request: HttpRequest) -> HttpResponse:
    """Every row of the wallet, newest first, page by page; 422 where the filter cannot be, which says so."""
    return statement_page(request)


def statement_page(request: HttpRequest) -> HttpResponse:
    """What the statement's address answers, and its files' where no file can be made."""
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
        "files": statement_files(request, parameters),
    }
    response = render_part(request, STATEMENT_PAGE, "rows", context)
    response.status_code = 200 if form.is_valid() else 422
    return response


def _address(name: str, parameters: dict) -> str:
    return reverse(name) + (f"?{urlencode(parameters)}" if parameters else "")
