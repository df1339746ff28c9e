"""What an edit would change is told by words, by pictures and by variants; what stays is told as staying."""

from dataclasses import replace
from difflib import SequenceMatcher

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.products import word_differences
from marketplace.products.content import Content, ContentPicture, ContentVariant
from marketplace.products.differences import differences
from marketplace.products.models import SizeClass
from marketplace.products.word_differences import MOST_AT_ONCE, words

SMALL = ContentVariant(
    pk=1,
    values=("S",),
    sku="S-1",
    barcode="",
    price=1500,
    stock=3,
    weight_grams=120,
    size_class=SizeClass.SMALL,
)
MEDIUM = replace(SMALL, pk=2, values=("M",), sku="S-2")
LARGE = replace(SMALL, pk=None, values=("L",), sku="")
FRONT, BACK, SIDE = (ContentPicture(f"products/{name}.webp", 800, 800, name) for name in ("a", "b", "c"))
SHIRT = Content(
    title="Linen shirt",
    description="Soft, of flax.\n\nWash it cold.",
    category_id=1,
    category="Shirts",
    brand_id=None,
    brand="",
    options=(("Size", ("S", "M")),),
    variants=(SMALL, MEDIUM),
    pictures=(FRONT, BACK),
)


def marked(pieces) -> str:
    return "".join(f"[{piece.text}]" if piece.is_changed else piece.text for piece in pieces)


def of(**changes: object):
    return differences(SHIRT, replace(SHIRT, **changes))


def test_nothing_differs_from_itself():
    same = of()

    assert not same
    assert (same.labels, same.texts, same.variants, same.pictures) == ([], [], [], None)


@pytest.mark.parametrize(
    ("before", "after", "old", "new"),
    [
        ("Soft, of flax.", "Soft, of fine flax.", "Soft, of flax.", "Soft, of [fine ]flax."),
        ("Linen shirt", "Linen shirt, long", "Linen shirt", "Linen shirt[, long]"),
        ("5,5 cm", "5.5 cm", "5[,]5 cm", "5[.]5 cm"),
        ("one two three", "one 2 three", "one [two ]three", "one [2 ]three"),
        ("one two", "one two\n\nthree", "one two", "one two[\n\nthree]"),
        ("one\ntwo", "one two", "one[\n]two", "one two"),
        ("one  two", "one two", "[one  ]two", "[one ]two"),
        ("", "all new", "", "[all new]"),
        ("all old", "", "[all old]", ""),
        ("the a the b the", "the b the a the", None, None),
        ("麻のシャツ", "麻の白いシャツ", "麻のシャツ", "麻の[白い]シャツ"),
        ("one two three four", "three four one two", None, None),
    ],
)
def test_texts_are_compared_by_words(before, after, old, new):
    sides = words(before, after)

    assert "".join(piece.text for piece in sides.before) == before
    assert "".join(piece.text for piece in sides.after) == after
    assert any(piece.is_changed for piece in [*sides.before, *sides.after])
    if old is not None:
        assert (marked(sides.before), marked(sides.after)) == (old, new)


texts = st.text("ab \n麻.", max_size=60) | st.text(max_size=40)


@given(texts, texts)
def test_both_sides_stay_whole_and_what_is_alike_is_the_same_in_both(before, after):
    sides = words(before, after)

    assert "".join(piece.text for piece in sides.before) == before
    assert "".join(piece.text for piece in sides.after) == after
    alike = [
        "".join("".join(piece.text for piece in side if not piece.is_changed).split())
        for side in (sides.before, sides.after)
    ]
    assert alike[0] == alike[1]


def test_a_line_end_that_comes_or_goes_is_seen():
    sides = words("one\ntwo", "one two")

    assert [piece.shown for piece in sides.before] == ["one", "¶\n", "two"]


def test_a_long_text_written_to_be_slow_is_not_compared_word_by_word(monkeypatch):
    """Eight thousand letters of two words in two orders: a plain comparison looks at sixteen million pairs."""
    compared = []

    def watched(junk, olds, news, **more):
        compared.append(len(olds) * len(news))
        return SequenceMatcher(junk, olds, news, **more)

    monkeypatch.setattr(word_differences, "SequenceMatcher", watched)
    before, after = "a b b a " * 1000, "b a b b " * 1000

    sides = words(before, after)

    assert "".join(piece.text for piece in sides.after) == after
    assert max(compared, default=0) <= MOST_AT_ONCE


def test_a_word_in_a_long_text_is_found():
    before = " ".join(f"word{number} and" for number in range(700))
    after = before.replace("word350 and", "word350 or")

    sides = words(before, after)

    assert [piece.text for piece in sides.after if piece.is_changed] == ["or "]


def test_short_facts_are_named():
    found = of(title="Linen shirt, long", category_id=2, category="Long shirts", brand_id=5, brand="Acme")

    assert [str(label) for label in found.labels] == ["Title", "Category", "Brand"]
    assert marked(found.title.after) == "Linen shirt[, long]"
    assert (marked(found.category.before), marked(found.category.after)) == ("[Shirts]", "[Long shirts]")
    assert (found.brand.before, marked(found.brand.after)) == ([], "[Acme]")


def test_a_category_of_the_same_name_is_another_one():
    assert of(category_id=2).category


def test_a_value_more_is_a_value_and_a_variant():
    found = of(options=(("Size", ("S", "M", "L")),), variants=(SMALL, MEDIUM, LARGE))

    (size,) = found.options.after
    assert [(piece.text, piece.is_changed) for piece in size.values] == [
        ("S", False),
        ("M", False),
        ("L", True),
    ]
    assert not any(piece.is_changed for piece in found.options.before[0].values)
    (added,) = found.variants
    assert (added.kind, added.name, added.variant) == ("added", "Size: L", LARGE)


def test_an_option_that_comes_and_one_that_goes():
    found = of(options=(("Colour", ("Red",)),), variants=(replace(LARGE, values=("Red",)),))

    assert [(side.name.text, side.name.is_changed) for side in found.options.before] == [("Size", True)]
    assert [(side.name.text, side.name.is_changed) for side in found.options.after] == [("Colour", True)]
    assert all(piece.is_changed for piece in found.options.after[0].values)
    assert [(row.kind, row.name) for row in found.variants] == [
        ("added", "Colour: Red"),
        ("dropped", "Size: S"),
        ("dropped", "Size: M"),
    ]


def test_what_changes_of_a_variant_is_said():
    heavy = replace(SMALL, sku="S-9", weight_grams=0, size_class=SizeClass.BULKY, barcode="4006381333931")

    (changed,) = of(variants=(heavy, MEDIUM)).variants

    assert (changed.kind, changed.name) == ("changed", "Size: S")
    assert [(str(fact.label), fact.before, fact.after) for fact in changed.facts] == [
        ("SKU", "S-1", "S-9"),
        ("Barcode", "", "4006381333931"),
        ("Weight", "120 g", ""),
        ("Room it takes", SizeClass.SMALL.label, SizeClass.BULKY.label),
    ]


def test_another_picture_of_a_variant_is_named_by_its_place():
    before, after = (replace(SHIRT, variants=(replace(SMALL, picture=one.name),)) for one in (FRONT, BACK))

    (changed,) = differences(before, after).variants

    assert [(str(fact.label), fact.before, fact.after) for fact in changed.facts] == [
        ("Picture", "Picture 1", "Picture 2")
    ]
    moved = replace(before, pictures=(BACK, FRONT))
    assert not differences(before, moved).variants


def test_price_and_stock_are_not_the_edits():
    assert not of(variants=(replace(SMALL, price=1, stock=99), MEDIUM))


def test_pictures_come_go_move_and_are_said_anew():
    found = of(pictures=(BACK, replace(FRONT, alt="a in the sun"), SIDE)).pictures

    assert [(row.content.alt, row.is_changed) for row in found.before] == [("a", False), ("b", False)]
    assert [(row.content, row.is_changed) for row in found.after] == [
        (BACK, False),
        (replace(FRONT, alt="a in the sun"), False),
        (SIDE, True),
    ]
    assert sum(row.moved_from is not None for row in found.after) == 1
    assert marked(found.after[1].alt.after) == "[a in the sun]" or "sun" in marked(found.after[1].alt.after)
    assert [row.is_cover for row in found.after] == [True, False, False]


def test_what_only_makes_room_has_not_moved():
    found = of(pictures=(SIDE, FRONT, BACK)).pictures

    assert [row.moved_from for row in found.after] == [None, None, None]
    assert [row.is_changed for row in of(pictures=(BACK,)).pictures.before] == [True, False]
