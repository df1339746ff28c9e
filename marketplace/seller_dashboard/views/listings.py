"""A seller's own listings: the table, what happens with many of them at once, and with one."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from marketplace.accounts.models import Role
from marketplace.products.models import Product
from marketplace.products.selectors import (
    OWN_SORTS,
    OWN_STOCKS,
    OwnQuery,
    last_edit,
    listings_of,
    own_listing,
    own_page,
    own_variants,
)
from marketplace.products.services import (
    MOST_AT_ONCE,
    Move,
    Moved,
    duplicate_listing,
    move_listing,
    move_listings,
    withdraw,
)
from marketplace.products.states import ListingStatus
from marketplace.seller_dashboard.forms.listings import ListingFilter, MoveForm, PickUpForm
from marketplace.seller_dashboard.presenters import EDIT_SAYS, SAYS, buttons_of
from marketplace.web.access import for_roles, signed_in
from marketplace.web.forms import FRESH, Refusal, answer_form, refuse, say_and_go
from marketplace.web.htmx import render_part
from marketplace.web.typed import asked, sent, sent_list, sent_mark

PAGE = "seller_dashboard/listings.html"
ONE = "seller_dashboard/listing.html"


@dataclass(frozen=True)
class Kept:
    """The table's filters and place, as every link and form of the page carries them on."""

    said: dict[str, str]
    after: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> "Kept":
        return cls(ListingFilter.read(request.GET), asked(request, "after", most=200))

    @property
    def query(self) -> str:
        return urlencode({**self.said, **({"after": self.after} if self.after else {})})

    @property
    def asked(self) -> OwnQuery:
        return OwnQuery(
            text=self.said.get("q", ""),
            status=self.said.get("status", ""),
            stock=self.said.get("stock", ""),
            sort=self.said.get("sort", "newest"),
        )

    @property
    def here(self) -> str:
        """This page of it."""
        return self.link(self.after)

    def link(self, after: str = "") -> str:
        """The table with these filters, from its start or behind a place."""
        return _with_query(reverse("seller_dashboard:listings"), Kept(self.said, after).query)


@require_GET
@for_roles(Role.SELLER)
def listings(request: HttpRequest) -> HttpResponse:
    """The table: what is on offer, what waits, what is nearly sold out."""
    return _table(request, FRESH)


@require_POST
@for_roles(Role.SELLER)
def move_many(request: HttpRequest) -> HttpResponse:
    """Pause, resume or archive what is ticked; what cannot be is left as it is, and the page says why."""
    form = MoveForm(request.POST)
    picked = _picked(request)
    moved: Moved | None = None

    def act() -> Moved:
        return move_listings(marks=picked, move=Move(form.cleaned_data["move"]), actor=signed_in(request))

    def done(result: Moved) -> HttpResponse:
        nonlocal moved
        moved = result
        if result.refused:
            if result.done:
                messages.success(request, _said(result))
            worst = result.refused[0][1]
            return refuse(page, Refusal(worst.status, worst))
        return say_and_go(request, _said(result), Kept.of(request).here)

    def page(refusal: Refusal) -> HttpResponse:
        return _table(request, refusal, moved=moved, move_form=form)

    if form.is_valid() and not picked:
        form.add_error(None, _("Please tick the listings that you mean."))
    return answer_form(request, act, form=form, done=done, page=page)


@require_GET
@for_roles(Role.SELLER)
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    """One listing: its variants with price and stock, and what can be done with it."""
    return listing_page(request, slug, FRESH)


@require_POST
@for_roles(Role.SELLER)
def move_one(request: HttpRequest, slug: str, move: str) -> HttpResponse:
    """Pause, resume or archive one listing, from its page."""
    mine = _mine(request, slug)
    return answer_form(
        request,
        lambda: move_listing(
            product_id=mine.pk, move=Move(move), actor=signed_in(request), expected=sent_mark(request)
        ),
        done=lambda product: say_and_go(request, _one_said(product), "seller_dashboard:listing", slug),
        page=lambda refusal: listing_page(request, slug, refusal),
    )


@require_POST
@for_roles(Role.SELLER)
def take_back(request: HttpRequest, slug: str) -> HttpResponse:
    """Out of review again: a draft, to be worked on."""
    mine = _mine(request, slug)
    return answer_form(
        request,
        lambda: withdraw(product_id=mine.pk, actor=signed_in(request), expected=sent_mark(request)),
        done=lambda product: say_and_go(
            request, _("It is a draft again. Nobody reviews it now."), "seller_dashboard:listing", slug
        ),
        page=lambda refusal: listing_page(request, slug, refusal),
    )


@require_POST
@for_roles(Role.SELLER)
def duplicate(request: HttpRequest, slug: str) -> HttpResponse:
    """A draft that says the same, to begin another listing with."""
    mine = _mine(request, slug)
    return answer_form(
        request,
        lambda: duplicate_listing(
            product_id=mine.pk, actor=signed_in(request), form_key=sent(request, "form_key")
        ),
        done=lambda copy: say_and_go(
            request,
            _("Here is a copy, as a draft. It has no stock yet."),
            "seller_dashboard:listing_edit",
            copy.slug,
        ),
        page=lambda refusal: listing_page(request, slug, refusal),
    )


def _table(
    request: HttpRequest, refusal: Refusal, *, moved: Moved | None = None, move_form: MoveForm | None = None
) -> HttpResponse:
    kept = Kept.of(request)
    page = own_page(signed_in(request), kept.asked, after=kept.after)
    context = {
        "page": page,
        "kept": kept,
        "more_url": kept.link(page.next_after) if page.next_after else "",
        "statuses": [(status.value, status.label, status == kept.asked.status) for status in ListingStatus],
        "stocks": OWN_STOCKS.items(),
        "sorts": OWN_SORTS.items(),
        "moves": Move.choices,
        "moved": moved,
        "move_form": move_form,
        "refusal": refusal,
    }
    return render_part(request, PAGE, "rows", context)


def listing_page(
    request: HttpRequest, slug: str, refusal: Refusal, *, pick_up_form: PickUpForm | None = None
) -> HttpResponse:
    """The page of one own listing, of rows read anew."""
    mine = own_listing(signed_in(request), slug)
    if mine is None:
        raise Http404
    edit = last_edit(signed_in(request), slug)
    context = {
        "listing": mine,
        "edit": edit,
        "edit_says": EDIT_SAYS[edit.status] if edit else "",
        "variants": own_variants(signed_in(request), slug),
        "says": SAYS[mine.status],
        "buttons": buttons_of(mine),
        "refusal": refusal,
        "pick_up_form": pick_up_form or PickUpForm(seller_id=signed_in(request).pk, slug=slug),
    }
    return render(request, ONE, context)


def _mine(request: HttpRequest, slug: str) -> Product:
    return get_object_or_404(listings_of(signed_in(request)), slug=slug)


def _picked(request: HttpRequest) -> dict[int, str]:
    """What is ticked: each box says which listing, and what its row was drawn for. One that is not theirs: 404."""
    marks: dict[int, str] = {}
    for word in sent_list(request, "pick", most=MOST_AT_ONCE):
        number, _dot, mark = word.partition(".")
        if number.isascii() and number.isdigit() and len(number) < 19:
            marks[int(number)] = mark
    if listings_of(signed_in(request)).filter(pk__in=marks).count() != len(marks):
        raise Http404
    return marks


def _said(moved: Moved) -> str:
    return ngettext("Done: %(number)d listing.", "Done: %(number)d listings.", len(moved.done)) % {
        "number": len(moved.done)
    }


def _one_said(product: Product) -> str:
    return {
        ListingStatus.PAUSED: _("Paused: shoppers do not see it any more."),
        ListingStatus.LIVE: _("It is in the shop again."),
        ListingStatus.ARCHIVED: _("Archived. Orders still show it; you find it here under “Archived”."),
    }[ListingStatus(product.status)]


def _with_query(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path
