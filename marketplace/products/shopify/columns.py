"""The columns of Shopify's product files: what they are called in exports of any age, and which of them we use.

Sources: Shopify's help pages "Using CSV files to import and export products" of 2018 to 2026. Until 2021 there was one
`Type`; then `Standard`/`Standardized Product Type` beside `Custom Product Type`; since 2022 `Product Category` beside
`Type`; the newest files say `URL handle`, `Description`, `SKU`, `Price`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

FIELDS: dict[str, tuple[str, ...]] = {
    "handle": ("Handle", "URL handle"),
    "title": ("Title",),
    "body": ("Body (HTML)", "Description"),
    "vendor": ("Vendor",),
    "category": ("Product Category", "Standard Product Type", "Standardized Product Type"),
    "type": ("Custom Product Type", "Type"),
    "tags": ("Tags",),
    "published": ("Published", "Published on online store"),
    "status": ("Status",),
    "gift_card": ("Gift Card",),
    "option1_name": ("Option1 Name",),
    "option1_value": ("Option1 Value",),
    "option2_name": ("Option2 Name",),
    "option2_value": ("Option2 Value",),
    "option3_name": ("Option3 Name",),
    "option3_value": ("Option3 Value",),
    "variant_position": ("Variant Position",),
    "sku": ("Variant SKU", "SKU"),
    "barcode": ("Variant Barcode", "Barcode"),
    "price": ("Variant Price", "Price"),
    "compare_at": ("Variant Compare At Price", "Compare-at price", "Compare At Price"),
    "stock": ("Variant Inventory Qty", "Inventory quantity"),
    "grams": ("Variant Grams", "Weight value (grams)"),
    "variant_image": ("Variant Image", "Variant image URL"),
    "image": ("Image Src", "Product image URL", "Image source"),
    "image_position": ("Image Position",),
    "image_alt": ("Image Alt Text",),
}
"""What each field is called, the best name first: where a file has several, the first that is not empty counts."""

NEEDED = ("handle", "title", "price")

_ELSEWHERE = re.compile(
    r"""(
    (variant[ ])?(inventory[ ](tracker|policy)|fulfillment[ ]service|requires[ ]shipping|taxable|tax[ ]code)
    |variant[ ]weight[ ]unit
    |continue[ ]selling[ ]when[ ]out[ ]of[ ]stock|charge[ ]tax|cost[ ]per[ ]item|weight[ ]unit[ ]for[ ]display
    |seo[ ](title|description)|google[ ](shopping[ ]/.*|product[ ]category)|option[123][ ]linked[ ]to
    |(unit[ ]price|packed[ ]product)[ ].*|(included|price|compare[ -]at[ ]price)[ ]/[ ].*|collection|template[ ]suffix
    |.*\((product|variant)\.metafields\..*\)|.*metafield:.*
    )""",
    re.VERBOSE,
)
"""Columns that Shopify knows and that have no place here: nobody needs to be told of them."""


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


_NAMED = {
    _folded(name): (field, place) for field, names in FIELDS.items() for place, name in enumerate(names)
}


@dataclass(frozen=True)
class Columns:
    """Which cell of a row is what."""

    width: int
    places: dict[str, tuple[int, ...]]
    """The cells of each field, the best first."""
    labels: dict[str, str]
    """What the file itself calls a field; what a field that it has not got is usually called."""
    unknown: tuple[str, ...]
    """Columns that are not Shopify's, or stand there twice: nothing of them is taken."""

    @property
    def missing(self) -> list[str]:
        """Fields without which there is no product, as they are usually called."""
        return [FIELDS[field][0] for field in NEEDED if field not in self.places]


def find_columns(header: Sequence[str]) -> Columns:
    """What stands where, by the first row of a file."""
    found: dict[str, dict[int, int]] = {}
    unknown: list[str] = []
    for column, label in enumerate(header):
        name = _folded(label)
        field, rank = _NAMED.get(name, ("", 0))
        if field and rank not in found.setdefault(field, {}):
            found[field][rank] = column
        elif name and (field or not _ELSEWHERE.fullmatch(name)):
            unknown.append(" ".join(label.split())[:80])
    places = {field: tuple(ranked[rank] for rank in sorted(ranked)) for field, ranked in found.items()}
    return Columns(
        width=len(header),
        places=places,
        labels={
            field: " ".join(header[places[field][0]].split()) if field in places else names[0]
            for field, names in FIELDS.items()
        },
        unknown=tuple(unknown),
    )
