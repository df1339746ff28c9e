"""Tags that every template has without loading: money, times, form keys."""

from django import template

from marketplace.common import idempotency
from marketplace.common.money import format_money

register = template.Library()


@register.filter
def money(minor: int | None) -> str:
    """Minor units as people write them: 1999 → "€19.99"."""
    return "" if minor is None else format_money(minor)


@register.simple_tag(takes_context=True)
def form_key(context, action: str, subject: object = "") -> str:
    """A fresh form key for the person who looks at the page (marketplace.common.idempotency)."""
    user = context["request"].user
    return idempotency.new_form_key(
        user_id=user.pk if user.is_authenticated else None, action=action, subject=subject
    )
