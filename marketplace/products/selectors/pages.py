"""The home page, the product page, and what the search box suggests."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from django.db.models import F, QuerySet, Value
from django.db.models.expressions import Combinable, RawSQL

from marketplace.accounts.models import SellerProfile
from marketplace.common import clock
from marketplace.common.cleaning import fold as name_key
from marketplace.common.prepared import Prepared
from marketplace.products.models import Brand, Product, Variant
from marketplace.products.pictures import Picture, picture
from marketplace.products.prices import VARIANT_FIELDS, is_late, shown_prices
from marketplace.products.search.find import find
from marketplace.products.search.words import fold, read
from marketplace.products.states import BrandStatus
from marketplace.products.tree import Node, category_tree

from .cards import CARD_FIELDS, SELLER, Card, card_rows, finish, live_products

ROW = 12  # cards in a row of the home page
SIMILAR = 8


@dataclass(frozen=True)
class HomePage:
    """What the home page shows."""

    on_sale: list[Card]
    new: list[Card]
    popular: list[Card]
    categories: list[Node]


def home_page() -> HomePage:
    """The home page: three queries, however many products there are."""
    live = live_products()
    on_sale = card_rows(live.filter(on_sale=True).order_by("-published_at", "-pk")[:ROW])
    new = card_rows(live.order_by("-published_at", "-pk")[:ROW])
    popular = card_rows(live.order_by("-sold_count", "-pk")[:ROW])
    finish([*on_sale, *new, *popular])
    return HomePage(on_sale=on_sale, new=new, popular=popular, categories=category_tree().roots)


@dataclass(frozen=True)
class VariantView:
    """A variant that is offered, as a product's page shows it. Prices in minor units."""

    id: int
    values: tuple[str, ...]
    sku: str
    barcode: str
    stock: int
    size_class: str
    price: int
    current_price: int
    lowest_price_30d: int | None
    image_id: int | None

    @property
    def on_sale(self) -> bool:
        """Whether a reduction is shown (marketplace/products/prices.py)."""
        return self.lowest_price_30d is not None


@dataclass(frozen=True)
class Choice:
    """What somebody chose of a product's options, and the variant that it is."""

    values: tuple[str, ...]
    """One value of each option."""
    variant: VariantView | None
    """None where no variant is like that."""


@dataclass(frozen=True)
class ValueView:
    """A value of an option beside what is chosen of the others."""

    value: str
    is_chosen: bool
    is_made: bool
    stock: int


@dataclass(frozen=True)
class ProductPage:
    """A product as its page shows it."""

    card: Card
    """As in lists, with `description`, `options`, `seller_id`, `seller_about`, `ships_from`,
    `shop_is_open` and, while its shop is away, `away_until` and `away_note`."""
    variants: list[VariantView]
    """What can be chosen, in the seller's order; sold-out ones are among them."""
    pictures: list[Picture]
    picture_ids: list[int]
    """Which image each of `pictures` is."""
    path: tuple[Node, ...]
    """From the root to its category."""
    brand: Brand | None
    similar: list[Card] = field(default_factory=list)
    from_seller: list[Card] = field(default_factory=list)

    def choose(self, values: Sequence[str]) -> Choice:
        """What these option values mean, as far as they are given; what is no value of the option is not.

        Of several variants, or without any value: the cheapest that can be had. Values that are offered, but
        not together, are a choice without a variant.
        """
        wanted = [
            next((known for known in offered if name_key(known) == name_key(value)), "")
            for value, (_name, offered) in zip(values, self.options, strict=False)
        ]
        fit = [
            variant
            for variant in self.variants
            if all(not value or value == own for value, own in zip(wanted, variant.values, strict=False))
        ]
        best = min(fit, key=lambda variant: (variant.stock == 0, variant.current_price), default=None)
        if best:
            return Choice(best.values, best)
        first = self.choose(()).values
        return Choice(tuple(value or own for value, own in zip(wanted, first, strict=False)), None)

    @property
    def options(self) -> list[tuple[str, list[str]]]:
        """Each option with the values that are offered, in the seller's order."""
        options = []
        for place, (name, values) in enumerate(self.card["options"]):
            offered = {variant.values[place] for variant in self.variants if len(variant.values) > place}
            options.append((name, [value for value in values if value in offered]))
        return options

    def values_beside(self, choice: Choice) -> list[tuple[str, list[ValueView]]]:
        """Each option with its values, and whether there is one of each beside what is chosen of the others."""
        by_values = {variant.values: variant for variant in self.variants}
        shown = []
        for place, (name, values) in enumerate(self.options):
            views = []
            for value in values:
                like = by_values.get((*choice.values[:place], value, *choice.values[place + 1 :]))
                views.append(
                    ValueView(
                        value, value == choice.values[place], like is not None, like.stock if like else 0
                    )
                )
            shown.append((name, views))
        return shown

    def pictures_of(self, variant: VariantView | None) -> list[Picture]:
        """The pictures, the variant's own first."""
        own = variant.image_id if variant else None
        pairs = zip(self.picture_ids, self.pictures, strict=True)
        return [picture for _pk, picture in sorted(pairs, key=lambda pair: pair[0] != own)]


_IMAGE = {
    "image_name": "picture",
    "image_width": "width",
    "image_height": "height",
    "image_alt": "alt_text",
}


Also = Callable[[int], Mapping[str, Combinable]]
"""Columns of a product that its card gets besides, for a person (0 is a visitor): a page counts its queries."""


def _page(slug: str, also: Mapping[str, Combinable]) -> QuerySet[Product, Card]:
    """A live product as often as it has pictures, once where it has none."""
    return (
        live_products()
        .filter(slug=slug)
        .order_by("images__position", "images__pk")
        .values(
            *CARD_FIELDS,
            *("description", "options", "sold_count", "published_at", "rating_sum"),
            *("category_id", "seller_id", "brand_id"),
            seller_name=F("seller__seller_profile__shop_name"),
            seller_slug=F("seller__seller_profile__slug"),
            seller_about=F("seller__seller_profile__about"),
            ships_from=F("seller__seller_profile__ships_from"),
            suspended_at=F("seller__seller_profile__suspended_at"),
            away_from=F("seller__seller_profile__away_from"),
            away_until=F("seller__seller_profile__away_until"),
            away_note=F("seller__seller_profile__away_note"),
            brand_name=F("brand__name"),
            brand_slug=F("brand__slug"),
            image_id=F("images__pk"),
            **{name: F(f"images__{column}") for name, column in _IMAGE.items()},
            **also,
        )
    )


_PAGE = Prepared(lambda slug: _page(slug, {}), slug=str)


@cache
def _page_and(also: Also) -> Prepared:
    return Prepared(lambda slug, person: _page(slug, also(person)), slug=str, person=int)


def product_page(slug: str, also: Also | None = None, person_id: int | None = None) -> ProductPage | None:
    """The page of a live product, with the columns `also` for who looks; None if there is none of that slug.

    Four queries.
    """
    if not slug.isascii() or "\x00" in slug:
        return None
    rows = _page_and(also)(slug=slug, person=person_id or 0) if also else _PAGE(slug=slug)
    if not rows:
        return None
    images = [(row.pop("image_id"), *(row.pop(name) for name in _IMAGE)) for row in rows]
    card = rows[0]
    shop = SellerProfile(
        **{name: card.pop(name) for name in ("suspended_at", "away_from")}, away_until=card["away_until"]
    )
    card["shop_is_open"] = shop.is_open(clock.now())
    if card["shop_is_open"] or shop.is_suspended:
        card["away_until"], card["away_note"] = None, ""
    variants = _variants(card["id"], card["price_changes_at"])
    similar, by_seller = _shelves(card)
    finish([card, *similar, *by_seller])
    node = category_tree().by_id.get(card["category_id"])
    brand = None
    if card["brand_id"]:
        brand = Brand(pk=card["brand_id"], name=card["brand_name"], slug=card["brand_slug"])
    drawn = [(pk, shown) for pk, *image in images if (shown := picture(*image))]
    return ProductPage(
        card=card,
        variants=variants,
        pictures=[shown for _pk, shown in drawn],
        picture_ids=[pk for pk, _shown in drawn],
        path=node.path if node else (),
        brand=brand,
        similar=similar,
        from_seller=by_seller,
    )


_VARIANT = ("id", "sku", "barcode", "stock", "size_class", *VARIANT_FIELDS, "image_id")
_OFFERED = Prepared(
    lambda product_id: (
        Variant.objects.filter(product_id=product_id, is_offered=True)
        .order_by("position", "pk")
        .values(*_VARIANT, "option1", "option2", "option3")
    ),
    product_id=int,
)


def _variants(product_id: int, changes_at: datetime | None) -> list[VariantView]:
    """What is offered of a product, at the price of this moment: one query, and two where the sweep is late."""
    now = clock.now()
    rows = _OFFERED(product_id=product_id)
    if is_late(changes_at, now):
        for pk, tag in shown_prices(rows, now).items():
            row = next(row for row in rows if row["id"] == pk)
            row["current_price"], row["lowest_price_30d"] = tag.price, tag.lowest_30d
    for row in rows:
        values = [row.pop(name) for name in ("option1", "option2", "option3")]
        row["values"] = tuple(value for value in values if value)
    return [VariantView(**row) for row in rows]


def live_slug(product_id: int) -> str | None:
    """What makes the address of a live product."""
    return live_products().filter(pk=product_id).values_list("slug", flat=True).first()


def live_product_page(
    product_id: int, also: Also | None = None, person_id: int | None = None
) -> ProductPage | None:
    """As `product_page`, of a product's number, as a form holds it."""
    slug = live_slug(product_id)
    return product_page(slug, also, person_id) if slug else None


def _shelves(card: Card) -> tuple[list[Card], list[Card]]:
    """What else there is of its category and of its seller, without the one itself: one query. `finish` them."""
    rows = _OTHERS(category_id=card["category_id"], seller_id=card["seller_id"])
    shelves: tuple[list[Card], list[Card]] = ([], [])
    for row in sorted(rows, key=lambda row: row["id"], reverse=True):
        shelf = row.pop("shelf")
        if row["id"] != card["id"]:
            shelves[shelf].append(row)
    shelves[0].sort(key=lambda row: row.pop("sold_count"), reverse=True)
    shelves[1].sort(key=lambda row: row.pop("published_at"), reverse=True)
    return shelves[0][:SIMILAR], shelves[1][:SIMILAR]


def _others(category_id: int, seller_id: int) -> QuerySet[Product, Card]:
    live = live_products()
    similar = live.filter(category_id=category_id).order_by("-sold_count", "-pk")
    by_seller = live.filter(seller_id=seller_id).order_by("-published_at", "-pk")
    return _first(similar, 0).union(_first(by_seller, 1), all=True)


def _first(products: QuerySet[Product], shelf: int) -> QuerySet[Product, Card]:
    """The first few of `products`, found by their keys: no database takes a LIMIT beside a UNION."""
    sql, params = products.values_list("id")[: SIMILAR + 1].query.sql_with_params()
    first = live_products().filter(pk__in=RawSQL(f"SELECT id FROM ({sql}) AS first", params))  # noqa: S608, S611  our own SQL
    return first.values(*CARD_FIELDS, "sold_count", "published_at", shelf=Value(shelf), **SELLER)


_OTHERS = Prepared(_others, keeps_plan=False, category_id=int, seller_id=int)


@dataclass(frozen=True)
class Suggestion:
    """One line under the search box. `kind` is product, category, brand or shop; `slug` makes its address."""

    kind: str
    label: str
    slug: str
    card: Card | None = None


OF_A_KIND = 3
PRODUCTS_SUGGESTED = 5


def suggest(text: str) -> list[Suggestion]:
    """What somebody may mean who has typed `text` so far: categories, brands, shops, products.

    Nothing for a single letter (one sign of a script that writes words with one is enough). Brands and shops are those
    that begin so, and those of the products found, by any word of their name and without its accents.
    """
    typed = " ".join(fold(text).replace("\x00", " ").split())[:80]
    words = read(text)
    if not words or (len(typed) < 2 and words[0].is_plain):
        return []
    hits = sorted(find(text, is_typing=True).hits, key=lambda hit: (hit.rank, hit.id), reverse=True)
    nodes = [node for node in category_tree().walk() if _begins(node.name, typed)]
    brands = {(hit.brand_name or "", hit.brand_slug or "") for hit in hits}
    brands |= set(
        Brand.objects.filter(status=BrandStatus.APPROVED, name__istartswith=typed)
        .order_by("name")
        .values_list("name", "slug")[:OF_A_KIND]
    )
    shops = {hit.shop for hit in hits}
    shops |= set(
        SellerProfile.objects.filter(name_key__startswith=name_key(text)[:80])
        .order_by("shop_name")
        .values_list("shop_name", "slug")[:OF_A_KIND]
    )
    return [
        *(Suggestion("category", node.name, node.slug) for node in nodes[:OF_A_KIND]),
        *(Suggestion("brand", name, slug) for name, slug in _begun(brands, typed)),
        *(Suggestion("shop", name, slug) for name, slug in _begun(shops, typed)),
        *(
            Suggestion("product", card["title"], card["slug"], card)
            for card in finish([hit.card_row() for hit in hits[:PRODUCTS_SUGGESTED]])
        ),
    ]


def _begun(named: set[tuple[str, str]], typed: str) -> list[tuple[str, str]]:
    """The first of `named` (name, slug) that begin with what was typed."""
    return sorted((name, slug) for name, slug in named if slug and _begins(name, typed))[:OF_A_KIND]


def _begins(name: str, typed: str) -> bool:
    """Whether `name`, or one of its words, begins with what was typed."""
    name = fold(name)
    return name.startswith(typed) or f" {typed}" in name
