"""The one cleaner: what looks the same is the same, what a script needs stays."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.common.cleaning import (
    clean_email,
    clean_identifier,
    clean_line,
    clean_phone,
    clean_text,
    fold,
    is_email_kept,
)

FAMILY = "👩\u200d👩\u200d👧"
HEART = "❤\ufe0f\u200d🔥"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ann \t Lee ", "Ann Lee"),
        ("Ann\u00a0Lee\u2007X\u3000Y", "Ann Lee X Y"),
        ("Anna\u2011Lena", "Anna-Lena"),
        ("soft\u00adhyphen", "softhyphen"),
        ("nul\x00 bell\x07", "nul bell"),
        ("\u202eabc\u202c \u2066x\u2069\u200e", "abc x"),
        ("Zoe\u0308", "Zoë"),
        ("a\u200bb\u2060c\ufeffd", "abcd"),
        ("two\r\nlines\u2028three", "two lines three"),
        ("\u3164\u2800\u115f", ""),
        ("\ud800lone", "lone"),
        ("tag\U000e0041\U000e0042", "tag"),
        ("50\u202f€", "50 €"),
        ("dash – stays", "dash – stays"),
        ("\ufe0fx \ufe0f", "x"),
        ("x\ufffe\uffff", "x"),
    ],
)
def test_a_line_is_what_a_person_reads(typed, kept):
    assert clean_line(typed) == kept


@pytest.mark.parametrize(
    "text",
    [
        "می\u200cخواهم",  # Persian: two words that are not joined
        "क्\u200dष",  # Hindi: a half letter
        "ක්\u200dර",  # Sinhala
        "നന്\u200dമ",  # Malayalam
        "\u0600\u0661\u0662",  # an Arabic number's sign
        FAMILY,
        HEART,
        "王小明",
        "اَلْعَرَبِيَّةُ",
        "Nguyễn Thị Ánh",
        "ไทย",
    ],
)
def test_what_a_script_or_an_emoji_needs_stays(text):
    assert clean_line(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("text", ["a\u200db", "a\u200c", "\u200dक", "क\u200d", "☕\u200da", "क\u200da"])
def test_a_joiner_that_joins_nothing_goes(text):
    assert "\u200c" not in clean_line(text) and "\u200d" not in clean_line(text)


def test_several_lines_keep_their_lines_and_their_spaces():
    assert clean_text(" one  two\r\n\r\nthree\u00a0four\u2028five\n") == "one  two\n\nthree four\nfive"


@pytest.mark.parametrize(
    ("typed", "kept"), [("ＡＢ–１２", "AB-12"), ("ab\u2212c\u2014d", "ab-c-d"), ("ﬁn²", "fin2")]
)
def test_an_identifier_has_one_spelling(typed, kept):
    assert clean_identifier(typed) == kept


@pytest.mark.parametrize(
    "pair", [("Straße", "STRASSE"), ("ſhop", "SHOP"), ("ΣΑΣ", "σας"), ("Kelvin", "kelvin")]
)
def test_identifiers_are_compared_whatever_their_case(pair):
    assert len({fold(name) for name in pair}) == 1


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u202d+49 30 123456\u202c", "+49 30 123456"),
        ("+49\u00a030\u00a0123456", "+49 30 123456"),
        ("555\u2011123\u20134567", "555-123-4567"),
        ("(555) 123-4567", "(555) 123-4567"),
        ("＋４９（３０）１２３４", "+49(30)1234"),
        ("٠٣٠ ١٢٣٤٥٦", "030 123456"),
    ],
)
def test_a_phone_number_is_what_is_dialled(typed, kept):
    assert clean_phone(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "Kim@Example.org",
        " kim@example.org ",
        "kim@example.org\u200b",
        "\ufeffkim@example.org",
        "ｋｉｍ＠ｅｘａｍｐｌｅ．ｏｒｇ",
        "kim@example.org\u202c",
        "\u212aim@example.org",
        "kim\u00ad@example。org",
    ],
)
def test_an_address_has_one_spelling(typed):
    assert clean_email(typed) == "kim@example.org"


@pytest.mark.parametrize(
    "typed", ["kim@Bücher.example", "KIM@xn--bcher-kva.example", "kim@bu\u0308cher.example"]
)
def test_a_domain_of_any_script_is_kept_in_ascii(typed):
    assert clean_email(typed) == "kim@xn--bcher-kva.example"
    assert is_email_kept(clean_email(typed))


@pytest.mark.parametrize(
    "typed",
    ["k\u0456m@example.org", "kım@example.org", "kim@ex\u0430mple.org", "kim@examp\u04cfe.org", "ķim@x.org"],
)
def test_an_address_that_looks_like_another_is_not_kept(typed):
    assert not is_email_kept(clean_email(typed))


def test_what_is_no_address_stays_none():
    assert clean_email("\u200b") == ""
    assert clean_email("nobody") == "nobody"
    assert clean_email("a@b@c.example") == "a@b@c.example"


@given(st.text(max_size=40))
def test_cleaning_twice_changes_nothing_more(text):
    for clean in (clean_text, clean_line, clean_identifier, clean_phone, clean_email, fold):
        once = clean(text)
        assert clean(once) == once
        once.encode()  # no lone surrogate
        assert "\x00" not in once
