"""A seller's own listings, in whatever state they are: the table of the workspace and what it shows of each."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Count as SqlCount
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from marketplace.accounts.models import User
from marketplace.common.authorisation import may
from marketplace.common.cleaning import clean_line
from marketplace.common.cursors import read_cursor, write_cursor
from marketplace.products.edit_states import EDIT_TONES, STAGED, EditStatus
from marketplace.products.models import Brand, ListingEvent, Product, Variant
from marketplace.products.needed import needed_among
from marketplace.products.pictures import Picture, picture
from marketplace.products.search.own import found_by
from marketplace.products.services import EDITABLE, Move, require_movable
from marketplace.products.shown import mark_of_listing
from marketplace.products.states import LISTING_TONES, BrandStatus, ListingStatus

from .edits import open_edits

PAGE_SIZE = 25
LOW_STOCK = 5
"""So many pieces of a variant, or fewer, are few."""

ORDERS: dict[str, tuple[str, bool]] = {
    "newest": ("pk", True),
    "oldest": ("pk", False),
    "title": ("title", False),
    "price": ("current_price", False),
    "price-desc": ("current_price", True),
}
OWN_SORTS = {
    "newest": _("Newest first"),
    "oldest": _("Oldest first"),
    "title": _("By title"),
    "price": _("Price: low to high"),
    "price-desc": _("Price: high to low"),
}
OWN_STOCKS = {"low": _("Few left"), "out": _("Sold out")}


@dataclass(frozen=True)
class OwnQuery:
    """What of the own listings is asked for; a word that is none of ours is no filter."""

    text: str = ""
    """How words of a title or of a SKU begin; all of those that are typed."""
    status: str = ""
    stock: str = ""
    """ "low": some variant has five pieces at most; "out": none has any."""
    sort: str = "newest"

    @property
    def is_filtered(self) -> bool:
        return bool(self.text or self.status or self.stock)


@dataclass(frozen=True)
class OwnVariant:
    """A variant of an own listing that is offered, as its row of the table has it. Prices in minor units."""

    id: int
    options_text: str
    sku: str
    price: int
    current_price: int
    stock: int

    @property
    def is_reduced(self) -> bool:
        return self.current_price < self.price

    @property
    def is_low(self) -> bool:
        return 0 < self.stock <= LOW_STOCK

    @property
    def is_out(self) -> bool:
        return not self.stock


@dataclass(frozen=True)
class OwnListing:
    """An own listing as its row shows it."""

    id: int
    slug: str
    title: str
    status: ListingStatus
    picture: Picture | None
    price_from: int
    price_to: int
    stock: int
    variants: int
    low: int
    """How many of its variants have few pieces left, none included."""
    single: OwnVariant | None
    """Its only variant, whose price and stock are changed in the row itself."""
    moves: list[Move] = field(default_factory=list)
    """What its seller may do with it now."""
    asked_for: str = ""
    """Why an admin sent it back, or refused it; read for one listing's own page."""
    edit: EditStatus | None = None
    """Of its open edit."""

    @property
    def edit_tone(self) -> str:
        return EDIT_TONES[self.edit] if self.edit else ""

    @property
    def can_be_staged(self) -> bool:
        """Whether what it says is changed by an edit."""
        return self.status in STAGED

    @property
    def tone(self) -> str:
        return LISTING_TONES[self.status]

    @property
    def mark(self) -> str:
        """What a form about it is drawn for."""
        return mark_of_listing(self.id, self.status)

    @property
    def is_in_shop(self) -> bool:
        return self.status == ListingStatus.LIVE

    @property
    def can_be_edited(self) -> bool:
        """Whether its seller may change what it says."""
        return self.status in EDITABLE

    @property
    def can_be_withdrawn(self) -> bool:
        """Whether its seller may take it back out of review."""
        return self.status == ListingStatus.PENDING

    @property
    def can_be_changed(self) -> bool:
        """Whether its price and stock can be."""
        return self.status != ListingStatus.ARCHIVED


@dataclass(frozen=True)
class OwnPage:
    """Some own listings, and the cursor of the next page ("": the last)."""

    rows: list[OwnListing]
    next_after: str


def listings_of(user: User) -> QuerySet[Product]:
    """The listings that are this person's to work on: all of their own, whatever their state."""
    return Product.objects.filter(seller=user)


def own_page(user: User, asked: OwnQuery, *, after: str = "", size: int = PAGE_SIZE) -> OwnPage:
    """Own listings in the order asked for, `size` after the cursor.

    Four queries, five from the second page on; each order and each filter has its index, so that a page of
    50,000 listings reads no more than one of fifty.
    """
    found = _filtered(listings_of(user), user, asked)
    sort = asked.sort if asked.sort in ORDERS else "newest"
    column, is_descending = ORDERS[sort]
    found = _behind(found, user, column, is_descending, after, sort)
    order = [column] if column == "pk" else [column, "pk"]
    found = found.order_by(*(f"-{name}" if is_descending else name for name in order))
    shown = list(found.values(*_COLUMNS)[: size + 1])
    next_after = write_cursor(sort, shown[size - 1]["id"]) if len(shown) > size else ""
    return OwnPage(_rows(user, shown[:size]), next_after)


def listings_by_id(ids: Iterable[int]) -> dict[int, Product]:
    """Listings in whatever state, for whoever decides about them: with pictures, variants, category, brand, shop."""
    found = Product.objects.filter(pk__in=list(ids)).select_related(
        "category", "brand", "seller__seller_profile", "seller__profile"
    )
    return {row.pk: row for row in found.prefetch_related("images", "variants")}


def own_listing(user: User, slug: str) -> OwnListing | None:
    """One own listing as its row shows it; None for whoever's it is not."""
    rows = _rows(user, list(listings_of(user).filter(slug=slug).values(*_COLUMNS)))
    if not rows:
        return None
    if rows[0].status not in (ListingStatus.CHANGES_REQUESTED, ListingStatus.REJECTED):
        return rows[0]
    steps = ListingEvent.objects.filter(product=rows[0].id, to_status=rows[0].status).order_by("-pk")
    return replace(rows[0], asked_for=steps.values_list("reason", flat=True).first() or "")


def approved_brands() -> QuerySet[Brand]:
    """The brands that goods may be of, by name."""
    return Brand.objects.filter(status=BrandStatus.APPROVED)


def own_variants(user: User, slug: str) -> list[OwnVariant]:
    """What is offered of an own listing, in its order."""
    found = Variant.objects.filter(product__slug=slug, product__seller=user, is_offered=True)
    return [_variant(row) for row in found.select_related("product").order_by("position", "pk")]


def own_variant(user: User, slug: str, variant_id: int) -> OwnVariant | None:
    """One variant of an own listing; None for whoever's it is not."""
    found = Variant.objects.filter(pk=variant_id, product__slug=slug, product__seller=user, is_offered=True)
    row = found.select_related("product").first()
    return _variant(row) if row else None


_COLUMNS = (
    *("id", "slug", "title", "status", "seller_id", "current_price", "price_to"),
    *("cover_name", "cover_width", "cover_height", "cover_alt"),
)


def _filtered(found: QuerySet[Product], user: User, asked: OwnQuery) -> QuerySet[Product]:
    if asked.status in ListingStatus.values:
        found = found.filter(status=asked.status)
    if asked.stock == "out":
        found = found.filter(in_stock=False)
    elif asked.stock == "low":
        few = Variant.objects.filter(product=OuterRef("pk"), is_offered=True, stock__lte=LOW_STOCK)
        found = found.filter(Exists(few))
    if text := clean_line(asked.text)[:140]:
        found = found_by(found, user.pk, text)
    return found


def _behind(
    found: QuerySet[Product], user: User, column: str, is_descending: bool, after: str, sort: str
) -> QuerySet[Product]:
    """What comes after the listing that a page ended with; where that one stands now, its own row says."""
    match read_cursor(after):
        case [str() as written_for, int() as pk] if written_for == sort:
            pass
        case _:
            return found
    word = "lt" if is_descending else "gt"
    if column == "pk":
        return found.filter(**{f"pk__{word}": pk})
    last = listings_of(user).filter(pk=pk).values_list(column, flat=True).first()
    if last is None:
        return found
    behind = Q(**{f"{column}__{word}": last}) | Q(**{column: last, f"pk__{word}": pk})
    return found.filter(behind, **{f"{column}__{word}e": last})


def _rows(user: User, shown: Sequence[dict[str, Any]]) -> list[OwnListing]:
    ids = [row["id"] for row in shown]
    offered = Variant.objects.filter(product_id__in=ids, is_offered=True).order_by()
    sums = {
        row["product_id"]: (row["pieces"] or 0, row["number"], row["low"])
        for row in offered.values("product_id").annotate(
            number=SqlCount("pk"), pieces=Sum("stock"), low=SqlCount("pk", filter=Q(stock__lte=LOW_STOCK))
        )
    }
    singles = {
        row.product_id: _variant(row)
        for row in Variant.objects.filter(product_id__in=ids, is_offered=True, option1="")
        .select_related("product")
        .only(*_SINGLE)
    }
    needed = needed_among(ids)
    edits = open_edits(ids)
    return [
        OwnListing(
            id=row["id"],
            slug=row["slug"],
            title=row["title"],
            status=ListingStatus(row["status"]),
            picture=picture(row["cover_name"], row["cover_width"], row["cover_height"], row["cover_alt"]),
            price_from=row["current_price"],
            price_to=row["price_to"],
            stock=sums.get(row["id"], NOTHING)[0],
            variants=sums.get(row["id"], NOTHING)[1],
            low=sums.get(row["id"], NOTHING)[2],
            single=singles.get(row["id"]),
            moves=_moves(user, row, needed),
            edit=edits.get(row["id"]),
        )
        for row in shown
    ]


NOTHING = (0, 0, 0)
_SINGLE = ("product__options", "sku", "price", "current_price", "stock", "option1", "option2", "option3")


def _moves(user: User, row: dict[str, Any], needed: Collection[int]) -> list[Move]:
    product = Product(pk=row["id"], seller_id=row["seller_id"], status=row["status"])
    return [move for move in Move if may(require_movable, user, product, move, needed=needed)]


def _variant(row: Variant) -> OwnVariant:
    return OwnVariant(row.pk, row.options_text, row.sku, row.price, row.current_price, row.stock)
