"""Where an address is: asked of the geocoder that the settings name, else of the towns that are here.

The server asks, never a browser: no third party learns who looks for what. An answer is kept for a day; a geocoder
that does not answer is left alone for a while, and the towns stand in. Nothing here is called inside a transaction.
"""

import hashlib
import logging
from typing import Final

from django.conf import settings
from django.core.cache import cache

from marketplace.common.cleaning import clean_line

from . import towns
from .answers import Found
from .providers import PROVIDERS, NoAnswer

logger = logging.getLogger(__name__)

MOST: Final = 6
LONGEST: Final = 300
_KEPT_SECONDS: Final = 24 * 3600
_REST_SECONDS: Final = 60
_RESTS = "geocoder:rests"


def find_places(text: str, *, most: int = MOST) -> list[Found]:
    """Places that `text`, typed in whole or in part, may mean, the best first; [] where nothing is known."""
    text = clean_line(text)[:LONGEST]
    if len(text) < towns.SHORTEST_WORD:
        return []
    if (answers := _asked(text)) is not None:
        return answers[:most]
    named = towns.locate(text)
    answers = [*([named] if named else []), *towns.begin_with(text, most=most)]
    return list(dict.fromkeys(answers))[:most]


def pin_for(address: str) -> Found | None:
    """The best place for a whole address; None where nobody knows it."""
    text = clean_line(address)[:LONGEST]
    answers = _asked(text) if len(text) >= towns.SHORTEST_WORD else []
    return answers[0] if answers else towns.locate(text)


def _asked(text: str) -> list[Found] | None:
    """What the geocoder says; None where there is none, or it does not answer."""
    if not settings.GEOCODER:
        return None
    words = hashlib.sha256(
        f"{settings.GEOCODER} {settings.GEOCODER_URL} {text.casefold()}".encode()
    ).hexdigest()
    key = f"geocoder:{words}"
    known: list[Found] | None = cache.get(key)
    if known is not None:
        return known
    if cache.get(_RESTS):
        return None
    try:
        answers = PROVIDERS[settings.GEOCODER](text, MOST)
    except NoAnswer as error:
        logger.warning("the geocoder does not answer: %s", error)
        cache.set(_RESTS, True, _REST_SECONDS)
        return None
    cache.set(key, answers, _KEPT_SECONDS)
    return answers
