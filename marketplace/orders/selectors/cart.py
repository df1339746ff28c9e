"""What is read of carts."""

from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import F, Sum

from marketplace.common import clock
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.models import CartLine
from marketplace.products.pictures import Picture
from marketplace.products.prices import Shown, shown_prices
from marketplace.products.states import ListingStatus

from .pictures import first_pictures


@dataclass(frozen=True)
class CartItem:
    """A line of a cart as it stands now. Prices are of one piece, in minor units."""

    line_id: int
    product_id: int
    slug: str
    title: str
    seller_id: int
    quantity: int
    stock: int
    is_live: bool
    price: int
    list_price: int
    price_seen: int
    lowest_price_30d: int | None = None
    picture: Picture | None = None

    @property
    def is_buyable(self) -> bool:
        """Whether the line counts: paused and sold-out ones are shown and kept out of the total."""
        return self.is_live and self.stock > 0

    @property
    def is_short(self) -> bool:
        """Whether there are fewer pieces than the line wants."""
        return self.is_buyable and self.quantity > self.stock

    @property
    def has_risen(self) -> bool:
        """Whether it costs more than the shopper agreed to, so that they must be asked."""
        return self.is_buyable and self.price > self.price_seen

    @property
    def has_dropped(self) -> bool:
        return self.is_buyable and self.price < self.price_seen

    @property
    def is_reduced(self) -> bool:
        return self.price < self.list_price

    @property
    def total(self) -> int:
        return self.price * self.quantity if self.is_buyable else 0


@dataclass(frozen=True)
class SellerPart:
    """What a cart holds of one seller: a shipment to be."""

    seller_id: int
    shop_name: str
    shop_slug: str
    items: list[CartItem] = field(default_factory=list)

    @cached_property
    def total(self) -> int:
        return sum(item.total for item in self.items)

    @property
    def is_buyable(self) -> bool:
        return any(item.is_buyable for item in self.items)


@dataclass(frozen=True)
class CartView:
    """A whole cart as the cart and checkout pages show it."""

    parts: list[SellerPart] = field(default_factory=list)

    @cached_property
    def items(self) -> list[CartItem]:
        return [item for part in self.parts for item in part.items]

    @cached_property
    def buyable_parts(self) -> list[SellerPart]:
        return [part for part in self.parts if part.is_buyable]

    @cached_property
    def total(self) -> int:
        """What checking out would cost now, in minor units."""
        return sum(part.total for part in self.parts)

    @cached_property
    def pieces(self) -> int:
        return sum(item.quantity for item in self.items)

    @cached_property
    def seen_lines(self) -> dict[int, int]:
        """What would be ordered: product id → pieces. The checkout form sends it back."""
        return {item.product_id: item.quantity for item in self.items if item.is_buyable}

    @cached_property
    def risen(self) -> list[CartItem]:
        return [item for item in self.items if item.has_risen]

    @cached_property
    def is_ready(self) -> bool:
        """Whether nothing stands between this cart and the checkout."""
        return bool(self.seen_lines) and not self.risen and not any(item.is_short for item in self.items)


_PRICES = ("price", "current_price", "lowest_price_30d")


def cart_view(cart: CartRef | None) -> CartView:
    """The cart, grouped by seller in the order in which their goods came in: two queries (four right at the
    edge of a price window)."""
    if cart is None:
        return CartView()
    rows = list(
        CartLine.objects.filter(cart.where("cart__"))
        .order_by("pk")
        .values(
            "pk",
            "product_id",
            "quantity",
            "price_seen",
            "product__slug",
            "product__title",
            "product__stock",
            "product__status",
            "product__price_changes_at",
            *(f"product__{name}" for name in _PRICES),
            "product__seller_id",
            shop_name=F("product__seller__seller_profile__shop_name"),
            shop_slug=F("product__seller__seller_profile__slug"),
        )
    )
    now = clock.now()
    # The column is right up to the next edge of a price window; past it the windows are read themselves.
    due = [
        {"id": row["product_id"], **{name: row[f"product__{name}"] for name in _PRICES}}
        for row in rows
        if row["product__price_changes_at"] and row["product__price_changes_at"] <= now
    ]
    fresh = shown_prices(due, now) if due else {}
    pictures = first_pictures(row["product_id"] for row in rows)
    parts: dict[int, SellerPart] = {}
    for row in rows:
        seller_id = row["product__seller_id"]
        part = parts.setdefault(
            seller_id, SellerPart(seller_id, row["shop_name"] or "", row["shop_slug"] or "")
        )
        tag = fresh.get(row["product_id"]) or Shown(
            row["product__current_price"], row["product__lowest_price_30d"]
        )
        part.items.append(
            CartItem(
                line_id=row["pk"],
                product_id=row["product_id"],
                slug=row["product__slug"],
                title=row["product__title"],
                seller_id=seller_id,
                quantity=row["quantity"],
                stock=row["product__stock"],
                is_live=row["product__status"] == ListingStatus.LIVE,
                price=tag.price,
                list_price=row["product__price"],
                price_seen=row["price_seen"],
                lowest_price_30d=tag.lowest_30d,
                picture=pictures.get(row["product_id"]),
            )
        )
    return CartView(list(parts.values()))


def cart_count(cart: CartRef | None) -> int:
    """How many pieces the cart holds."""
    if cart is None:
        return 0
    return CartLine.objects.filter(cart.where("cart__")).aggregate(n=Sum("quantity"))["n"] or 0
