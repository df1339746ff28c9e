"""What a listing shall say instead of what shoppers see: begin it, take it back out of review, let it go."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from marketplace.accounts.models import Role
from marketplace.products.selectors import OwnEdit, last_edit, listings_of
from marketplace.products.services import begin_edit, cancel_edit, withdraw_edit
from marketplace.web.access import for_roles, signed_in
from marketplace.web.forms import Refusal, answer_form, say_and_go
from marketplace.web.see_other import see_other
from marketplace.web.typed import sent_mark

from .listings import listing_page


@require_POST
@for_roles(Role.SELLER)
def begin_change(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin to change what a listing says; where that is begun already, go on with it."""
    mine = get_object_or_404(listings_of(signed_in(request)), slug=slug)
    return answer_form(
        request,
        lambda: begin_edit(product_id=mine.pk, actor=signed_in(request), expected=sent_mark(request)),
        done=lambda edit: see_other("seller_dashboard:change_edit", slug),
        page=lambda refusal: listing_page(request, slug, refusal),
    )


@require_POST
@for_roles(Role.SELLER)
def take_back_change(request: HttpRequest, slug: str) -> HttpResponse:
    """Out of review again, to be worked on."""
    mine = _mine(request, slug)
    return answer_form(
        request,
        lambda: withdraw_edit(edit_id=mine.edit.pk, actor=signed_in(request), expected=sent_mark(request)),
        done=lambda edit: say_and_go(
            request, _("Nobody reviews it now. Go on with it here."), "seller_dashboard:change_edit", slug
        ),
        page=lambda refusal: listing_page(request, slug, refusal),
    )


@require_http_methods(["GET", "POST"])
@for_roles(Role.SELLER)
def cancel_change(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask once, then let a change go: the listing says on what it says."""
    mine = _mine(request, slug)

    def page(refusal: Refusal) -> HttpResponse:
        now = _mine(request, slug)
        context = {"edit": now, "listing": now.edit.product, "refusal": refusal}
        return render(request, "seller_dashboard/change_cancel.html", context)

    return answer_form(
        request,
        lambda: cancel_edit(edit_id=mine.edit.pk, actor=signed_in(request), expected=sent_mark(request)),
        done=lambda edit: say_and_go(
            request, _("Let go: the listing says what it said before."), "seller_dashboard:listing", slug
        ),
        page=page,
    )


def _mine(request: HttpRequest, slug: str) -> OwnEdit:
    edit = last_edit(signed_in(request), slug)
    if edit is None:
        raise Http404
    return edit
