"""What sellers write about their goods, as HTML."""

from django import template
from django.utils.safestring import SafeString

from marketplace.products.prose import as_html

register = template.Library()


@register.filter
def prose(text: str) -> SafeString:
    """The small safe part of Markdown that a listing's text may use (marketplace/products/prose.py)."""
    return as_html(text)
