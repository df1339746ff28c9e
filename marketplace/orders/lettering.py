"""The letters of a receipt: a font for every script that people write their names in, and only those a text needs.

DejaVu has what European languages, Hebrew and Arabic need. For each other script, and for emoji in outline, there is a
part of Noto; a font costs tens of milliseconds to read (Chinese a few hundred), so one that no letter asks for is not
read.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from fpdf import FPDF
from fpdf.fonts import TTFFont
from fpdf.line_break import Fragment, TextLine

from .directions import OrderedLine, runs_of

FONTS = Path(__file__).parent / "fonts"
FAMILY, PLAIN = "DejaVu", "DejaVuPlain"
MISSING = "\ufffd"
"""What stands for a letter that no font has (a rare character): something was here."""

# Font → where its letters are in Unicode.
_SCRIPTS: dict[str, tuple[tuple[int, int], ...]] = {
    "Armenian": ((0x0530, 0x058F), (0xFB13, 0xFB17)),
    "Devanagari": ((0x0900, 0x097F),),
    "Bengali": ((0x0980, 0x09FF),),
    "Gurmukhi": ((0x0A00, 0x0A7F),),
    "Gujarati": ((0x0A80, 0x0AFF),),
    "Tamil": ((0x0B80, 0x0BFF),),
    "Telugu": ((0x0C00, 0x0C7F),),
    "Kannada": ((0x0C80, 0x0CFF),),
    "Malayalam": ((0x0D00, 0x0D7F),),
    "Sinhala": ((0x0D80, 0x0DFF),),
    "Thai": ((0x0E00, 0x0E7F),),
    "Lao": ((0x0E80, 0x0EFF),),
    "Myanmar": ((0x1000, 0x109F),),
    "Georgian": ((0x10A0, 0x10FF), (0x1C90, 0x1CBF)),
    "Hangul": ((0x1100, 0x11FF), (0x3131, 0x318E), (0xAC00, 0xD7A3)),
    "Ethiopic": ((0x1200, 0x139F),),
    "Khmer": ((0x1780, 0x17FF),),
    "Emoji": (
        (0x231A, 0x23FA),
        (0x24C2, 0x24C2),
        (0x2600, 0x27BF),
        (0x2934, 0x2935),
        (0x2B05, 0x2B55),
        (0x1F004, 0x1FAFF),
    ),
    "Han": ((0x3000, 0x3130), (0x318F, 0x9FFF), (0xFF00, 0xFFEF)),
}
# They say how their neighbours are drawn: the shaping reads them, no font has to show them.
_UNSEEN = frozenset("\n\u200b\u200c\u200d\u200e\u200f\u2066\u2067\u2068\u2069\ufe0e\ufe0f")


class LetteredPDF(FPDF):
    """An FPDF whose lines may begin with another font than the chosen one, and go both ways.

    fpdf2 2.8.9 names the chosen font within such a line, whose state it then takes back, and does not name it
    again: the next line is drawn with the font before, by the wrong glyphs. So it is named ahead of every line.
    What it does not do for both directions, directions.py says.
    """

    def close_fonts(self) -> None:
        """Close the files that were read from; one that no letter asked for stays open otherwise."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()

    def _preload_bidirectional_text(self, text: str, markdown: bool) -> Sequence[Fragment]:
        shaping = self.text_shaping
        assert shaping is not None and not markdown
        fragments: list[Fragment] = []
        for run, direction in runs_of(text):
            shaping.update(direction)
            fragments += self._preload_font_styles(run, markdown)
        return fragments

    def _render_styled_text_line(self, text_line: TextLine, *given: Any, **named: Any) -> bool:
        if not self.current_font_is_set_on_page and self.current_font is not None:
            self._out(self._set_font_for_page(self.current_font, self.font_size_pt))
        return super()._render_styled_text_line(OrderedLine(*text_line), *given, **named)


class Letters:
    """The fonts of one document."""

    def __init__(self, pdf: FPDF, texts: Iterable[str]) -> None:
        """Give `pdf` what it takes to write `texts`, and shape them: Arabic joined, Devanagari in its syllables."""
        pdf.add_font(FAMILY, "", FONTS / "DejaVuSans.ttf")
        pdf.add_font(FAMILY, "B", FONTS / "DejaVuSans-Bold.ttf")
        pdf.set_text_shaping(True)
        self._fonts = [_font(pdf, FAMILY.lower()), _font(pdf, f"{FAMILY.lower()}B")]
        bold = self._fonts[1].cmap
        rest = {ord(letter) for text in texts for letter in text} - bold.keys()
        if rest:
            # A bold line has the regular letters for what bold lacks.
            names = [PLAIN, *(name for name, parts in _SCRIPTS.items() if _any_within(rest, parts))]
            for name in names:
                pdf.add_font(name, "", file_of(name))
            pdf.set_fallback_fonts(names, exact_match=False)
            self._fonts += [_font(pdf, name.lower()) for name in names]

    def fit(self, text: str) -> str:
        """`text` with `MISSING` for every letter that would not be seen."""
        return "".join(
            letter if self._is_seen(letter) else MISSING for letter in text if letter not in "\ufe0e\ufe0f"
        )

    def _is_seen(self, letter: str) -> bool:
        return letter in _UNSEEN or any(ord(letter) in font.cmap for font in self._fonts)


def file_of(name: str) -> Path:
    """Where the letters of a script are, or those that a bold line borrows (`PLAIN`)."""
    files = {PLAIN: "DejaVuSans.ttf", "Emoji": "NotoEmoji.ttf"}
    return FONTS / files.get(name, f"NotoSans{name}.ttf")


def _font(pdf: FPDF, name: str) -> TTFFont:
    font = pdf.fonts[name]
    assert isinstance(font, TTFFont)
    return font


def _any_within(letters: Iterable[int], parts: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= letter <= last for letter in letters for first, last in parts)
