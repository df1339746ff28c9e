"""What a page tells machines about itself: schema.org as JSON-LD, in a data block that is never executed."""

import json
from collections.abc import Sequence

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


def offer(*, price: int, in_stock: bool, address: str, seller: str) -> dict:
    """What a product costs; `price` is minor units of the store's currency."""
    return {
        "@type": "Offer",
        "price": to_plain(price),
        "priceCurrency": settings.STORE_CURRENCY,
        "availability": "https://schema.org/" + ("InStock" if in_stock else "OutOfStock"),
        "itemCondition": "https://schema.org/NewCondition",
        "url": address,
        "seller": {"@type": "Organization", "name": seller},
    }
