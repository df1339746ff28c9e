"""Tags that every template has without loading: money, times, icons, form keys."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from marketplace.common import idempotency, moments
from marketplace.common.money import format_money, format_percent, to_plain
from marketplace.products import prices
from marketplace.web import navigation
from marketplace.web.typed import SHOWN

register = template.Library()
MOST_ON_A_BADGE = 99
TOAST_ICONS = {"success": "check-circle", "error": "alert", "warning": "alert"}


@register.filter
def money(minor: int | None) -> str:
    """Minor units as people write them: 1999 → "€19.99"."""
    return "" if minor is None else format_money(minor)


@register.filter
def plain_money(minor: int | None) -> str:
    """Minor units as a form field holds them: 1999 → "19.99"."""
    return "" if minor is None else to_plain(minor)


@register.simple_tag(takes_context=True)
def form_key(context, action: str, subject: object = "", keep: str = "") -> str:
    """A fresh form key for the person who looks at the page (marketplace.common.idempotency).

    `keep` is the one that was sent, where the same form may be sent again (`refusals.key_to_keep`).
    """
    if keep:
        return keep
    user = context["request"].user
    return idempotency.new_form_key(
        user_id=user.pk if user.is_authenticated else None, action=action, subject=subject
    )


@register.simple_tag
def as_shown(mark: str, name: str = SHOWN) -> SafeString:
    """What a form is drawn for, as a field of it (marketplace.common.shown)."""
    return format_html('<input type="hidden" name="{}" value="{}">', name, mark)


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """A picture out of the sprite (static/src/icons.json names them); it says nothing to a screen reader."""
    return _icon(name, css)


@register.filter
def toast_icon(tone: str) -> str:
    """The icon of a message's level; "" for one that has none."""
    return TOAST_ICONS.get(tone, "")


@lru_cache(maxsize=512)
def _icon(name: str, css: str) -> SafeString:
    return format_html(
        '<svg class="icon {}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        css,
        static("img/icons.svg"),
        name,
    )


@register.simple_tag
def moment(at: datetime | None, relative: bool = True) -> str:
    """A moment in the person's zone; the browser turns a recent one into "3 hours ago".

    Not `relative`: it matters when exactly, so it stays as it is and names its zone.
    """
    if at is None:
        return ""
    local = timezone.localtime(at)
    return format_html(
        '<time datetime="{}"{}>{}</time>',
        local.isoformat(timespec="seconds"),
        mark_safe(" data-relative") if relative else "",
        moments.short(at) if relative else moments.exact(at),
    )


@register.simple_tag
def zone() -> str:
    """The name of the zone that the page's times are of: "Europe/London"."""
    return str(timezone.get_current_timezone())


@register.filter
def badge(number: int) -> str:
    """The number on a bell or a cart: three signs at most."""
    if number > MOST_ON_A_BADGE:
        return _("%(number)s+") % {"number": formats.number_format(MOST_ON_A_BADGE)}
    return formats.number_format(number)


@register.filter
def stars(hundredths: int) -> str:
    """Hundredths of a star with one digit: 467 → "4.7"."""
    return formats.number_format(round(hundredths / 100, 1), 1)


@register.filter
def percent_off(card: dict) -> str:
    """By how much the price of a card on sale is down on the lowest of 30 days: a fifth → "20%"."""
    off = prices.percent_off(current=card["current_price"], lowest=card["lowest_price_30d"])
    return _("%(number)s%%") % {"number": formats.number_format(off)}


@register.filter
def percent(basis_points: int) -> str:
    """Hundredths of a percent as people read them: 1500 → "15%", 1250 → "12.5%"."""
    return format_percent(basis_points)


@register.simple_tag(takes_context=True)
def current(context, url: str, below: bool = False) -> str:
    """` aria-current="page"` for a link to the page that is shown (`below`: or to one above it)."""
    request = context.get("request")
    if not (request and url) or not (request.path == url or (below and request.path.startswith(url))):
        return ""
    return mark_safe(' aria-current="page"')


@register.simple_tag
def category_drawer() -> SafeString:
    """The panel with all categories (marketplace.web.navigation)."""
    return navigation.category_drawer()


@register.filter
def number(value: int) -> str:
    """A whole number with the language's thousands signs."""
    return formats.number_format(value, use_l10n=True, force_grouping=True)


@register.filter
def distance(metres: int | None) -> str:
    """Metres as people say them: 340 → "340 m", 1260 → "1.3 km", 14400 → "14 km"."""
    if metres is None:
        return ""
    if metres < 995:
        return _("%(number)s m") % {"number": formats.number_format(max(10, round(metres, -1)))}
    digits = 1 if metres < 9_950 else 0
    return _("%(number)s km") % {"number": formats.number_format(round(metres / 1000, digits), digits)}


@register.filter
def of(values: Mapping[str, object] | None, number: int) -> object:
    """What stands in `values` for the row with this number, as forms say it; None where nothing does."""
    return (values or {}).get(str(number))
