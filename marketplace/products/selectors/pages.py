"""The home page, the product page, and what the search box suggests."""

from dataclasses import dataclass, field

from django.db.models import F

from marketplace.products.models import Brand, ProductImage
from marketplace.products.pictures import picture
from marketplace.products.search.find import find
from marketplace.products.search.words import fold, words_of
from marketplace.products.states import BrandStatus
from marketplace.products.tree import Node, category_tree

from .cards import cards_by_ids, fetch_cards, finish, live_products

ROW = 12  # cards in a row of the home page
SIMILAR = 8


@dataclass(frozen=True)
class HomePage:
    """What the home page shows: three queries."""

    on_sale: list[dict]
    new: list[dict]
    popular: list[dict]
    categories: list[Node]


def home_page() -> HomePage:
    """The home page: three queries, however many products there are."""
    live = live_products()
    return HomePage(
        on_sale=fetch_cards(live.filter(on_sale=True).order_by("-published_at", "-pk")[:ROW]),
        new=fetch_cards(live.order_by("-published_at", "-pk")[:ROW]),
        popular=fetch_cards(live.order_by("-sold_count", "-pk")[:ROW]),
        categories=category_tree().roots,
    )


@dataclass(frozen=True)
class ProductPage:
    """A product as its page shows it: four queries."""

    card: dict
    """As in lists, with `description`, `stock`, `sku`, `seller_id`, `seller_about`, `ships_from`."""
    pictures: list[dict]
    path: tuple[Node, ...]
    """From the root to its category."""
    brand: Brand | None
    similar: list[dict] = field(default_factory=list)
    from_seller: list[dict] = field(default_factory=list)


def product_page(slug: str) -> ProductPage | None:
    """The page of a live product; None if there is none of that slug."""
    if not slug.isascii() or "\x00" in slug:
        return None
    rows = (
        live_products()
        .filter(slug=slug)
        .values(
            *[
                "id",
                "slug",
                "title",
                "current_price",
                "price",
                "on_sale",
                "lowest_price_30d",
                "price_changes_at",
                "rating_average",
                "rating_count",
                "rating_sum",
                "in_stock",
                "version",
                "cover_name",
                "cover_width",
                "cover_height",
                "cover_alt",
                "description",
                "stock",
                "sku",
                "sold_count",
                "published_at",
                "category_id",
                "seller_id",
                "brand_id",
            ],
            seller_name=F("seller__seller_profile__shop_name"),
            seller_slug=F("seller__seller_profile__slug"),
            seller_about=F("seller__seller_profile__about"),
            ships_from=F("seller__seller_profile__ships_from"),
            brand_name=F("brand__name"),
            brand_slug=F("brand__slug"),
        )[:1]
    )
    found = finish(list(rows))
    if not found:
        return None
    card = found[0]
    images = ProductImage.objects.filter(product_id=card["id"]).values_list(
        "picture", "width", "height", "alt_text"
    )
    similar = live_products().filter(category_id=card["category_id"]).order_by("-sold_count", "-pk")
    by_seller = live_products().filter(seller_id=card["seller_id"]).order_by("-published_at", "-pk")
    node = category_tree().by_id.get(card["category_id"])
    brand = None
    if card["brand_id"]:
        brand = Brand(pk=card["brand_id"], name=card["brand_name"], slug=card["brand_slug"])
    return ProductPage(
        card=card,
        pictures=[picture(*image) for image in images],
        path=node.path if node else (),
        brand=brand,
        similar=[other for other in fetch_cards(similar[: SIMILAR + 1]) if other["id"] != card["id"]][
            :SIMILAR
        ],
        from_seller=[other for other in fetch_cards(by_seller[: SIMILAR + 1]) if other["id"] != card["id"]][
            :SIMILAR
        ],
    )


@dataclass(frozen=True)
class Suggestion:
    """One line under the search box. `kind` is product, category or brand; `slug` makes its address."""

    kind: str
    label: str
    slug: str
    card: dict | None = None


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
            for card in cards_by_ids(hit.id for hit in hits[:5])
        ),
    ]


def _begins(name: str, typed: str) -> bool:
    """Whether `name`, or one of its words, begins with what was typed."""
    name = fold(name)
    return name.startswith(typed) or f" {typed}" in name
