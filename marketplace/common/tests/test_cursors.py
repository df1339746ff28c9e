"""Cursors come back as they were written, and garbage as nothing."""

import base64
import json

import pytest

from marketplace.common.cursors import read_cursor, write_cursor


@pytest.mark.parametrize("parts", [(7,), ("newest", 0, 1), ("price", -5, 2**61)])
def test_a_cursor_keeps_what_it_was_given(parts):
    assert read_cursor(write_cursor(*parts)) == list(parts)


@pytest.mark.parametrize(
    "garbage",
    ["", "x", "7", "\x00", "é", "\ud800", "A" * 5000, "=" * 50]
    + [
        base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")
        for parts in ({}, 7, [1.5], [True], [None], [[1]], [10**30])
    ],
)
def test_garbage_is_no_place(garbage):
    assert read_cursor(garbage) == []
