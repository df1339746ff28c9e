"""Whether something can be bought: its listing is live, it is offered, and its shop is neither away nor suspended."""

from django.db.models import BooleanField, ExpressionWrapper
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _

from marketplace.accounts.models import SellerProfile
from marketplace.accounts.selectors import shop_is_open
from marketplace.common import clock
from marketplace.common.moments import short

from .models import Variant
from .states import ListingStatus


def open_now(prefix: str) -> Combinable:
    """Whether the shop that `prefix` leads to sells at this moment, for a query to read along."""
    return ExpressionWrapper(shop_is_open(prefix, now=clock.now()), output_field=BooleanField())


def is_for_sale(variant: Variant, *, is_open: bool) -> bool:
    """Whether a variant, whose product is at hand and whose shop `is_open`, is on sale; stock is another question."""
    return variant.product.status == ListingStatus.LIVE and variant.is_offered and is_open


def why_not(variant: Variant) -> str:
    """The sentence for a variant that is not for sale: its shop's vacation, or that it is not at the moment."""
    shop = SellerProfile.objects.filter(pk=variant.seller_id).first()
    now = clock.now()
    is_listed = is_for_sale(variant, is_open=True)
    if is_listed and shop is not None and not shop.is_suspended and shop.away_until and shop.is_away(now):
        return _("%(shop)s is away and sells again from %(day)s.") % {
            "shop": shop.shop_name,
            "day": short(shop.away_until),
        }
    return _("This is not for sale at the moment.")
