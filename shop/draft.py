"""What somebody has typed at the checkout, kept while they are away: topping up, in the cart, signing in again.

It stands in the session, and is theirs only: the form key in it says who the page was drawn for.
"""

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from marketplace.common.idempotency import drawn_for
from marketplace.web.typed import names_sent, sent, sent_text

KEPT = "checkout_draft"
FIELDS = {
    "to": 12,
    "name": 120,
    "phone": 40,
    "notes": 300,
    "location_address": 300,
    "location_lat": 40,
    "location_lng": 40,
    "label": 40,
}
CODES = "codes"
CODE, CODE_LENGTH, MOST_CODES = "code-", 60, 20
"""A coupon's field is called by its seller's number; more of them than anybody types are not kept."""


def keep(request: HttpRequest) -> None:
    """Keep what was sent for whoever the page was drawn for; nothing where it does not say."""
    owner = drawn_for(sent(request, "form_key"), action="checkout")
    if owner is not None:
        request.session[KEPT] = typed(request) | {"of": owner, CODES: typed_codes(request)}


def typed(request: HttpRequest) -> dict[str, str]:
    """What stands in the fields that were sent."""
    return {name: sent_text(request, name, most=most) for name, most in FIELDS.items()}


def typed_codes(request: HttpRequest) -> dict[str, str]:
    """Seller's number → the coupon's code that stands in their field, where one does."""
    names = names_sent(request, CODE)[:MOST_CODES]
    typed = {name.removeprefix(CODE): sent_text(request, name, most=CODE_LENGTH) for name in names}
    return {seller: code for seller, code in typed.items() if code.strip()}


def kept_codes(request: HttpRequest) -> dict[str, str]:
    """The same of what this person had typed and not used yet."""
    draft = request.session.get(KEPT) or {}
    return dict(draft.get(CODES, {})) if _is_of(draft, request.user) else {}


def forget_code(request: HttpRequest, seller: str) -> None:
    """This seller's coupon was used, or taken off."""
    draft = request.session.get(KEPT)
    if draft and draft.get(CODES, {}).pop(seller, None):
        request.session[KEPT] = draft


def kept(request: HttpRequest) -> dict[str, str]:
    """What this person had typed; {} where there is nothing."""
    draft = request.session.get(KEPT) or {}
    if not _is_of(draft, request.user):
        return {}
    return {name: value for name, value in draft.items() if name in FIELDS}


def change(request: HttpRequest, known: dict[str, str]) -> None:
    """Put these words in the place of what was typed."""
    if known and KEPT in request.session:
        request.session[KEPT] = request.session[KEPT] | known


def forget(request: HttpRequest) -> None:
    """It was ordered."""
    request.session.pop(KEPT, None)


def _is_of(draft: dict[str, object], user: AbstractBaseUser) -> bool:
    return bool(draft) and draft.get("of") == user.pk
