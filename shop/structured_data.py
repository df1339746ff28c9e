"""What a page tells machines about itself: schema.org as JSON-LD, in a data block that is never executed."""

import json
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from marketplace.common.money import to_plain

_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def json_ld(data: dict) -> SafeString:
    """`data` as a `<script type="application/ld+json">`; nothing in it can end the element early."""
    text = json.dumps({"@context": "https://schema.org", **data}, ensure_ascii=False, separators=(",", ":"))
    return mark_safe(  # noqa: S308  every character that could leave the element is escaped
        f'<script type="application/ld+json">{text.translate(_ESCAPES)}</script>'
    )


def breadcrumb_list(crumbs: Sequence[tuple[str, str]]) -> dict:
    """`crumbs` are (name, absolute address), from the home page down."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": number, "name": name, "item": address}
            for number, (name, address) in enumerate(crumbs, start=1)
        ],
    }


def product_offered(
    *, sku: str, gtin: str, price: int, in_stock: bool, address: str, seller: str
) -> dict[str, Any]:
    """A thing that can be bought, and what it costs; `price` is minor units of the store's currency."""
    product: dict[str, Any] = {"@type": "Product", "sku": sku}
    if gtin:
        product["gtin"] = gtin
    product["offers"] = {
        "@type": "Offer",
        "price": to_plain(price),
        "priceCurrency": settings.STORE_CURRENCY,
        "availability": "https://schema.org/" + ("InStock" if in_stock else "OutOfStock"),
        "itemCondition": "https://schema.org/NewCondition",
        "url": address,
        "seller": {"@type": "Organization", "name": seller},
    }
    return product


# What schema.org calls the options that it knows.
_PROPERTIES = {
    "size": "size",
    "colour": "color",
    "color": "color",
    "material": "material",
    "pattern": "pattern",
}


def product_group(
    names: Sequence[str], values: Sequence[Sequence[str]], offered: Sequence[dict[str, Any]], *, group: str
) -> dict[str, Any]:
    """A product of which there are several kinds: its option `names`, and the `values` of each kind on offer."""
    known = [_PROPERTIES.get(name.casefold(), "") for name in names]
    kinds = []
    for own, product in zip(values, offered, strict=True):
        kinds.append(product | {name: value for name, value in zip(known, own, strict=False) if name})
    return {
        "@type": "ProductGroup",
        "productGroupID": group,
        "variesBy": [f"https://schema.org/{name}" for name in known if name],
        "hasVariant": kinds,
    }
