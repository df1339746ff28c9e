"""What sellers and couriers have earned, and how it comes to their bank."""

from urllib.parse import urlencode

from allauth.account.decorators import reauthentication_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.accounts.models import EARNER_ROLES, User
from marketplace.common.authorisation import may, why_not
from marketplace.desk.earnings import EarningsView, earnings_view
from marketplace.payouts import selectors, services
from marketplace.payouts.amounts import most_a_day, payout_range
from marketplace.payouts.models import Payout
from marketplace.payouts.providers import desk
from marketplace.payouts.shown import mark_of_address, mark_of_payout, mark_of_plan
from marketplace.wallet.models import Hold, Reserve
from marketplace.web.access import for_roles
from marketplace.web.forms import FRESH, Refusal, answer_form, posted, say_and_go
from marketplace.web.htmx import render_part
from marketplace.web.subjects import name_of, page_of, with_subjects
from marketplace.web.typed import asked, sent, sent_mark
from shop.forms.payouts import AccountForm, PayoutForm, PlanForm
from shop.views.earnings_chart import earnings_chart

MOST_LINES = 200  # of what a payout settles, on its page
# Whoever moves money out shows once more that it is them, as for another e-mail address.
is_really_them = reauthentication_required(app="allauth.account")


@require_GET
@for_roles(*EARNER_ROLES)
def earnings(request: HttpRequest) -> HttpResponse:
    """What can be paid out, what waits for what, what came in, and every payout."""
    me = request.user
    view = earnings_view(me)
    rows, following = selectors.own_page(me.pk, after=asked(request, "after"))
    context = {
        "view": view,
        "pending": [(item, page_of(item.subject, me)) for item in view.pending],
        "reserves": _reserves(view, me),
        "chart": earnings_chart(view.days),
        "address": selectors.address_of(me.pk),
        "plan": selectors.plan_of(me.pk),
        "payouts": rows,
        "more_url": f"{reverse('shop:earnings')}?{urlencode({'after': following})}" if following else "",
        "why_not": _why_not(request),
    }
    return render_part(request, "shop/payouts/earnings.html", "rows", context)


def _reserves(view: EarningsView, seller: User) -> list[tuple[Reserve, str, str]]:
    """What is kept in reserve: of which sale, and where its page is."""
    if not view.reserves:
        return []
    about = {row.pk: row.subject for row in with_subjects(Hold.objects.filter(reserve__in=view.reserves))}
    return [(row, name_of(about[row.pk], seller), page_of(about[row.pk], seller)) for row in view.reserves]


def _why_not(request: HttpRequest) -> str:
    """The sentence that says why nothing can be asked for right now; "" where it can."""
    return why_not(services.require_askable, request.user)


@for_roles(*EARNER_ROLES)
@is_really_them
@require_http_methods(["GET", "HEAD", "POST"])
def payout_new(request: HttpRequest) -> HttpResponse:
    """Ask for a payout."""
    me = request.user
    available = selectors.earned(me.pk).available
    form = PayoutForm(posted(request), available=available)

    def page(refusal: Refusal) -> HttpResponse:
        context = {
            "form": form,
            "kept_key": refusal.kept_key,
            "available": available,
            "address": selectors.address_of(me.pk),
            "why_not": _why_not(request),
            "range": payout_range(),
            "most_a_day": most_a_day(),
        }
        return render(request, "shop/payouts/new.html", context)

    return answer_form(
        request,
        lambda: services.request_payout(
            actor=me, amount=form.cleaned_data["amount"], form_key=sent(request, "form_key")
        ),
        form=form,
        done=lambda payout: say_and_go(
            request,
            _("Asked for. We look it over and send it to your bank."),
            "shop:payout",
            payout.public_id,
        ),
        page=page,
    )


@for_roles(*EARNER_ROLES)
@is_really_them
@require_http_methods(["GET", "HEAD", "POST"])
def payout_account(request: HttpRequest) -> HttpResponse:
    """Say which account payouts go to."""
    me = request.user
    form = AccountForm(posted(request))

    def page(refusal: Refusal) -> HttpResponse:
        address = selectors.address_of(me.pk)
        context = {"form": form, "address": address, "mark": mark_of_address(address)}
        return render(request, "shop/payouts/account.html", context)

    return answer_form(
        request,
        lambda: desk.give_address(
            actor=me,
            number=form.cleaned_data["number"],
            holder=form.cleaned_data["holder"],
            expected=sent_mark(request),
        ),
        form=form,
        done=lambda address: say_and_go(
            request, _("Saved. We have told you by e-mail, too, in case it was not you."), "shop:earnings"
        ),
        page=page,
    )


@for_roles(*EARNER_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def payout_plan(request: HttpRequest) -> HttpResponse:
    """Say whether one is paid out by oneself."""
    me = request.user
    plan = selectors.plan_of(me.pk)
    form = PlanForm(posted(request), plan=plan)

    def page(refusal: Refusal) -> HttpResponse:
        context = {"form": form, "plan": plan, "mark": mark_of_plan(selectors.plan_of(me.pk))}
        return render(request, "shop/payouts/plan.html", context)

    return answer_form(
        request,
        lambda: services.change_plan(actor=me, expected=sent_mark(request), **form.cleaned_data),
        form=form,
        done=lambda saved: say_and_go(request, _("Saved."), "shop:earnings"),
        page=page,
    )


def _mine_or_404(request: HttpRequest, public_id: str) -> Payout:
    return get_object_or_404(selectors.payouts_of(request.user.pk), public_id=public_id)


@require_GET
@for_roles(*EARNER_ROLES)
def payout(request: HttpRequest, public_id: str) -> HttpResponse:
    """What became of a payout, and which entries it settles."""
    return _payout_page(request, _mine_or_404(request, public_id))


@require_POST
@for_roles(*EARNER_ROLES)
def payout_cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """Call a payout off."""
    mine = _mine_or_404(request, public_id)
    return answer_form(
        request,
        lambda: services.cancel_payout(payout_id=mine.pk, actor=request.user, expected=sent_mark(request)),
        done=lambda cancelled: say_and_go(
            request, _("Cancelled. The money is in your wallet again."), "shop:payout", public_id
        ),
        page=lambda refusal: _payout_page(request, _mine_or_404(request, public_id), refusal),
    )


def _payout_page(request: HttpRequest, mine: Payout, refusal: Refusal = FRESH) -> HttpResponse:
    mark = mark_of_payout(mine)
    lines = list(mine.lines.select_related("entry").order_by("entry_id")[:MOST_LINES])
    subjects = {
        entry.pk: entry.subject for entry in with_subjects(selectors.entries_of(mine, most=MOST_LINES))
    }
    context = {
        "payout": mine,
        "mark": mark,
        "events": mine.events.order_by("pk"),
        "lines": [
            (
                line,
                name_of(subjects[line.entry_id], request.user),
                page_of(subjects[line.entry_id], request.user),
            )
            for line in lines
        ],
        "may_cancel": may(services.require_cancellable, request.user, mine),
        "refusal": refusal.text,
    }
    return render(request, "shop/payouts/payout.html", context)
