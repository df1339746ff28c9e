"""The names of everything that has a public page, for search engines."""

from django.db.models import Exists, OuterRef

from marketplace.accounts.models import SellerProfile
from marketplace.products.models import Brand
from marketplace.products.states import BrandStatus

from .cards import live_products


def brand_slugs() -> list[str]:
    """The approved brands that have something for sale."""
    for_sale = live_products().filter(brand_id=OuterRef("pk"))
    brands = Brand.objects.filter(Exists(for_sale), status=BrandStatus.APPROVED)
    return list(brands.order_by("slug").values_list("slug", flat=True))


def seller_slugs() -> list[str]:
    """The sellers that have something for sale."""
    for_sale = live_products().filter(seller_id=OuterRef("pk"))
    sellers = SellerProfile.objects.filter(Exists(for_sale))
    return list(sellers.order_by("slug").values_list("slug", flat=True))
