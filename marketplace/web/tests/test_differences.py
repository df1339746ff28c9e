"""What comes and goes in a text is told by more than a colour, and what people write stays text."""

from marketplace.products.word_differences import Piece, words
from marketplace.web.templatetags.differences import as_after, as_before


def test_what_goes_is_struck_and_what_comes_is_underlined_each_with_a_word():
    sides = words("Soft cotton shirt", "Soft linen shirt")

    assert as_before(sides.before) == (
        'Soft <del><span class="visually-hidden">removed: </span>cotton</del> shirt'
    )
    assert as_after(sides.after) == (
        'Soft <ins><span class="visually-hidden">added: </span>linen</ins> shirt'
    )


def test_what_people_write_stays_text():
    pieces = [Piece("<b>", is_changed=True), Piece("<script>", is_changed=False)]

    drawn = as_after(pieces)

    assert "<b>" not in drawn
    assert "<script>" not in drawn
    assert "&lt;script&gt;" in drawn


def test_a_line_end_that_goes_is_seen():
    assert "¶</del>\n" in as_before(words("one\ntwo", "one two").before)
