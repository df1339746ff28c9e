"""The bank's files: approved payouts that go out together, and what the bank made of them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backoffice.forms import ReasonForm, ReferenceForm
from marketplace.accounts.models import STAFF_ROLES
from marketplace.common.authorisation import may, why_not
from marketplace.payouts import batches as selectors
from marketplace.payouts import services
from marketplace.payouts.models import PayoutBatch
from marketplace.payouts.shown import mark_of_batch
from marketplace.payouts.states import BatchKind
from marketplace.web.access import for_roles
from marketplace.web.forms import Refusal, answer_form, say_and_go
from marketplace.web.see_other import see_other
from marketplace.web.typed import sent, sent_mark

SHOWN = 100
TYPES = {BatchKind.SEPA: ("application/xml", "xml"), BatchKind.CSV: ("text/csv; charset=utf-8", "csv")}


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*STAFF_ROLES)
def payout_batches(request: HttpRequest) -> HttpResponse:
    """What waits for a file, the button that makes it, and the latest files."""

    def page(refusal: Refusal) -> HttpResponse:
        context = {
            "waiting": list(selectors.kinds_that_wait(request.user)),
            "batches": selectors.batches(request.user)[:SHOWN],
            "refusal": refusal.text,
            "kept_key": refusal.kept_key,
        }
        return render(request, "backoffice/payouts/batches.html", context)

    return answer_form(
        request,
        lambda: services.make_batch(
            actor=request.user, kind=sent(request, "kind"), form_key=sent(request, "form_key")
        ),
        done=lambda batch: say_and_go(
            request,
            _("Made. Give the file to the bank, then note here what it did."),
            "backoffice:payout_batch",
            batch.public_id,
        ),
        page=page,
    )


@require_GET
@for_roles(*STAFF_ROLES)
def payout_batch(request: HttpRequest, public_id: str) -> HttpResponse:
    """One file: what is in it, and the form that notes it as sent."""
    return _page(request, _batch(request, public_id))


@require_GET
@never_cache
@for_roles(*STAFF_ROLES)
def payout_batch_file(request: HttpRequest, public_id: str) -> HttpResponse:
    """The file as it was made, byte for byte."""
    batch = _batch(request, public_id)
    content = selectors.file_of(request.user, batch)
    if content is None:
        is_back = batch.withdrawn_at is not None
        messages.error(
            request,
            _("It was withdrawn: give the bank another file.")
            if is_back
            else _("No key of this store reads this file any more."),
        )
        return see_other("backoffice:payout_batch", public_id)
    kind, ending = TYPES[BatchKind(batch.kind)]
    headers = {"Content-Disposition": f'attachment; filename="{batch.name}.{ending}"'}
    return HttpResponse(content, content_type=kind, headers=headers)


@require_POST
@for_roles(*STAFF_ROLES)
def payout_batch_sent(request: HttpRequest, public_id: str) -> HttpResponse:
    """Note that the bank has carried it out."""
    batch = _batch(request, public_id)
    form = ReferenceForm(request.POST, names="sent")
    return answer_form(
        request,
        lambda: services.send_batch(
            batch_id=batch.pk,
            reference=form.cleaned_data["reference"],
            actor=request.user,
            expected=sent_mark(request),
        ),
        form=form,
        done=lambda row: say_and_go(
            request, _("Noted as sent; they were told."), "backoffice:payout_batch", public_id
        ),
        page=lambda refusal: _page(request, _batch(request, public_id), form),
    )


@require_POST
@for_roles(*STAFF_ROLES)
def payout_batch_withdraw(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take it back: the bank has not got it."""
    batch = _batch(request, public_id)
    form = ReasonForm(request.POST, names="withdraw")
    return answer_form(
        request,
        lambda: services.withdraw_batch(
            batch_id=batch.pk,
            reason=form.cleaned_data["reason"],
            actor=request.user,
            expected=sent_mark(request),
        ),
        form=form,
        done=lambda row: say_and_go(
            request, _("Withdrawn. Its payouts wait for another file."), "backoffice:payout_batch", public_id
        ),
        page=lambda refusal: _page(request, _batch(request, public_id), withdraw_form=form),
    )


def _batch(request: HttpRequest, public_id: str) -> PayoutBatch:
    return get_object_or_404(selectors.batches(request.user), public_id=public_id)


def _page(
    request: HttpRequest,
    batch: PayoutBatch,
    form: ReferenceForm | None = None,
    withdraw_form: ReasonForm | None = None,
) -> HttpResponse:
    payouts = list(selectors.payouts_in(batch))
    is_over = batch.sent_at or batch.withdrawn_at
    context = {
        "batch": batch,
        "mark": mark_of_batch(batch),
        "payouts": payouts,
        "not_to_go": selectors.not_to_go_out(batch, payouts),
        "may_send": may(services.require_batch_sendable, request.user, batch),
        "why_not": "" if is_over else why_not(services.require_batch_sendable, request.user, batch),
        "form": form or ReferenceForm(names="sent"),
        "may_withdraw": may(services.require_batch_withdrawable, request.user, batch),
        "withdraw_form": withdraw_form or ReasonForm(names="withdraw"),
        "open_form": "sent" if form is not None else "withdraw" if withdraw_form is not None else "",
    }
    return render(request, "backoffice/payouts/batch.html", context)
