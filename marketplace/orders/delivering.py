"""What the delivery of a cart costs, seller by seller: the pages and the checkout ask the same function."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Subquery
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _

from marketplace.accounts.models import Profile
from marketplace.common.places import Place
from marketplace.rates.models import RateTable
from marketplace.rates.pricing import NO_RATES, Quote, largest, quote
from marketplace.rates.selectors import (
    meeting_of,
    newest_column,
    offer_in,
    seller_columns,
    start_of,
    table_in,
)


@dataclass(frozen=True)
class Piece:
    """What counts of a line: whose it is, what it costs, and the row that says where it begins (`start_columns`)."""

    seller_id: int
    total: int
    row: Mapping[str, Any]


def quotes_of(table: RateTable | None, pieces: Iterable[Piece], door: Place | None) -> dict[int, Quote]:
    """Seller → what bringing these pieces of theirs to `door` costs. Nothing in a store without a table.

    Where a seller's pieces begin in several places, they are brought together at the usual one first.
    """
    if table is None:
        return {}
    by_seller: dict[int, list[Piece]] = {}
    for piece in pieces:
        by_seller.setdefault(piece.seller_id, []).append(piece)
    return {seller_id: _quote(table, theirs, door) for seller_id, theirs in by_seller.items()}


def columns_of_product(buyer_id: int) -> dict[str, Combinable]:
    """What `quote_of_piece` needs of a product's row, so that a page asks no query more. 0 is a visitor."""
    mine = Profile.objects.filter(pk=buyer_id)
    door = {name: Subquery(mine.values(f"location_{name[5:]}")) for name in ("door_lat", "door_lng")}
    return {"rates": newest_column(), **seller_columns(listing="pick_up", seller="seller"), **door}


def quote_of_piece(row: Mapping[str, Any], *, size_class: str, price: int) -> Quote:
    """What one piece ordered alone costs to deliver to its buyer's default address, where that is known."""
    piece = Piece(row["seller_id"], price, {**row, "size_class": size_class})
    door = Place.if_known(row["door_lat"], row["door_lng"])
    return quotes_of(table_in(row), [piece], door).get(row["seller_id"], NO_RATES)


def _quote(table: RateTable, pieces: list[Piece], door: Place | None) -> Quote:
    row = pieces[0].row
    starts = {start_of(piece.row) for piece in pieces}
    return quote(
        table,
        start=starts.pop() if len(starts) == 1 else meeting_of(row),
        door=door,
        size_class=largest(piece.row["size_class"] for piece in pieces),
        goods_total=sum(piece.total for piece in pieces),
        offer_from=offer_in(row),
        commission_bps=settings.COMMISSION_BPS,
    )


def too_far(shop: str) -> str:
    """The sentence for a seller who does not deliver to where the buyer is."""
    return _("%(shop)s does not deliver to your address: it is too far away.") % {"shop": shop}
