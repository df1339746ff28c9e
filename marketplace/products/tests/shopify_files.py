"""Shopify product files for tests, written without the code that is tested."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

OLD = (
    *(
        "Handle",
        "Title",
        "Body (HTML)",
        "Vendor",
        "Type",
        "Tags",
        "Published",
        "Option1 Name",
        "Option1 Value",
    ),
    *(
        "Option2 Name",
        "Option2 Value",
        "Variant SKU",
        "Variant Grams",
        "Variant Inventory Qty",
        "Variant Price",
    ),
    *("Variant Barcode", "Image Src", "Image Alt Text", "Gift Card", "Status"),
)
KINDS = (
    "no title",
    "price is a word",
    "price is ambiguous",
    "barcode",
    "option value missing",
    "variant twice",
    "sku of another",
    "quotes",
    "status",
    "no handle",
)


def table(rows: Sequence[Mapping[str, str]], header: Sequence[str] = OLD, separator: str = ",") -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, restval="", delimiter=separator, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def file_of(rows: Sequence[Mapping[str, str]], **how: str) -> io.BytesIO:
    return io.BytesIO(table(rows, **how).encode())


def with_check_digit(digits: str) -> str:
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return digits + str((10 - total % 10) % 10)


@dataclass(frozen=True)
class Catalogue:
    """A file, and which line of it is faulty in which way."""

    content: bytes
    faults: dict[int, str]
    products: int


def catalogue(rows: int, faults: int = 0) -> Catalogue:
    """Products of three variants and a second picture: four rows each, the text of the first over three lines.

    Every tenth product or so is faulty in one row, the kinds of `KINDS` in turn.
    """
    lines = [",".join(OLD)]
    at, found = 2, {}
    count = rows // 4
    every = count // faults if faults else 0
    for number in range(count):
        kind = KINDS[number // every % len(KINDS)] if every and number % every == 0 else ""
        for place, cells in enumerate(_product(number)):
            if kind and place == (0 if kind in ("no title", "status") else 1):
                _spoil(cells, kind)
                found[at] = kind
            text = table([cells]).split("\n", 1)[1].removesuffix("\n")
            if kind == "quotes" and place == 1:
                text = text.replace("sku-", '"sku-')
            lines.append(text)
            at += text.count("\n") + 1
    return Catalogue("\n".join([*lines, ""]).encode(), found, count)


def _product(number: int) -> list[dict[str, str]]:
    handle = f"shirt-{number}"
    rows = [
        {
            "Handle": handle,
            "Option1 Value": size,
            "Variant SKU": f"sku-{number}-{size}",
            "Variant Grams": "180",
            "Variant Inventory Qty": "12",
            "Variant Price": "19.90",
            "Variant Barcode": with_check_digit(f"40{number:06d}{place:04d}"),
        }
        for place, size in enumerate("SML")
    ]
    rows[0] |= {
        "Title": f"Shirt {number}",
        "Body (HTML)": f"<p>A shirt, number {number}.</p>\n<ul><li>Cotton</li>\n<li>Made to “last”</li></ul>",
        "Vendor": "Tailor & Daughters",
        "Type": "Shirts",
        "Published": "TRUE",
        "Option1 Name": "Size",
        "Image Src": f"https://cdn.example/{handle}.jpg",
        "Gift Card": "FALSE",
        "Status": "active",
    }
    return [*rows, {"Handle": handle, "Image Src": f"https://cdn.example/{handle}-back.jpg"}]


def _spoil(cells: dict[str, str], kind: str) -> None:
    cells |= {
        "no title": {"Title": ""},
        "price is a word": {"Variant Price": "cheap"},
        "price is ambiguous": {"Variant Price": "1,000"},
        "barcode": {"Variant Barcode": cells["Variant Barcode"][:-1] + "x"},
        "option value missing": {"Option1 Value": ""},
        "variant twice": {"Option1 Value": "S"},
        "sku of another": {"Variant SKU": "sku-1-S"},
        "quotes": {},
        "status": {"Status": "sold"},
        "no handle": {"Handle": ""},
    }[kind]
