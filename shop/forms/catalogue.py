"""The state of a list of products, all of it in the URL.

`read_state` takes whatever a query string holds and keeps what makes sense: a parameter that is
unknown, doubled, too long, out of range or not a number is left out, never an error. `pairs` writes the
state back in one order without anything empty, so that every state has exactly one address.
"""

import re
import unicodedata
from dataclasses import dataclass, field, replace
from typing import Self
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import QueryDict

from marketplace.common import money
from marketplace.products.option_keys import MAX_TEXT as MAX_OPTION_TEXT
from marketplace.products.option_keys import read_option
from marketplace.products.selectors import PAGE_SIZES

MAX_TEXT = 100
MAX_BRANDS = 20
MAX_OPTIONS = 30
MAX_CURSOR = 300
RATINGS = (4, 3, 2, 1)
"""The steps of the rating filter: this many stars and more."""

_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,160}")
_CURSOR = re.compile(rf"[-_.:~=a-zA-Z0-9]{{1,{MAX_CURSOR}}}")

SWITCH_ON = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingState:
    """What a person asked a list for. Prices are minor units, `rating` is whole stars."""

    text: str = ""
    category: str = ""
    brands: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    price_min: int | None = None
    price_max: int | None = None
    rating: int | None = None
    in_stock: bool = False
    on_sale: bool = False
    sort: str = ""
    size: int | None = None
    after: str = ""
    default_sort: str = field(default="", compare=False)

    def change(self, **changes: object) -> Self:
        """The same state with `changes`, from its first page on."""
        return replace(self, **{"after": "", **changes})

    def pairs(self) -> list[tuple[str, str]]:
        """The parameters in their one order, none of them empty."""
        found = [("q", self.text), ("category", self.category)]
        found += [("brand", slug) for slug in self.brands]
        found += [("opt", text) for text in self.options]
        found += [
            ("price_min", plain_price(self.price_min)),
            ("price_max", plain_price(self.price_max)),
            ("rating", str(self.rating or "")),
            ("in_stock", SWITCH_ON if self.in_stock else ""),
            ("on_sale", SWITCH_ON if self.on_sale else ""),
            ("sort", self.sort),
            ("size", str(self.size or "")),
            ("after", self.after),
        ]
        return [(name, value) for name, value in found if value]

    def url(self, path: str) -> str:
        """The address of this state on the page at `path`."""
        query = urlencode(self.pairs())
        return f"{path}?{query}" if query else path

    @property
    def is_filtered(self) -> bool:
        """Whether anything narrows the list besides the page itself and the search words."""
        return bool(
            self.category
            or self.brands
            or self.options
            or self.price_min is not None
            or self.price_max is not None
            or self.rating
            or self.in_stock
            or self.on_sale
        )

    @property
    def is_plain(self) -> bool:
        """Whether this is the page's own address, the one that search engines should know."""
        return not self.pairs()

    def without_filters(self) -> Self:
        """The same words, sort and page size without any filter."""
        return self.change(
            category="",
            brands=(),
            options=(),
            price_min=None,
            price_max=None,
            rating=None,
            in_stock=False,
            on_sale=False,
        )


PARAMETERS = frozenset(
    [
        "q",
        "category",
        "brand",
        "opt",
        "price_min",
        "price_max",
        "rating",
        "in_stock",
        "on_sale",
        "sort",
        "size",
        "after",
    ]
)


def clean_text(raw: str) -> str:
    """Search words as one line of at most 100 characters without anything unprintable."""
    text = "".join(
        " " if character.isspace() else character
        for character in raw[: MAX_TEXT * 8]
        if character.isspace() or unicodedata.category(character)[0] != "C"
    )
    return " ".join(unicodedata.normalize("NFC", text).split())[:MAX_TEXT].strip()


def plain_price(minor: int | None) -> str:
    """A price as the shortest text that means it: 2000 → "20", 1999 → "19.99"."""
    if minor is None:
        return ""
    return money.to_plain(minor).removesuffix("." + "0" * money.exponent())


def _slug(raw: str) -> str:
    return raw if _SLUG.fullmatch(raw) else ""


def _price(raw: str) -> int | None:
    try:
        return money.parse_money(raw[:40]) or None
    except ValidationError:
        return None


def _options(texts: list[str]) -> tuple[str, ...]:
    """Each option value ("Colour:Red") once, whatever the case of its letters, in one order."""
    readable = (text for text in texts if len(text) <= MAX_OPTION_TEXT and text.isprintable())
    known = {option.key: option.text for text in readable if (option := read_option(text))}
    return tuple(known[key] for key in sorted(known))[:MAX_OPTIONS]


def _one_of(raw: str, allowed: tuple[int, ...]) -> int | None:
    return next((number for number in allowed if raw == str(number)), None)


def read_state(
    query: QueryDict, *, sorts: tuple[str, ...], pinned: frozenset[str] = frozenset()
) -> ListingState:
    """The state that `query` asks for.

    `sorts` are the orders that the page offers, its default first. Parameters in `pinned` are given by
    the page's path and are not read.
    """

    def read(name: str) -> str:
        return "" if name in pinned else query.get(name, "")

    low, high = _price(read("price_min")), _price(read("price_max"))
    if low is not None and high is not None and low > high:
        low, high = high, low
    brands = () if "brand" in pinned else {slug for slug in map(_slug, query.getlist("brand")) if slug}
    sort, after = read("sort"), read("after")
    size = _one_of(read("size"), PAGE_SIZES)
    return ListingState(
        text=clean_text(read("q")),
        category=_slug(read("category")),
        brands=tuple(sorted(brands)[:MAX_BRANDS]),
        options=_options(query.getlist("opt")),
        price_min=low,
        price_max=high,
        rating=_one_of(read("rating"), RATINGS),
        in_stock=read("in_stock") == SWITCH_ON,
        on_sale=read("on_sale") == SWITCH_ON,
        sort=sort if sort in sorts[1:] else "",
        size=None if size == PAGE_SIZES[0] else size,
        after=after if _CURSOR.fullmatch(after) else "",
        default_sort=sorts[0],
    )


def is_canonical(query: QueryDict, state: ListingState) -> bool:
    """Whether `query` already spells `state` as its one address does (other parameters are let be)."""
    given = [(name, value) for name, values in query.lists() if name in PARAMETERS for value in values]
    return given == state.pairs()
