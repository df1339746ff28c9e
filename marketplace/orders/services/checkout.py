"""From a cart to an order: one transaction, all of it or nothing."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.accounts.models import User
from marketplace.common import clock, idempotency
from marketplace.common.authorisation import authorize
from marketplace.common.errors import Conflicts, Invalid, StaleState
from marketplace.common.ids import new_public_id
from marketplace.common.limits import limited
from marketplace.common.money import MAX_MONEY, format_money
from marketplace.common.places import Place
from marketplace.common.transactions import service
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.errors import Problem, ProblemKind
from marketplace.orders.models import CartLine, Order
from marketplace.products.models import Product
from marketplace.products.prices import current_prices
from marketplace.products.services import lock_products
from marketplace.products.states import ListingStatus

from .cart import lock_cart
from .placing import Address, Item, Recipient, write_order

Row = Mapping[str, Any]  # a line of the cart with its buyer's profile, as `_read` finds it


@dataclass(frozen=True)
class _Wanted:
    """A line of the cart that is being ordered, at the price that holds under the lock."""

    line_id: int
    item: Item


@limited("checkout", by="actor")
@service
def place_order(
    *,
    actor: User,
    form_key: str,
    seen_total: int,
    seen_lines: Mapping[int, int] | None = None,
    recipient: Recipient | None = None,
) -> Order:
    """Turn the cart of `actor`, who buys, into an order, its money into one hold a shipment, and empty the cart.

    `seen_total` (minor units) and `seen_lines` (product id → pieces) are what the page showed; lines
    that could not be bought then stay in the cart. Without `seen_lines` the whole cart is meant.
    The same `form_key` again returns the first order. Stock, prices and money are checked under
    their locks; anything off raises and leaves everything as it was: `Conflicts` with a `Problem`
    each, `InsufficientFunds`, `Invalid` (field "location") without a place to bring it to and (field
    "name", "phone" or "notes") without somebody to reach there, `PermissionDenied` for couriers and
    staff, `TooMany`.
    """
    number = new_public_id()
    payload = {
        "total": seen_total,
        "lines": sorted(seen_lines.items()) if seen_lines is not None else None,
        "recipient": asdict(recipient) if recipient else None,
    }
    done = idempotency.begin(
        form_key=form_key, user_id=actor.pk, action="checkout", payload=payload, result=number
    )
    if done:
        return Order.objects.get(number=done, buyer_id=actor.pk)
    authorize(actor, "orders.use_cart")
    cart = lock_cart(CartRef(user_id=actor.pk))
    rows = _read(cart.pk) if cart else []
    if not rows:
        raise StaleState(_("Your cart is empty. If you have just ordered, you find it under your orders."))
    products = lock_products([row["product_id"] for row in rows])
    prices = current_prices(list(products.values()), clock.now())
    wanted = _agree(rows, products, prices, seen_total, seen_lines, actor.pk)
    recipient, address = _destination(rows[0], recipient)
    CartLine.objects.filter(pk__in=[line.line_id for line in wanted]).delete()
    return write_order(
        actor=actor,
        buyer_id=actor.pk,
        number=number,
        items=[line.item for line in wanted],
        recipient=recipient,
        address=address,
        last_cart_line=max(line.line_id for line in wanted),
    )


def _read(cart_id: int) -> list[Row]:
    """The cart's lines with their buyer's profile, in one query. The cart is locked."""
    profile = "cart__user__profile"
    return list(
        CartLine.objects.filter(cart_id=cart_id)
        .order_by("pk")
        .values(
            "pk",
            "product_id",
            "quantity",
            "price_seen",
            email=F("cart__user__email"),
            name=F(f"{profile}__name"),
            phone=F(f"{profile}__phone"),
            address=F(f"{profile}__location_address"),
            lat=F(f"{profile}__location_lat"),
            lng=F(f"{profile}__location_lng"),
            notes=F(f"{profile}__access_notes"),
        )
    )


def _agree(
    rows: list[Row],
    products: Mapping[int, Product],
    prices: Mapping[int, int],
    seen_total: int,
    seen_lines: Mapping[int, int] | None,
    buyer_id: int,
) -> list[_Wanted]:
    """What is ordered, if it is what the buyer saw and can have; else `Conflicts` with every reason."""
    seen = {row["product_id"]: row["quantity"] for row in rows} if seen_lines is None else dict(seen_lines)
    problems: list[Problem] = []
    wanted: list[_Wanted] = []
    for row in rows:
        product = products.get(row["product_id"])
        if product is None:
            continue
        as_seen = seen.pop(product.pk, None)
        problem = _problem(row, product, prices[product.pk], as_seen, buyer_id)
        if problem:
            problems.append(problem)
        elif as_seen is not None:
            item = Item.of(product, quantity=row["quantity"], unit_price=prices[product.pk])
            wanted.append(_Wanted(row["pk"], item))
    if seen:
        problems.append(
            Problem(
                ProblemKind.CART_CHANGED,
                _("Something was taken out of your cart while you were looking at this page."),
            )
        )
    total = sum(line.item.total for line in wanted)
    if not problems and not wanted:
        raise StaleState(_("Nothing in your cart can be bought right now."))
    if total > MAX_MONEY:
        raise Invalid(_("That is more than one order can hold. Please order in parts."))
    if not problems and total > seen_total:
        sentence = _("The total has become %(total)s; you saw %(seen)s.") % {
            "total": format_money(total),
            "seen": format_money(seen_total),
        }
        problems.append(Problem(ProblemKind.TOTAL_RISEN, sentence))
    if problems:
        raise Conflicts(_("Nothing was ordered: something has changed."), problems)
    return wanted


def _problem(row: Row, product: Product, price: int, as_seen: int | None, buyer_id: int) -> Problem | None:
    """What is in the way of one line. `as_seen` is None if the page said that it is left out."""
    title, quantity = product.title, row["quantity"]
    is_buyable = product.status == ListingStatus.LIVE and product.stock > 0
    if as_seen is None:
        if not is_buyable:
            return None
        kind = ProblemKind.CART_CHANGED
        sentence = _("“%(title)s” has come into your cart, or back on sale, since.") % {"title": title}
    elif product.status != ListingStatus.LIVE:
        kind = ProblemKind.NOT_FOR_SALE
        sentence = _("“%(title)s” is not for sale at the moment.") % {"title": title}
    elif product.seller_id == buyer_id:
        kind = ProblemKind.NOT_FOR_SALE
        sentence = _("“%(title)s” is your own; you cannot buy it.") % {"title": title}
    elif product.stock == 0:
        kind, sentence = ProblemKind.SOLD_OUT, _("“%(title)s” is sold out.") % {"title": title}
    elif quantity != as_seen:
        kind = ProblemKind.CART_CHANGED
        sentence = _("“%(title)s”: your cart has %(now)d pieces now; the page said %(seen)d.") % {
            "title": title,
            "now": quantity,
            "seen": as_seen,
        }
    elif quantity > product.stock:
        kind = ProblemKind.SHORT
        sentence = ngettext(
            "“%(title)s”: only %(count)d is left; you want %(wanted)d.",
            "“%(title)s”: only %(count)d are left; you want %(wanted)d.",
            product.stock,
        ) % {"title": title, "count": product.stock, "wanted": quantity}
    elif price > row["price_seen"]:
        kind = ProblemKind.PRICE_RISEN
        sentence = _("“%(title)s” has gone up from %(old)s to %(new)s.") % {
            "title": title,
            "old": format_money(row["price_seen"]),
            "new": format_money(price),
        }
    else:
        return None
    return Problem(kind, sentence, product.pk)


def _destination(profile: Row, recipient: Recipient | None) -> tuple[Recipient, Address]:
    """Who opens which door: the saved location, and who the page said, or else the buyer."""
    place = Place.if_known(profile["lat"], profile["lng"])
    if not profile["address"] or place is None:
        raise Invalid(_("Please say where your parcels should go."), field="location")
    if recipient is None:
        name = profile["name"] or profile["email"][:120]
        recipient = Recipient(name, profile["phone"], profile["notes"])
    return recipient, Address(profile["address"], place)
