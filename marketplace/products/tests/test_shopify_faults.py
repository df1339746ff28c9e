"""A whole shop's file with faults in it: the good products are read, and each bad row is named."""

import io
import tracemalloc
from collections import Counter

from marketplace.products.shopify import ProductDraft, ProductFile, RefusedProduct

from .shopify_files import KINDS, catalogue

WORDS = {
    "no title": "has no title",
    "price is a word": "Enter an amount",
    "price is ambiguous": "Do you mean 1000?",
    "barcode": "A barcode has",
    "option value missing": "no option values",
    "variant twice": "the variant S already",
    "sku of another": "this SKU already",
    "quotes": "quotes of this row",
    "status": "is no status",
    "no handle": "has no handle",
}
COLUMNS = {
    "no title": "Title",
    "price is a word": "Variant Price",
    "price is ambiguous": "Variant Price",
    "barcode": "Variant Barcode",
    "option value missing": "Option1 Value",
    "variant twice": "Option1 Value",
    "sku of another": "Variant SKU",
    "quotes": "",
    "status": "Status",
    "no handle": "Handle",
}


def test_of_2000_rows_with_50_faulty_ones_the_good_arrive_and_each_bad_one_is_named():
    made = catalogue(2000, faults=50)
    assert Counter(made.faults.values()) == dict.fromkeys(KINDS, 5)

    outcomes = list(ProductFile(io.BytesIO(made.content)).products())

    refused = [outcome for outcome in outcomes if isinstance(outcome, RefusedProduct)]
    reasons = [reason for product in refused for reason in product.reasons]
    assert [reason.line for reason in reasons] == sorted(made.faults)
    for reason in reasons:
        kind = made.faults[reason.line]
        assert WORDS[kind] in reason.why, kind
        assert reason.column == COLUMNS[kind]
    taken = [outcome for outcome in outcomes if isinstance(outcome, ProductDraft)]
    assert len(taken) == made.products - len(refused) == 450
    assert all(len(draft.variants) == 3 and len(draft.images) == 2 for draft in taken)
    assert not {product.handle for product in refused} & {draft.handle for draft in taken}


def test_of_ten_thousand_rows_one_product_at_a_time_is_in_memory():
    file = io.BytesIO(catalogue(10_000).content)
    tracemalloc.start()
    try:
        read = ProductFile(file)
        count = sum(isinstance(outcome, ProductDraft) for outcome in read.products())
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert (count, read.products_count, read.rows_count) == (2500, 2500, 10_000)
    assert peak < 10 * 1024 * 1024
