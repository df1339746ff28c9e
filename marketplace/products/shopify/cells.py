"""What stands in a cell: amounts, pieces, grams, yes and no. Each raises `Invalid` with a sentence for the seller."""

import re
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from marketplace.common.cleaning import clean_identifier, clean_line
from marketplace.common.errors import Invalid
from marketplace.common.money import exponent, parse_money
from marketplace.products.gtin import clean_gtin

from .drafts import MAX_GRAMS, MAX_STOCK, Status

_YES, _NO = frozenset(("true", "yes", "1", "y")), frozenset(("false", "no", "0", "n"))
_STATUSES: dict[str, Status] = {
    "active": "active",
    "draft": "draft",
    "archived": "archived",
    "unlisted": "draft",
}
_SCIENTIFIC = re.compile(r"[0-9]([.,][0-9]+)?[eE]\+?[0-9]+")


def price_of(text: str) -> int:
    """Minor units of the store's currency; a decimal comma or point, and nothing that may mean two amounts."""
    text = _bare(text)
    if exponent() == 0:
        text = re.sub(r"[.,]00?$", "", text)  # a currency without cents, written as if it had some
    try:
        return parse_money(text)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages)) from error


def stock_of(text: str) -> int:
    """Pieces; fewer than none where the other shop sold what it had not."""
    text = _bare(text).replace("−", "-")
    if not re.fullmatch(r"-?[0-9]{1,9}(?:[.,]0+)?", text):
        raise Invalid(_("“%(text)s” is no number of pieces.") % {"text": text[:40]})
    stock = int(re.split(r"[.,]", text)[0])
    if stock > MAX_STOCK:
        raise Invalid(_("Stock is between 0 and %(most)d.") % {"most": MAX_STOCK})
    return stock


def grams_of(text: str) -> int | None:
    """Whole grams, rounded; None for 0, with which Shopify says that nobody weighed it."""
    text = _bare(text)
    match = re.fullmatch(r"([0-9]{1,9})(?:[.,]([0-9]{1,6}))?", text)
    if not match:
        raise Invalid(_("“%(text)s” is no weight in grams.") % {"text": text[:40]})
    grams = round(Decimal(f"{match[1]}.{match[2] or 0}"))
    if grams > MAX_GRAMS:
        raise Invalid(_("A parcel weighs %(most)d grams at most.") % {"most": MAX_GRAMS})
    return grams or None


def barcode_of(text: str) -> str:
    """The digits of a GTIN."""
    text = _bare(text)
    if _SCIENTIFIC.fullmatch(text):
        raise Invalid(
            _(
                "A spreadsheet has rounded this barcode to “%(text)s”. Format the column as text and enter it again."
            )
            % {"text": text}
        )
    return clean_gtin(text)


def position_of(text: str) -> int:
    """Where something stands in its row, from 1."""
    text = _bare(text)
    if not re.fullmatch(r"[0-9]{1,5}(?:[.,]0+)?", text):
        raise Invalid(_("“%(text)s” is no position.") % {"text": text[:40]})
    return int(re.split(r"[.,]", text)[0])


def is_yes(text: str, *, default: bool) -> bool:
    word = clean_line(text).casefold()
    if word and word not in _YES | _NO:
        raise Invalid(_("Write TRUE or FALSE, not “%(text)s”.") % {"text": text[:40]})
    return word in _YES if word else default


def status_of(status: str, published: str) -> Status:
    """What becomes of it: older files only say whether it is published."""
    word = clean_line(status).casefold()
    if word and word not in _STATUSES:
        raise Invalid(_("“%(text)s” is no status. Write active, draft or archived.") % {"text": status[:40]})
    found: Status = _STATUSES[word] if word else "active"
    return found if found != "active" or is_yes(published, default=True) else "draft"


def tags_of(text: str) -> tuple[str, ...]:
    """Each once, in their order."""
    return tuple(dict.fromkeys(tag for tag in (clean_line(tag) for tag in text.split(",")) if tag))


def _bare(text: str) -> str:
    """Without the apostrophe by which spreadsheets keep a number a text."""
    return clean_identifier(text).removeprefix("'").strip()
