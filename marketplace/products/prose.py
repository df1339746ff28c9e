"""The text of a listing as HTML: a small safe part of Markdown.

Paragraphs, line breaks, emphasis, lists, quotes and headings (two sizes smaller than the page's own). No links, no
pictures, no HTML: what looks like them stays text. markdown-it-py reads it, and nh3 lets nothing through that is not
in this list, whatever the reader makes of it.
"""

import html

from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

TAGS = {"p", "br", "em", "strong", "ul", "ol", "li", "blockquote", "h3", "h4", "hr"}
_reader = MarkdownIt("zero", {"html": False, "breaks": True}).enable(
    ["emphasis", "list", "blockquote", "heading", "hr", "newline", "escape"]
)
_SIZES = {"h1": "h3", "h2": "h3", "h3": "h4", "h4": "h4", "h5": "h4", "h6": "h4"}


def as_html(text: str) -> SafeString:
    """`text` as HTML that is safe to show."""
    import nh3  # only where a text is shown: a process that shows none starts without it

    tokens = _reader.parse(text)
    for token in tokens:
        token.tag = _SIZES.get(token.tag, token.tag)
    drawn = _reader.renderer.render(tokens, _reader.options, {})
    return mark_safe(nh3.clean(drawn, tags=TAGS, attributes={}))  # noqa: S308  cleaned just here


def as_words(text: str) -> str:
    """`text` in one line without its signs, for what shows no HTML: a search engine's summary."""
    return " ".join(html.unescape(strip_tags(as_html(text).replace("<", " <"))).split())
