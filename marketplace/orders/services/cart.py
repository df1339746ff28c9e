"""Filling and changing a cart. A cart promises nothing: stock and prices are settled at checkout.

Who acts is named by the cart itself: a `CartRef` is a signed-in person, or the token that only its visitor's
browser has. Whoever changes one locks its row, and with it is asked whether a person may have a cart
(`lock_cart`). How often is counted in the face, by person or address: a visitor can always take a new token.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError
from django.db.models import Count, F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.accounts.models import BUYER_ROLES, User
from marketplace.common import clock
from marketplace.common.authorisation import authorize
from marketplace.common.errors import Invalid, StaleState
from marketplace.common.locking import lock_all
from marketplace.common.transactions import service
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.models import Cart, CartLine
from marketplace.products.models import Product
from marketplace.products.prices import prices_now
from marketplace.products.states import ListingStatus

VISITOR_CARTS_LIVE = timedelta(days=30)
# `updated_at` only tells the sweep that somebody still comes by, so once in this time is enough.
TOUCH_EVERY = timedelta(hours=1)
FORGET_AT_ONCE = 500


@dataclass(frozen=True)
class Added:
    """What `add_to_cart` did: the line as it is now and the pieces in the whole cart."""

    title: str
    quantity: int
    pieces: int


def add_to_cart(*, cart: CartRef, product_id: int, quantity: int) -> Added:
    """Put `quantity` more pieces of a product into the cart, which is made if there is none.

    Raises `StaleState` if the product cannot be bought now, `Invalid` for one's own goods, for more
    than there are, and past 99 pieces of a product or 100 products, and, as every change of a cart
    does, `PermissionDenied` for couriers and staff: they have none.
    """
    try:
        return _add(cart=cart, product_id=product_id, quantity=quantity)
    except IntegrityError:  # two first clicks at once: the other one has made the cart by now
        return _add(cart=cart, product_id=product_id, quantity=quantity)


@service
def _add(*, cart: CartRef, product_id: int, quantity: int) -> Added:
    row = lock_cart(cart) or Cart.objects.create(**cart.owner)
    return put(row, cart, product_id, quantity)


@service
def change_quantity(*, cart: CartRef, line_id: int, quantity: int) -> CartLine:
    """Make a line `quantity` pieces (1..99, no more than there are). Raises `Invalid`, `StaleState`."""
    row, line = _lock_line(cart, line_id)
    require_quantity(quantity)
    product = line.product
    if product.status == ListingStatus.LIVE and quantity > line.quantity:
        require_stock(quantity, product.stock)
    line.quantity = quantity
    line.save(update_fields=["quantity"])
    touch(row)
    return line


@service
def remove_line(*, cart: CartRef, line_id: int) -> None:
    """Take a line out of the cart; one that is gone already is a success."""
    row = lock_cart(cart)
    if row is not None and CartLine.objects.filter(cart=row, pk=line_id).delete()[0]:
        touch(row)


@service
def accept_prices(*, cart: CartRef, prices: Mapping[int, int]) -> None:
    """Note that the shopper agreed to these prices (product id → minor units), as the page showed them.

    A price that has risen again since stays to be accepted.
    """
    row = lock_cart(cart)
    if row is None:
        return
    lines = [line for line in CartLine.objects.filter(cart=row) if line.product_id in prices]
    for line in lines:
        line.price_seen = prices[line.product_id]
    CartLine.objects.bulk_update(lines, ["price_seen"])
    touch(row)


def merge_carts(*, actor: User, token: str) -> None:
    """Move a visitor's cart into the account of `actor`, who has just signed in.

    Quantities add up, to the stock or 99 at most. People who may not buy keep the visitor's cart
    untouched; one's own goods and what goes past 100 lines are left out. Repeating it changes nothing.
    """
    try:
        _merge(user_id=actor.pk, token=token)
    except IntegrityError:  # another device has made the account's cart by now
        _merge(user_id=actor.pk, token=token)


@service
def _merge(*, user_id: int, token: str) -> None:
    mine, theirs = CartRef(user_id=user_id), CartRef(token=token)
    carts = {cart.user_id: cart for cart in lock_all(Cart.objects.filter(mine.where() | theirs.where()))}
    visitor, account = carts.get(None), carts.get(user_id)
    if visitor is None or not User.objects.filter(pk=user_id, role__in=BUYER_ROLES).exists():
        return
    if account is None:
        CartLine.objects.filter(cart=visitor, product__seller_id=user_id).delete()
        visitor.user_id, visitor.token_hash, visitor.updated_at = user_id, None, clock.now()
        visitor.save(update_fields=["user", "token_hash", "updated_at"])
        return
    kept = {line.product_id: line for line in CartLine.objects.filter(cart=account)}
    changed: list[CartLine] = []
    new: list[CartLine] = []
    for line in CartLine.objects.filter(cart=visitor).select_related("product"):
        limit = min(line.product.stock, settings.CART_MAX_PIECES)
        if old := kept.get(line.product_id):
            # Never fewer than the account had: what is too many now is said on the cart's page.
            old.quantity = max(old.quantity, min(old.quantity + line.quantity, limit))
            old.price_seen = line.price_seen
            changed.append(old)
        elif line.product.seller_id != user_id and len(kept) + len(new) < settings.CART_MAX_LINES:
            line.pk, line.cart = None, account
            new.append(line)
    CartLine.objects.bulk_update(changed, ["quantity", "price_seen"])
    CartLine.objects.bulk_create(new)
    visitor.delete()
    touch(account)


@service
def forget_old_carts(now: datetime) -> int:
    """Sweep: delete visitors' carts that nobody has touched for 30 days. Returns how many."""
    old = Cart.objects.filter(user__isnull=True, updated_at__lt=now - VISITOR_CARTS_LIVE)
    some = list(old.values_list("pk", flat=True)[:FORGET_AT_ONCE])
    ids = [cart.pk for cart in lock_all(old.filter(pk__in=some))]
    CartLine.objects.filter(cart_id__in=ids).delete()
    Cart.objects.filter(pk__in=ids).delete()
    return len(ids)


def lock_cart(cart: CartRef) -> Cart | None:
    """Lock the cart's row; whoever changes or orders its lines holds it.

    Raises `PermissionDenied` if it belongs to somebody who may not buy: the row carries their role.
    """
    role = User.objects.filter(pk=OuterRef("user_id")).values("role")
    rows = lock_all(Cart.objects.filter(cart.where()).annotate(role=Subquery(role)))
    if not rows:
        return None
    if cart.user_id is not None:
        role_now = rows[0].role  # type: ignore[attr-defined]  # annotated above
        authorize(User(pk=cart.user_id, role=role_now), "orders.use_cart")
    return rows[0]


def touch(row: Cart) -> None:
    """Remember that the cart is in use."""
    now = clock.now()
    if row.updated_at < now - TOUCH_EVERY:
        row.updated_at = now
        row.save(update_fields=["updated_at"])


def put(row: Cart, cart: CartRef, product_id: int, quantity: int) -> Added:
    """Add pieces of one product to a locked cart: two statements, however full it is.

    One more at the edge of a price window, where the sweep is late.
    """
    require_quantity(quantity)
    lines = CartLine.objects.filter(cart=row)
    whole = lines.order_by().values("cart")
    product = (
        Product.objects.filter(pk=product_id)
        .annotate(
            # A cart that has just been made carries no role yet.
            role=Subquery(User.objects.filter(pk=cart.user_id).values("role")),
            in_cart=Coalesce(Subquery(lines.filter(product=OuterRef("pk")).values("quantity")), 0),
            lines=Coalesce(Subquery(whole.annotate(n=Count("pk")).values("n")), 0),
            pieces=Coalesce(Subquery(whole.annotate(n=Sum("quantity")).values("n")), 0),
        )
        .first()
    )
    if product is None or product.status != ListingStatus.LIVE:
        raise StaleState(_("This is not for sale at the moment."))
    if cart.user_id is not None:
        authorize(User(pk=cart.user_id, role=product.role), "orders.use_cart")
    if product.seller_id == cart.user_id:
        raise Invalid(_("These are your own goods; you cannot buy them."))
    if product.stock == 0:
        raise StaleState(_("“%(title)s” is sold out.") % {"title": product.title})
    total = product.in_cart + quantity
    require_quantity(total)
    require_stock(total, product.stock, product.in_cart)
    if product.in_cart:
        lines.filter(product=product).update(quantity=F("quantity") + quantity)
    elif product.lines >= settings.CART_MAX_LINES:
        raise Invalid(
            _("Your cart is full: it holds %(count)d different products.")
            % {"count": settings.CART_MAX_LINES}
        )
    else:
        price = prices_now([product], clock.now())[product.pk]
        CartLine.objects.create(cart=row, product=product, quantity=quantity, price_seen=price)
    touch(row)
    return Added(title=product.title, quantity=total, pieces=product.pieces + quantity)


def require_quantity(quantity: int) -> None:
    """Raise `Invalid` unless a line may hold so many pieces."""
    if not 1 <= quantity <= settings.CART_MAX_PIECES:
        raise Invalid(
            _("You can have between 1 and %(most)d pieces of a product.")
            % {"most": settings.CART_MAX_PIECES},
            field="quantity",
        )


def require_stock(quantity: int, stock: int, in_cart: int = 0) -> None:
    """Raise `Invalid` if there are fewer than `quantity` pieces."""
    if quantity <= stock:
        return
    sentence = ngettext("Only %(count)d is left.", "Only %(count)d are left.", stock) % {"count": stock}
    if in_cart:
        sentence += " " + ngettext(
            "You have %(count)d in your cart.", "You have %(count)d in your cart.", in_cart
        ) % {"count": in_cart}
    raise Invalid(sentence, field="quantity")


def _lock_line(cart: CartRef, line_id: int) -> tuple[Cart, CartLine]:
    row = lock_cart(cart)
    line = CartLine.objects.filter(cart=row, pk=line_id).select_related("product").first() if row else None
    if row is None or line is None:
        raise StaleState(_("This is no longer in your cart."))
    return row, line
