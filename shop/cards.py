"""Product cards as HTML, drawn once a version and then taken from the cache.

Drawing 24 cards costs more than everything else on a page together, so a card is drawn when its product
changed (`version` is in the key) and never again. A card shows nothing about who looks at it.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256

from django.core.cache import cache
from django.template import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

_LINE_BREAK = re.compile(r"\s*\n\s*")
CARD = "components/product_card.html"
PIECES = ("components/picture.html", "components/price.html", "components/stars.html")
WIDEST = 600
"""A card is never wider than 300 CSS pixels, so larger pictures are not offered to it."""
EAGER_CARDS = 4
"""As many pictures as a phone or the first row shows at once are fetched before they are scrolled to."""


@lru_cache(maxsize=1)
def _edition() -> str:
    """Changes with the card's templates, so that a deployment never shows the cards of the last one."""
    sources = "".join(get_template(name).template.source for name in (CARD, *PIECES))
    return sha256(sources.encode()).hexdigest()[:12]


def _draw(card: dict) -> str:
    """The HTML of one card on one line: its templates' indentation is not sent 24 times."""
    if card["picture"]:
        card = card | {"picture": _slim(card["picture"])}
    html = get_template(CARD).template.render(Context({"card": card}))
    return _LINE_BREAK.sub(" ", html).strip()


def _slim(picture: dict) -> dict:
    """`picture` with its best format only, up to the width that a card needs: half the page is addresses.

    A browser that does not know the format shows `src`.
    """
    for mime, srcset in picture["sources"][:1]:
        candidates = [each for each in srcset.split(", ") if int(each.rpartition(" ")[2][:-1]) <= WIDEST]
        return picture | {"sources": [(mime, ", ".join(candidates))] if candidates else []}
    return picture


def draw_cards(cards: Iterable[dict]) -> dict[int, SafeString]:
    """The HTML of each card by product id: one `get_many`, and one `set_many` if any was missing."""
    language, edition = get_language(), _edition()
    by_key = {f"card:{card['id']}:{card['version']}:{language}": card for card in cards}
    drawn = cache.get_many(by_key, version=edition)
    if len(drawn) < len(by_key):
        fresh = {key: _draw(card) for key, card in by_key.items() if key not in drawn}
        cache.set_many(fresh, version=edition)
        drawn |= fresh
    return {card["id"]: mark_safe(drawn[key]) for key, card in by_key.items()}  # noqa: S308  our template's own


def join_cards(cards: Iterable[dict], drawn: dict[int, SafeString], *, eager: bool = False) -> SafeString:
    """The HTML of `cards` as the items of a list; `eager` fetches the first pictures before anything else."""
    pieces = [drawn[card["id"]] for card in cards]
    if eager:
        for index, piece in enumerate(pieces[:EAGER_CARDS]):
            now = ' fetchpriority="high"' if index == 0 else ""
            pieces[index] = piece.replace(' loading="lazy"', now, 1)
    return mark_safe("".join(f"<li>{piece}</li>" for piece in pieces))  # noqa: S308
