"""Both sides of a text that differs, for readers who see colours, who do not, and who see nothing."""

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from marketplace.products.word_differences import Piece

register = template.Library()


GOES = '<del><span class="visually-hidden">{} </span>{}</del>'
COMES = '<ins><span class="visually-hidden">{} </span>{}</ins>'


@register.filter
def as_before(pieces: Iterable[Piece]) -> SafeString:
    """The text as it is, with what goes struck through."""
    return _drawn(pieces, GOES, _("removed:"))


@register.filter
def as_after(pieces: Iterable[Piece]) -> SafeString:
    """The text as it would be, with what comes underlined."""
    return _drawn(pieces, COMES, _("added:"))


def _drawn(pieces: Iterable[Piece], mark: str, word: str) -> SafeString:
    return format_html_join("", "{}{}", (_parts(piece, mark, word) for piece in pieces))


def _parts(piece: Piece, mark: str, word: str) -> tuple[str, str]:
    """What is drawn of a piece, and the blanks behind it, which no line goes through."""
    text = piece.shown.rstrip()
    drawn = format_html(mark, word, text) if piece.is_changed and text else text
    return drawn, piece.shown[len(text) :]
