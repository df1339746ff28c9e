"""The pictures in the editor: several at once, their order, what each shows."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from marketplace.accounts.models import Role
from marketplace.products.pictures import MAX_BYTES
from marketplace.products.services import MAX_IMAGES
from marketplace.seller_dashboard.edited import Edited
from marketplace.seller_dashboard.presenters import STEPS
from marketplace.web.access import for_roles
from marketplace.web.bodies import takes
from marketplace.web.forms import FRESH, Refusal, answer_form
from marketplace.web.htmx import wants_part
from marketplace.web.see_other import see_other
from marketplace.web.typed import is_sent, sent, sent_list

from .editor import editor_page, find_edited, pictures_context

MOST_PICTURES = 4 * MAX_BYTES


@takes(MOST_PICTURES)
@require_POST
@for_roles(Role.SELLER)
def add_pictures(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """One picture or several; what each shows is asked for beside it."""
    edited = find_edited(request, slug, kind)
    files = request.FILES.getlist("file")[:MAX_IMAGES]

    def act() -> None:
        for file in files:
            edited.add_picture(file, sent(request, "alt_text"))

    return _pictures_changed(request, edited, act)


@require_POST
@for_roles(Role.SELLER)
def describe_picture(request: HttpRequest, slug: str, number: int, kind: str) -> HttpResponse:
    """Say what a picture shows, or take it away: whichever button was pressed."""
    edited = find_edited(request, slug, kind)
    if number not in {picture.pk for picture in edited.content.pictures}:
        raise Http404

    def act() -> object:
        if is_sent(request, "remove"):
            return edited.remove_picture(number)
        return edited.describe_picture(number, sent(request, "alt_text"))

    return _pictures_changed(request, edited, act, wrong=number)


@require_POST
@for_roles(Role.SELLER)
def sort_pictures(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Their order: by the numbers beside them, or with one of them a place earlier or later. The first is the cover."""
    edited = find_edited(request, slug, kind)
    ids = [_number(word, 0) for word in sent_list(request, "picture", most=MAX_IMAGES)]
    places = [_number(word, 99) for word in sent_list(request, "place", most=MAX_IMAGES)]
    places += [99] * (len(ids) - len(places))
    order = [pk for _place, _at, pk in sorted(zip(places, range(len(ids)), ids, strict=False))]
    order = _one_moved(order, sent(request, "up"), -1)
    order = _one_moved(order, sent(request, "down"), 1)
    return _pictures_changed(request, edited, lambda: edited.sort_pictures(order))


def _number(word: str, default: int) -> int:
    return int(word) if word.isascii() and word.isdigit() and len(word) < 19 else default


def _one_moved(order: list[int], word: str, by: int) -> list[int]:
    moved = _number(word, -1)
    if moved not in order:
        return order
    at = order.index(moved)
    to = min(max(at + by, 0), len(order) - 1)
    order[at], order[to] = order[to], order[at]
    return order


def _pictures_changed(
    request: HttpRequest, edited: Edited, act: Callable[[], object], *, wrong: int = 0
) -> HttpResponse:
    def done(result: object) -> HttpResponse:
        if wants_part(request):
            return _pictures(request, edited, FRESH)
        response = see_other(STEPS[edited.kind].edit, edited.listing.slug)
        response["Location"] += "#pictures"
        return response

    def page(refusal: Refusal) -> HttpResponse:
        if wants_part(request):
            return _pictures(request, edited, refusal, wrong)
        return editor_page(request, edited, refusal)

    return answer_form(request, act, done=done, page=page)


def _pictures(request: HttpRequest, edited: Edited, refusal: Refusal, wrong: int = 0) -> HttpResponse:
    edited = find_edited(request, edited.listing.slug, edited.kind)
    context = {**pictures_context(edited), "refusal": refusal, "wrong": wrong}
    return render(request, "seller_dashboard/editor_pictures_swap.html", context)
