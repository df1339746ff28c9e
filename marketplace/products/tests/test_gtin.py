"""Barcodes are told from typing mistakes."""

import pytest

from marketplace.common.errors import Invalid
from marketplace.products.gtin import clean_gtin


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("96385074", "96385074"),
        ("036000291452", "036000291452"),
        ("4006381333931", "4006381333931"),
        ("978-3-16-148410-0", "9783161484100"),
        (" 10614141000415 ", "10614141000415"),
        ("４００６３８１３３３９３１", "4006381333931"),
        ("", ""),
    ],
)
def test_each_length_of_gs1_is_kept_as_digits(typed, kept):
    assert clean_gtin(typed) == kept


@pytest.mark.parametrize(
    "typed", ["4006381333932", "4006381339331", "36000291452", "400638133393", "4006381x33931", "1", "4" * 15]
)
def test_a_wrong_digit_two_that_changed_places_or_another_length_is_refused(typed):
    with pytest.raises(Invalid) as refused:
        clean_gtin(typed)
    assert refused.value.field == "barcode"
