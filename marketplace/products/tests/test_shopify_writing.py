"""What is written is what is read: drafts → file → the same drafts, with no formula on the way."""

import csv
import io

from hypothesis import assume, given
from hypothesis import strategies as st

from marketplace.common.cleaning import clean_identifier, clean_line, clean_text, fold
from marketplace.common.formulas import begins_formula
from marketplace.common.tests.examples import examples  # noqa: F401  sets how many are tried
from marketplace.products.shopify import (
    ImageDraft,
    OptionDraft,
    ProductDraft,
    ProductFile,
    VariantDraft,
    csv_lines,
)
from marketplace.products.shopify.writing import HEADER

from .shopify_files import with_check_digit

LETTERS = st.text(st.sampled_from("ab -=+@'\",;|\n<>&ü－€.1"), max_size=12) | st.text(max_size=12)
LINES = LETTERS.map(clean_line)
NAMES = LINES.filter(bool)
HANDLES = st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True)
BARCODES = st.just("") | st.from_regex(r"[0-9]{12}", fullmatch=True).map(with_check_digit)
AMOUNTS = st.integers(1, 10**9)


def once(values):
    """Each once, whatever its letters' case."""
    return list({fold(value): value for value in values}.values())


@st.composite
def drafts(draw):
    images = tuple(
        ImageDraft(ref, draw(LINES))
        for ref in draw(st.lists(NAMES, max_size=8, unique=True))
        if ref.isprintable()
    )
    names = once(draw(st.lists(NAMES, max_size=3)))
    values = [once(draw(st.lists(NAMES, min_size=1, max_size=3))) for _name in names]
    combinations = draw(
        st.lists(st.tuples(*(st.sampled_from(each) for each in values)), min_size=1, max_size=4, unique=True)
    )
    options = tuple(
        OptionDraft(name, tuple(dict.fromkeys(values[place] for values in combinations)))
        for place, name in enumerate(names)
    )
    assume(options != (OptionDraft("Title", ("Default Title",)),))
    skus = once(
        draw(
            st.lists(
                NAMES.map(clean_identifier).filter(lambda sku: sku and sku[0] != "'"), min_size=4, max_size=9
            )
        )
    )
    return ProductDraft(
        handle=draw(HANDLES),
        title=draw(NAMES),
        text=clean_text(draw(LETTERS)),
        brand=draw(LINES),
        category=draw(LINES),
        type=draw(LINES),
        tags=tuple(
            dict.fromkeys(
                tag.strip() for tag in ",".join(draw(st.lists(LINES, max_size=3))).split(",") if tag.strip()
            )
        ),
        status=draw(st.sampled_from(["active", "draft", "archived"])),
        options=options,
        variants=tuple(
            VariantDraft(
                values=combination,
                price=draw(AMOUNTS),
                sku=skus[place] if place < len(skus) else "",
                barcode=draw(BARCODES),
                compare_at=draw(st.none() | AMOUNTS),
                stock=draw(st.none() | st.integers(0, 1_000_000)),
                grams=draw(st.none() | st.integers(1, 1_000_000)),
                image_ref=draw(st.sampled_from(["", *(image.ref for image in images)])),
            )
            for place, combination in enumerate(combinations)
        ),
        images=images,
    )


def written(made) -> str:
    return "".join(csv_lines(made))


def read(text: str) -> list[object]:
    return list(ProductFile(io.BytesIO(text.encode())).products())


@given(drafts())
def test_a_product_comes_back_as_it_went(draft):
    assert read(written([draft])) == [draft]


@given(drafts())
def test_a_spreadsheet_finds_no_formula(draft):
    for row in csv.reader(io.StringIO(written([draft]).removeprefix("\ufeff"), newline="")):
        assert not any(begins_formula(cell) for cell in row)


def test_a_shop_is_written_with_shopifys_columns_and_a_row_a_variant():
    shirt = ProductDraft(
        handle="shirt",
        title="Shirt",
        text="Warm\n\n- wool",
        options=(OptionDraft("Size", ("S", "M")),),
        variants=(VariantDraft(("S",), 1990, sku="S-1", stock=3, grams=200), VariantDraft(("M",), 2090)),
        images=(ImageDraft("a.jpg", "front"), ImageDraft("b.jpg"), ImageDraft("c.jpg")),
    )
    mug = ProductDraft("mug", "Mug", (VariantDraft((), 950),), status="draft")

    rows = list(csv.DictReader(io.StringIO(written([shirt, mug]).removeprefix("\ufeff"), newline="")))

    shown = ("Handle", "Title", "Option1 Name", "Option1 Value", "Variant Price", "Image Src", "Status")
    assert [tuple(row[name] for name in shown) for row in rows] == [
        ("shirt", "Shirt", "Size", "S", "19.90", "a.jpg", "active"),
        ("shirt", "", "", "M", "20.90", "b.jpg", ""),
        ("shirt", "", "", "", "", "c.jpg", ""),
        ("mug", "Mug", "Title", "Default Title", "9.50", "", "draft"),
    ]
    assert rows[0]["Body (HTML)"] == "<p>Warm</p><ul><li>wool</li></ul>"
    assert tuple(rows[0]) == HEADER
    assert read(written([shirt, mug])) == [shirt, mug]


def test_amounts_keep_the_currencys_decimals(settings):
    settings.STORE_CURRENCY = "KWD"
    draft = ProductDraft("mug", "Mug", (VariantDraft((), 9500),))

    assert "9.500" in written([draft])
    assert read(written([draft])) == [draft]
