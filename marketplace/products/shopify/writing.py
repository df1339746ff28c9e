"""Products as a file that Shopify's import takes, with the columns of its own export, and that ours reads again.

A product's first row says all of it and has its first variant and picture; each further row has its handle, a variant
and a picture, as far as there are any. Texts are written so that spreadsheets take none for a formula
(`marketplace.common.formulas`); reading takes that back exactly.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import zip_longest

from marketplace.common.formulas import defuse
from marketplace.common.money import to_plain

from .assembling import DEFAULT_OPTION, DEFAULT_VALUE
from .drafts import ImageDraft, ProductDraft, VariantDraft
from .html import text_to_html

HEADER = (
    "Handle",
    "Title",
    "Body (HTML)",
    "Vendor",
    "Product Category",
    "Type",
    "Tags",
    "Published",
    "Option1 Name",
    "Option1 Value",
    "Option2 Name",
    "Option2 Value",
    "Option3 Name",
    "Option3 Value",
    "Variant SKU",
    "Variant Grams",
    "Variant Inventory Tracker",
    "Variant Inventory Qty",
    "Variant Inventory Policy",
    "Variant Fulfillment Service",
    "Variant Price",
    "Variant Compare At Price",
    "Variant Requires Shipping",
    "Variant Taxable",
    "Variant Barcode",
    "Image Src",
    "Image Position",
    "Image Alt Text",
    "Gift Card",
    "Variant Image",
    "Variant Weight Unit",
    "Status",
)


def csv_lines(drafts: Iterable[ProductDraft]) -> Iterator[str]:
    """The file, a product at a time, beginning with the mark by which spreadsheets know UTF-8."""
    yield "\ufeff" + _written([dict(zip(HEADER, HEADER, strict=True))])
    for draft in drafts:
        yield _written(_rows(draft))


def _written(rows: Iterable[dict[str, str]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, HEADER, restval="")
    for row in rows:
        writer.writerow({name: defuse(cell) for name, cell in row.items()})
    return text.getvalue()


def _rows(draft: ProductDraft) -> Iterator[dict[str, str]]:
    first = _product_cells(draft)
    for number, (variant, image) in enumerate(zip_longest(draft.variants, draft.images), start=1):
        row = {"Handle": draft.handle} | (first if number == 1 else {})
        if variant:
            row |= _variant_cells(variant)
        if image:
            row |= _image_cells(image, number)
        yield row


def _product_cells(draft: ProductDraft) -> dict[str, str]:
    names = [option.name for option in draft.options] or [DEFAULT_OPTION]
    return {
        "Title": draft.title,
        "Body (HTML)": text_to_html(draft.text),
        "Vendor": draft.brand,
        "Product Category": draft.category,
        "Type": draft.type,
        "Tags": ", ".join(draft.tags),
        "Published": "TRUE" if draft.status == "active" else "FALSE",
        "Gift Card": "FALSE",
        "Status": draft.status,
        **{f"Option{number} Name": name for number, name in enumerate(names, start=1)},
    }


def _variant_cells(variant: VariantDraft) -> dict[str, str]:
    values = variant.values or (DEFAULT_VALUE,)
    return {
        **{f"Option{number} Value": value for number, value in enumerate(values, start=1)},
        "Variant SKU": variant.sku,
        "Variant Grams": str(variant.grams or 0),
        "Variant Inventory Tracker": "shopify" if variant.stock is not None else "",
        "Variant Inventory Qty": "" if variant.stock is None else str(variant.stock),
        "Variant Inventory Policy": "deny",
        "Variant Fulfillment Service": "manual",
        "Variant Price": to_plain(variant.price),
        "Variant Compare At Price": "" if variant.compare_at is None else to_plain(variant.compare_at),
        "Variant Requires Shipping": "TRUE",
        "Variant Taxable": "TRUE",
        "Variant Barcode": variant.barcode,
        "Variant Image": variant.image_ref,
        "Variant Weight Unit": "g",
    }


def _image_cells(image: ImageDraft, position: int) -> dict[str, str]:
    return {"Image Src": image.ref, "Image Position": str(position), "Image Alt Text": image.alt}
