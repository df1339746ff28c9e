"""The saved addresses: home, work, a gift's, and a seller's pick-up places. One of each is the default."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.accounts.address_book import (
    add_address,
    change_address,
    is_default,
    make_default_address,
    remove_address,
)
from marketplace.accounts.models import Role, SavedAddress
from marketplace.accounts.saved import AddressKind
from marketplace.accounts.selectors import addresses_of
from marketplace.accounts.shown import mark_of_address
from marketplace.common.idempotency import drawn_for
from marketplace.web.access import for_roles
from marketplace.web.forms import FRESH, Refusal, answer_form, posted, say_and_go
from marketplace.web.safe_next import safe_next
from marketplace.web.typed import sent, sent_mark
from shop.forms.places import AddressForm, said_of
from shop.pin_map import pin_map

REMOVES = "remove_address"
HOMES = {AddressKind.DOOR: "shop:addresses", AddressKind.PICK_UP: "shop:pick_ups"}


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Every saved address, the default one marked."""
    return _overview(request, AddressKind.DOOR)


@require_GET
@for_roles(Role.SELLER)
def pick_ups(request: HttpRequest) -> HttpResponse:
    """Every place where couriers fetch what a seller sells."""
    return _overview(request, AddressKind.PICK_UP)


def _overview(request: HttpRequest, kind: str, refusal: Refusal = FRESH) -> HttpResponse:
    rows = [
        {
            "address": address,
            "mark": mark_of_address(address),
            "is_default": is_default(request.user.profile, address),
        }
        for address in addresses_of(request.user.pk, kind)
    ]
    context = {"rows": rows, "refusal": refusal.text, "is_pick_up": kind == AddressKind.PICK_UP}
    return render(request, "shop/account/addresses.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Save another address."""
    return _add(request, AddressKind.DOOR)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.SELLER)
def add_pick_up(request: HttpRequest) -> HttpResponse:
    """Save another place where couriers fetch."""
    return _add(request, AddressKind.PICK_UP)


def _add(request: HttpRequest, kind: str) -> HttpResponse:
    form = AddressForm(posted(request), kind=kind)

    def save() -> SavedAddress:
        return add_address(
            user_id=request.user.pk,
            kind=kind,
            wish=form.wish,
            as_default=form.cleaned_data["as_default"],
            form_key=sent(request, "form_key"),
            actor=request.user,
        )

    return answer_form(
        request,
        save,
        form=form,
        done=lambda saved: _saved(request, saved),
        page=lambda refusal: _form_page(request, form, kind, {"kept_key": refusal.kept_key}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change a saved address."""
    address = _mine_or_404(request, public_id)
    form = AddressForm(posted(request), initial=said_of(address), kind=address.kind)

    def save() -> SavedAddress:
        return change_address(
            address_id=address.pk,
            wish=form.wish,
            as_default=form.cleaned_data["as_default"],
            actor=request.user,
            expected=sent_mark(request),
        )

    def page(refusal: Refusal) -> HttpResponse:
        fresh = _mine_or_404(request, public_id)
        shown = {
            "address": fresh,
            "mark": mark_of_address(fresh),
            "is_default": is_default(request.user.profile, fresh),
        }
        return _form_page(request, form, address.kind, shown)

    return answer_form(request, save, form=form, done=lambda saved: _saved(request, saved), page=page)


@require_POST
def remove(request: HttpRequest, public_id: str) -> HttpResponse:
    """Forget a saved address; the second click of two ends where the first one did."""
    removed = _("The address is removed.")
    if _was_mine(request, public_id):
        is_pick_up = sent(request, "kind") == AddressKind.PICK_UP
        return say_and_go(request, removed, HOMES[AddressKind.PICK_UP if is_pick_up else AddressKind.DOOR])
    address = _mine_or_404(request, public_id)
    return answer_form(
        request,
        lambda: remove_address(address_id=address.pk, actor=request.user, expected=sent_mark(request)),
        done=lambda nothing: say_and_go(request, removed, HOMES[address.kind]),
        page=lambda refusal: _overview(request, address.kind, refusal),
    )


@require_POST
def make_default(request: HttpRequest, public_id: str) -> HttpResponse:
    """Mean this address where nothing else is said."""
    address = _mine_or_404(request, public_id)
    said = {
        AddressKind.DOOR: _("Parcels go to “%(address)s” unless you say otherwise."),
        AddressKind.PICK_UP: _("Couriers come to “%(address)s” unless a listing says otherwise."),
    }
    sentence = said[address.kind] % {"address": address.label}
    return answer_form(
        request,
        lambda: make_default_address(address_id=address.pk, actor=request.user),
        done=lambda saved: say_and_go(request, sentence, HOMES[address.kind]),
        page=lambda refusal: _overview(request, address.kind, refusal),
    )


def _was_mine(request: HttpRequest, public_id: str) -> bool:
    """Whether there is no such address any more, and the form was drawn for the person who sends it: it was theirs."""
    if SavedAddress.objects.filter(public_id=public_id).exists():
        return False
    return drawn_for(sent(request, "form_key"), action=REMOVES, subject=public_id) == request.user.pk


def _mine_or_404(request: HttpRequest, public_id: str) -> SavedAddress:
    return get_object_or_404(SavedAddress, owner=request.user.pk, public_id=public_id)


def _saved(request: HttpRequest, saved: SavedAddress) -> HttpResponse:
    sentence = _("“%(address)s” is saved.") % {"address": saved.label}
    return say_and_go(request, sentence, safe_next(request) or HOMES[saved.kind])


def _form_page(request: HttpRequest, form: AddressForm, kind: str, shown: dict[str, object]) -> HttpResponse:
    context = {
        "form": form,
        "tiles": pin_map(),
        "next": safe_next(request),
        "home": reverse(HOMES[kind]),
        "is_pick_up": kind == AddressKind.PICK_UP,
        **shown,
    }
    return render(request, "shop/account/address.html", context)
