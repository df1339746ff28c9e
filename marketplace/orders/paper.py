"""The paper that the store's documents are drawn on: receipts, statements, invoices."""

import logging
from collections.abc import Iterable

from django.conf import settings
from django.utils.translation import get_language
from fpdf.enums import Align

from .lettering import FAMILY, LetteredPDF, Letters

# fpdf2 reports letters that a font lacks and another one has; that is nothing to report.
logging.getLogger("fpdf.output").setLevel(logging.ERROR)

INK, MUTED, LINE = (29, 27, 24), (107, 102, 94), (200, 194, 184)


class Paper(LetteredPDF):
    """A4 in the house's colours, with the letters that `texts` need."""

    def __init__(self, texts: Iterable[str], *, title: str) -> None:
        super().__init__(format="A4")
        self.set_margin(20)
        self.set_auto_page_break(True, margin=20)
        self.letters = Letters(self, texts)
        self.set_lang(get_language() or settings.LANGUAGE_CODE)
        self.set_title(title)
        self.set_author(settings.SITE_NAME)
        self.set_font(FAMILY, size=9)
        self.set_text_color(*INK)
        self.set_draw_color(*LINE)
        self.add_page()

    def keep_together(self, height: float) -> None:
        """Go on on a new page unless there is room for `height` millimetres: a heading stands above what it is of."""
        if self.will_page_break(height):
            self.add_page()

    def finished(self) -> bytes:
        """The document; nothing is drawn on it after."""
        drawn = bytes(self.output())
        self.close_fonts()
        return drawn


def write_line(
    pdf: Paper, text: str, *, size: int = 9, style: str = "", muted: bool = False, gap: float = 0
) -> None:
    """A line of text, or as many as it takes."""
    pdf.set_font(FAMILY, style=style, size=size)
    pdf.set_text_color(*(MUTED if muted else INK))
    pdf.multi_cell(0, size * 0.55, pdf.letters.fit(text), align=Align.L, new_x="LMARGIN", new_y="NEXT")
    pdf.set_text_color(*INK)
    pdf.set_font(FAMILY, size=9)
    if gap:
        pdf.ln(gap)
