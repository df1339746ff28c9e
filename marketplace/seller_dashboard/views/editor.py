"""A seller writes a listing, or what it shall say instead: begin, save, pictures, look at it, hand it in."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.accounts.models import Role
from marketplace.products.selectors import approved_brands, category_tree
from marketplace.products.services import MAX_IMAGES, begin_listing
from marketplace.seller_dashboard.edited import (
    EDITED,
    Change,
    Edited,
    can_be_handed_in,
    missing_in,
)
from marketplace.seller_dashboard.editor import (
    FILLED_DOWN,
    ListingForm,
    NewListingForm,
    VariantTable,
    category_choices,
    fill_down,
    initial_of,
    options_in,
    rows_for,
    rows_of,
)
from marketplace.seller_dashboard.presenters import EDIT_SAYS, STEPS, WORDS
from marketplace.web.access import for_roles, signed_in
from marketplace.web.bodies import takes
from marketplace.web.forms import FRESH, Refusal, answer_form, posted, say_and_go
from marketplace.web.see_other import see_other
from marketplace.web.typed import asked, is_sent, sent, sent_mark

PAGE = "seller_dashboard/editor.html"
PREFIX = "v"
MOST_EDITOR = 1024 * 1024


@require_http_methods(["GET", "POST"])
@for_roles(Role.SELLER)
def new(request: HttpRequest) -> HttpResponse:
    """Begin a listing with what it has from its first moment; the rest is the editor's."""
    form = NewListingForm(posted(request), nodes=category_tree().walk())

    def page(refusal: Refusal) -> HttpResponse:
        context = {"form": form, "refusal": refusal}
        return render(request, "seller_dashboard/new_listing.html", context)

    return answer_form(
        request,
        lambda: begin_listing(
            title=form.cleaned_data["title"],
            category_id=form.cleaned_data["category"],
            price=form.cleaned_data["price"],
            actor=signed_in(request),
            form_key=sent(request, "form_key"),
        ),
        form=form,
        done=lambda product: say_and_go(
            request,
            _("Your draft is saved. Only you see it."),
            "seller_dashboard:listing_edit",
            product.slug,
        ),
        page=page,
    )


@takes(MOST_EDITOR)
@require_http_methods(["GET", "POST"])
@for_roles(Role.SELLER)
def edit(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """What it says. A POST saves it, or only draws its table of variants anew ("table", "fill")."""
    edited = find_edited(request, slug, kind)
    if is_sent(request, "table") or is_sent(request, "fill"):
        return editor_page(request, edited, FRESH, _redrawn(request, edited))
    form = _form(request, edited)
    return answer_form(
        request,
        lambda: edited.save(form.changes(), sent_mark(request)),
        form=form,
        done=lambda result: _saved(request, edited),
        page=lambda refusal: editor_page(request, edited, refusal, form),
    )


@takes(MOST_EDITOR)
@require_POST
@for_roles(Role.SELLER)
def keep(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Save what can be saved while somebody still types; a line says whether it was, and what is missing follows."""
    edited = find_edited(request, slug, kind)
    form = _form(request, edited)

    def line(refusal: Refusal) -> HttpResponse:
        context: dict[str, object] = {"refusal": refusal}
        if refusal is FRESH:
            context |= {"is_saved": True, **pictures_context(find_edited(request, slug, kind))}
        return render(request, "seller_dashboard/editor_saved.html", context)

    return answer_form(
        request,
        lambda: edited.save(form.changes(), sent_mark(request)),
        form=form,
        done=lambda result: line(FRESH),
        page=line,
    )


@require_GET
@for_roles(Role.SELLER)
def categories(request: HttpRequest) -> HttpResponse:
    """The categories with these letters in their way, as the picker's choices."""
    words = asked(request, "category-q", most=80).casefold().split()
    chosen = asked(request, "category", most=20)
    choices = [
        (value, label, str(value) == chosen)
        for value, label in category_choices(category_tree().walk())
        if str(value) in ("", chosen) or all(word in str(label).casefold() for word in words)
    ]
    return render(request, "seller_dashboard/category_choices.html", {"choices": choices})


@require_GET
@for_roles(Role.SELLER)
def preview(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """As shoppers will see it."""
    edited = find_edited(request, slug, kind)
    node = category_tree().by_id.get(edited.content.category_id or 0)
    context = {
        "edited": edited,
        "steps": STEPS[kind],
        "path": node.path if node else (),
        "variants": [(edited.content.options_text(row.values), row.price) for row in edited.content.variants],
    }
    return render(request, "seller_dashboard/listing_preview.html", context)


@require_POST
@for_roles(Role.SELLER)
def hand_in(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """To an admin, who looks at it before shoppers do."""
    edited = find_edited(request, slug, kind)
    return answer_form(
        request,
        lambda: edited.hand_in(sent_mark(request)),
        done=lambda result: say_and_go(
            request,
            _("Handed in. You are told as soon as somebody has looked at it."),
            "seller_dashboard:listing",
            slug,
        ),
        page=lambda refusal: editor_page(request, edited, refusal),
    )


def _saved(request: HttpRequest, edited: Edited) -> HttpResponse:
    if is_sent(request, "preview"):
        return see_other(STEPS[edited.kind].preview, edited.listing.slug)
    messages.success(request, _("Saved."))
    return see_other(STEPS[edited.kind].edit, edited.listing.slug)


def find_edited(request: HttpRequest, slug: str, kind: str) -> Edited:
    """What of their own somebody works on; 404 for anything else."""
    edited = EDITED[kind](signed_in(request), slug)
    if edited is None:
        raise Http404
    return edited


def _form(request: HttpRequest, edited: Edited, *, fresh: bool = False) -> ListingForm:
    """The form as it was sent, or as the listing is."""
    data = None if fresh else posted(request)
    return _drawn(edited, data, rows_of(edited.content), initial_of(edited.content))


def _redrawn(request: HttpRequest, edited: Edited) -> ListingForm:
    """The form as it was sent, not judged, with its table of variants made anew."""
    sent_form = _form(request, edited)
    typed = {name: sent_form[name].value() or "" for name in sent_form.fields}
    rows: list[dict[str, object]] = [row.typed for row in sent_form.rows.forms]
    if is_sent(request, "table"):
        rows = rows_for(options_in(typed), rows)
    else:
        rows = fill_down(rows, {name: sent(request, f"all-{name}") for name in FILLED_DOWN})
    return _drawn(edited, None, rows, typed)


def _drawn(
    edited: Edited, data: QueryDict | None, rows: list[dict[str, object]], initial: dict[str, object]
) -> ListingForm:
    return ListingForm(
        data,
        rows=VariantTable(data, prefix=PREFIX, initial=rows, form_kwargs={"on_offer": edited.on_offer}),
        nodes=category_tree().walk(),
        brands=approved_brands(),
        initial=initial,
    )


def editor_page(
    request: HttpRequest, edited: Edited, refusal: Refusal, form: ListingForm | None = None
) -> HttpResponse:
    """The editor, of rows read anew; with the form that was sent, or one of what is saved."""
    edited = find_edited(request, edited.listing.slug, edited.kind)
    context = {
        **pictures_context(edited),
        "form": form or _form(request, edited, fresh=True),
        "says": EDIT_SAYS[edited.status] if isinstance(edited, Change) else "",
        "refusal": refusal,
    }
    return render(request, PAGE, context)


def pictures_context(edited: Edited) -> dict[str, object]:
    """What the pictures are drawn of, and what changes along with them: what differs, whether it can be handed in."""
    return {
        "edited": edited,
        "steps": STEPS[edited.kind],
        "words": WORDS[edited.kind],
        "most_images": MAX_IMAGES,
        "missing": missing_in(edited),
        "can_be_handed_in": can_be_handed_in(edited),
    }
