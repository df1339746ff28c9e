"""The home page, the product page, and what the search box suggests."""

from dataclasses import dataclass, field

from django.db.models import F, QuerySet

from marketplace.products.models import Brand, Product
from marketplace.products.pictures import Picture, picture
from marketplace.products.search.find import find
from marketplace.products.search.words import fold, words_of
from marketplace.products.states import BrandStatus
from marketplace.products.tree import Node, category_tree

from .cards import CARD_FIELDS, Card, card_rows, finish, live_products

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
class ProductPage:
    """A product as its page shows it."""

    card: Card
    """As in lists, with `description`, `stock`, `sku`, `seller_id`, `seller_about`, `ships_from`."""
    pictures: list[Picture]
    path: tuple[Node, ...]
    """From the root to its category."""
    brand: Brand | None
    similar: list[Card] = field(default_factory=list)
    from_seller: list[Card] = field(default_factory=list)


_IMAGE = {
    "image_name": "picture",
    "image_width": "width",
    "image_height": "height",
    "image_alt": "alt_text",
}


def product_page(slug: str) -> ProductPage | None:
    """The page of a live product; None if there is none of that slug. Three queries."""
    if not slug.isascii() or "\x00" in slug:
        return None
    rows = list(
        live_products()
        .filter(slug=slug)
        .order_by("images__position", "images__pk")
        .values(
            *CARD_FIELDS,
            *("description", "stock", "sku", "sold_count", "published_at", "rating_sum"),
            *("category_id", "seller_id", "brand_id"),
            seller_name=F("seller__seller_profile__shop_name"),
            seller_slug=F("seller__seller_profile__slug"),
            seller_about=F("seller__seller_profile__about"),
            ships_from=F("seller__seller_profile__ships_from"),
            brand_name=F("brand__name"),
            brand_slug=F("brand__slug"),
            **{name: F(f"images__{column}") for name, column in _IMAGE.items()},
        )
    )
    if not rows:
        return None
    # The product as often as it has pictures, once without any.
    images = [tuple(row.pop(name) for name in _IMAGE) for row in rows]
    card = rows[0]
    live = live_products()
    similar = _others(live.filter(category_id=card["category_id"]).order_by("-sold_count", "-pk"), card)
    by_seller = _others(live.filter(seller_id=card["seller_id"]).order_by("-published_at", "-pk"), card)
    finish([card, *similar, *by_seller])
    node = category_tree().by_id.get(card["category_id"])
    brand = None
    if card["brand_id"]:
        brand = Brand(pk=card["brand_id"], name=card["brand_name"], slug=card["brand_slug"])
    return ProductPage(
        card=card,
        pictures=[drawn for image in images if (drawn := picture(*image))],
        path=node.path if node else (),
        brand=brand,
        similar=similar,
        from_seller=by_seller,
    )


def _others(products: QuerySet[Product], card: Card) -> list[Card]:
    """The first of `products` without the one that the page is about; `finish` them."""
    return [row for row in card_rows(products[: SIMILAR + 1]) if row["id"] != card["id"]][:SIMILAR]


@dataclass(frozen=True)
class Suggestion:
    """One line under the search box. `kind` is product, category or brand; `slug` makes its address."""

    kind: str
    label: str
    slug: str
    card: Card | None = None


def suggest(text: str) -> list[Suggestion]:
    """What somebody may mean who has typed `text` so far: categories, brands, products; nothing under two letters."""
    typed = " ".join(fold(text).replace("\x00", " ").split())[:80]
    if len(typed) < 2 or not words_of(text):
        return []
    nodes = [node for node in category_tree().walk() if _begins(node.name, typed)]
    brands = Brand.objects.filter(status=BrandStatus.APPROVED, name__istartswith=typed).order_by("name")
    hits = sorted(find(text, is_typing=True).hits, key=lambda hit: (hit.rank, hit.id), reverse=True)
    return [
        *(Suggestion("category", node.name, node.slug) for node in nodes[:3]),
        *(Suggestion("brand", brand.name, brand.slug) for brand in brands[:3]),
        *(
            Suggestion("product", card["title"], card["slug"], card)
            for card in finish([hit.card_row() for hit in hits[:5]])
        ),
    ]


def _begins(name: str, typed: str) -> bool:
    """Whether `name`, or one of its words, begins with what was typed."""
    name = fold(name)
    return name.startswith(typed) or f" {typed}" in name
