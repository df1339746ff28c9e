"""What is written so that it is no formula is read again as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.common.formulas import begins_formula, defuse, restore

SIGNS = st.text(st.sampled_from("=+-@'\" ;|,\t\r\nab＝\ufeff"), max_size=12) | st.text(max_size=20)


@given(SIGNS)
def test_what_was_defused_is_restored_exactly(text):
    assert restore(defuse(text)) == text


@given(SIGNS)
def test_no_piece_begins_a_formula(text):
    assert not begins_formula(defuse(text))


@pytest.mark.parametrize("text", ["a 'quoted' word", "'tis", "don't", "x; 'y'", "''", "-5"])
def test_what_was_not_defused_is_read_as_it_is(text):
    assert restore(text) == text
