"""The listing of a line as its buyer saw it."""

from dataclasses import dataclass

from django.db.models import QuerySet

from marketplace.orders.models import Shipment, ShipmentLine
from marketplace.products.content import Content, content_of
from marketplace.products.models import Product
from marketplace.products.selectors import version_of
from marketplace.products.states import ListingStatus

MOST_LINES = 10_000
"""Of a shipment; a database takes no number of any length."""


@dataclass(frozen=True)
class FrozenListing:
    """What a listing said when this line was bought; price and what was chosen of it are the line's."""

    line: ShipmentLine
    content: Content
    is_as_now: bool
    """Whether it says just that today."""
    slug: str
    """The address of the listing; "" where shoppers cannot open it."""

    @property
    def is_in_shop(self) -> bool:
        return bool(self.slug)


def frozen_listing(shipments: QuerySet[Shipment], number: str, position: int) -> FrozenListing | None:
    """The listing of the line at `position` (from 1) in the shipment `number`; None if `shipments`, those that whoever
    asks may see, have no such one. Seven queries at most."""
    if not 1 <= position <= MOST_LINES:
        return None
    lines = ShipmentLine.objects.filter(shipment__in=shipments.filter(number=number)).order_by("pk")
    line = lines.select_related("shipment__order", "variant")[position - 1 : position].first()
    if line is None:
        return None
    product = Product.objects.select_related("category", "brand").get(pk=line.variant.product_id)
    was = version_of(product.pk, line.listing_number)
    return FrozenListing(
        line,
        was or content_of(product),
        is_as_now=was is None,
        slug=product.slug if product.status == ListingStatus.LIVE else "",
    )
