"""Shopify's descriptions are HTML, ours are plain text with "- " before what stands in a list.

`html_to_text` keeps what is read: paragraphs, breaks, lists, the cells of a table. `text_to_html` is its inverse for
every text that the cleaner leaves as it is (`marketplace.common.cleaning.clean_text`).
"""

import html
import re
from html.parser import HTMLParser

from marketplace.common.cleaning import clean_text

_BLOCKS = frozenset(
    (
        *(
            "address",
            "article",
            "aside",
            "blockquote",
            "dd",
            "div",
            "dl",
            "dt",
            "fieldset",
            "figcaption",
            "figure",
        ),
        *(
            "footer",
            "form",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "header",
            "hr",
            "main",
            "nav",
            "ol",
            "p",
            "pre",
        ),
        *("section", "table", "ul"),
    )
)
_ROWS = frozenset(("li", "tr", "caption"))
_CELLS = frozenset(("td", "th"))
_UNREAD = frozenset(
    (
        *("script", "style", "template", "head", "title", "object", "iframe", "svg", "math", "noscript"),
        *("select", "textarea"),
    )
)
_IS_HTML = re.compile(r"<(?:/?[a-zA-Z]|!)")
_SPACES = re.compile(r"[ \t\n\r\f]+")
_NUMBERED = re.compile(r"([0-9]{1,3})\. (.*)")
_BREAK, _PARAGRAPH = "\n", "\n\n"


def html_to_text(source: str) -> str:
    """What somebody reads of `source`; a text without any tag keeps its lines."""
    if not _IS_HTML.search(source):
        return clean_text(html.unescape(source))
    reader = _Reader()
    reader.feed(source)
    reader.close()
    return clean_text("".join(reader.pieces))


class _Reader(HTMLParser):
    """Gathers the text of a page, with the breaks between its blocks."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._lists: list[int | None] = []  # the number of the last item; None for bullets
        self._unread = 0
        self._preformatted = 0
        self._gap = ""  # owed before the next text
        self._at_start = True  # of a line: white space there is not seen
        self._at_mark = False  # of a list's item, before its text

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNREAD:
            self._unread += 1
        elif tag == "br":
            if not self._gap:
                self._write(_BREAK)
            self._at_start = True
        elif tag in _CELLS:
            self._begin_cell()
        elif tag in _ROWS:
            self._owe(_BREAK)
            if tag == "li":
                self._begin_item()
        elif tag in _BLOCKS:
            if not self._at_mark or tag in ("ul", "ol"):
                self._owe(_BREAK if self._lists else _PARAGRAPH)
            self._preformatted += tag == "pre"
            if tag in ("ul", "ol"):
                self._lists.append(0 if tag == "ol" else None)

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNREAD:
            self._unread = max(0, self._unread - 1)
        elif tag in _ROWS:
            self._owe(_BREAK)
        elif tag in _BLOCKS:
            self._preformatted = max(0, self._preformatted - (tag == "pre"))
            if tag in ("ul", "ol") and self._lists:
                self._lists.pop()
            self._owe(_BREAK if self._lists else _PARAGRAPH)

    def handle_data(self, data: str) -> None:
        if self._unread:
            return
        if self._preformatted == 0:
            data = _SPACES.sub(" ", data)
            if self._at_start or (self.pieces and self.pieces[-1].endswith(" ") and not self._gap):
                data = data.removeprefix(" ")
        if data and not (
            self._gap and data.isspace()
        ):  # an empty paragraph is a gap, and there is one already
            self._write(data)
            self._at_start = False

    def _write(self, text: str) -> None:
        if self._gap:
            self._trim()
            while self.pieces and self.pieces[-1] == _BREAK:  # the last break of a block is not seen
                self.pieces.pop()
            if self.pieces:
                self.pieces.append(self._gap)
            self._gap = ""
        if text == _BREAK:
            self._trim()
        self.pieces.append(text)
        self._at_mark = False

    def _trim(self) -> None:
        """A space before the end of a line is not seen."""
        if self.pieces and self.pieces[-1].endswith(" "):
            self.pieces[-1] = self.pieces[-1][:-1]

    def _owe(self, gap: str) -> None:
        self._gap = max(self._gap, gap, key=len)
        self._at_start = True

    def _begin_item(self) -> None:
        depth = max(0, len(self._lists) - 1)
        mark = "- "
        if self._lists and (last := self._lists[-1]) is not None:
            self._lists[-1] = last + 1
            mark = f"{last + 1}. "
        self._write("  " * depth + mark)
        self._at_start = self._at_mark = True

    def _begin_cell(self) -> None:
        if not self._gap and not self._at_start:
            self._trim()
            self.pieces.append(" | ")
        self._at_start = True


def text_to_html(text: str) -> str:
    """`text` as Shopify shows it: paragraphs, lists, breaks. `html_to_text` takes it back exactly."""
    if not text:
        return ""
    if html_to_text(fine := "".join(_block(block) for block in text.split(_PARAGRAPH))) == text:
        return fine
    return f"<p>{_lines(text)}</p>"


def _block(block: str) -> str:
    lines = block.split("\n")
    if all(line.startswith("- ") for line in lines):
        return f"<ul>{''.join(f'<li>{_line(line[2:])}</li>' for line in lines)}</ul>"
    numbered = [_NUMBERED.fullmatch(line) for line in lines]
    if all(match and match[1] == str(place) for place, match in enumerate(numbered, start=1)):
        return f"<ol>{''.join(f'<li>{_line(match[2])}</li>' for match in numbered if match)}</ol>"
    return f"<p>{_lines(block)}</p>"


def _lines(text: str) -> str:
    return "<br>".join(_line(line) for line in text.split("\n"))


def _line(line: str) -> str:
    """`line` escaped, with the spaces that HTML would drop as ones that it keeps."""
    line = re.sub(r"^ | $|(?<= ) ", "\u00a0", line)
    return html.escape(line, quote=False).replace("\u00a0", "&nbsp;")
