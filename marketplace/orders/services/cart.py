"""Filling and changing a cart. A cart promises nothing: stock and prices are settled at checkout.

Who acts is named by the cart itself: a `CartRef` is a signed-in person, or the token that only its visitor's
browser has. Whoever changes one locks its row, and with it is asked whether a person may have a cart
(`lock_cart`). How often is counted in the face, by person or address: a visitor can always take a new token.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import IntegrityError
from django.db.models import Count, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.accounts.models import BUYER_ROLES, User
from marketplace.common import clock, idempotency
from marketplace.common.authorisation import authorize
from marketplace.common.errors import Invalid, StaleState
from marketplace.common.locking import lock_all
from marketplace.common.transactions import service
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.errors import OwnGoods
from marketplace.orders.models import Cart, CartCoupon, CartLine
from marketplace.products.buying import is_for_sale, open_now, why_not
from marketplace.products.models import Variant, full_title
from marketplace.products.prices import prices_now
from marketplace.products.states import ListingStatus

COLUMNS = ("option1", "option2", "option3")
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


@dataclass(frozen=True)
class Pick:
    """A variant as a product's page names it: by its product and its option values, in the order of the options."""

    product_id: int
    values: tuple[str, ...] = ()

    def where(self) -> Q:
        """The variant, which there may not be."""
        return Q(product_id=self.product_id, **dict(zip(COLUMNS, (*self.values, "", "", ""), strict=False)))


def add_to_cart(
    *,
    cart: CartRef,
    variant_id: int | None = None,
    pick: Pick | None = None,
    quantity: int,
    form_key: str | None = None,
) -> Added:
    """Put `quantity` more pieces of a variant into the cart, which is made if there is none.

    The variant is `variant_id`, or what a page's form says, a `pick`. The same `form_key` (action "cart_add",
    subject: the product's pk; None for who has no form) again adds nothing. Raises `StaleState` if it cannot be
    bought now, `OwnGoods`, `KeyReused`, `Invalid` for more than there are, and past 99 pieces of a variant or
    100 variants, and, as every change of a cart does, `PermissionDenied` for couriers and staff: they have none.
    """
    add = partial(
        _add,
        cart=cart,
        which=pick.where() if pick else Q(pk=variant_id),
        wanted={"variant": variant_id, "values": pick.values if pick else (), "quantity": quantity},
        quantity=quantity,
        form_key=form_key,
        product_id=pick.product_id if pick else None,
    )
    try:
        return add()
    except IntegrityError:  # two first clicks at once: the other one has made the cart by now
        return add()


@service
def _add(
    *,
    cart: CartRef,
    which: Q,
    wanted: dict[str, object],
    quantity: int,
    form_key: str | None,
    product_id: int | None,
) -> Added:
    if form_key is not None:
        if product_id is None:
            product_id = Variant.objects.filter(which).values_list("product_id", flat=True).first()
        if idempotency.begin(
            form_key=form_key,
            user_id=cart.user_id,
            action="cart_add",
            subject=product_id,
            payload=wanted,
            result="added",
        ):
            return _as_it_is(cart, which)
    row = lock_cart(cart) or Cart.objects.create(**cart.owner)
    return put(row, cart, which, quantity)


def _as_it_is(cart: CartRef, which: Q) -> Added:
    """What a form that was sent before is answered: how much of it is in the cart now."""
    mine = CartLine.objects.filter(cart__in=Cart.objects.filter(cart.where()))
    variant = Variant.objects.select_related("product").get(which)
    line = mine.filter(variant=variant).first()
    return Added(
        title=title_of(variant),
        quantity=line.quantity if line else 0,
        pieces=mine.aggregate(pieces=Coalesce(Sum("quantity"), 0))["pieces"],
    )


def title_of(variant: Variant) -> str:
    """What a line calls it: its product's title, and what was chosen of it."""
    return full_title(variant.product.title, " / ".join(variant.values))


@service
def change_quantity(*, cart: CartRef, line_id: int, quantity: int) -> CartLine:
    """Make a line `quantity` pieces (1..99, no more than there are). Raises `Invalid`, `StaleState`."""
    row, line = _lock_line(cart, line_id)
    require_quantity(quantity)
    variant = line.variant
    if variant.product.status == ListingStatus.LIVE and quantity > line.quantity:
        require_stock(quantity, variant.stock)
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
    """Note that the shopper agreed to these prices (variant id → minor units), as the page showed them.

    A price that has risen again since stays to be accepted.
    """
    row = lock_cart(cart)
    if row is None:
        return
    lines = [line for line in CartLine.objects.filter(cart=row) if line.variant_id in prices]
    for line in lines:
        line.price_seen = prices[line.variant_id]
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
        CartLine.objects.filter(cart=visitor, variant__seller_id=user_id).delete()
        visitor.user_id, visitor.token_hash, visitor.updated_at = user_id, None, clock.now()
        visitor.save(update_fields=["user", "token_hash", "updated_at"])
        return
    kept = {line.variant_id: line for line in CartLine.objects.filter(cart=account)}
    changed: list[CartLine] = []
    new: list[CartLine] = []
    for line in CartLine.objects.filter(cart=visitor).select_related("variant"):
        limit = min(line.variant.stock, settings.CART_MAX_PIECES)
        if old := kept.get(line.variant_id):
            # Never fewer than the account had: what is too many now is said on the cart's page.
            old.quantity = max(old.quantity, min(old.quantity + line.quantity, limit))
            old.price_seen = line.price_seen
            changed.append(old)
        elif line.variant.seller_id != user_id and len(kept) + len(new) < settings.CART_MAX_LINES:
            line.pk, line.cart = None, account
            new.append(line)
    CartLine.objects.bulk_update(changed, ["quantity", "price_seen"])
    CartLine.objects.bulk_create(new)
    taken = CartCoupon.objects.filter(cart=account).values_list("seller_id")
    CartCoupon.objects.filter(cart=visitor).exclude(seller__in=list(taken)).update(cart=account)
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


def put(row: Cart, cart: CartRef, which: Q, quantity: int) -> Added:
    """Add pieces of one variant to a locked cart: two statements, however full it is.

    One more at the edge of a price window, where the sweep is late.
    """
    require_quantity(quantity)
    lines = CartLine.objects.filter(cart=row)
    whole = lines.order_by().values("cart")
    variant = (
        Variant.objects.filter(which)
        .select_related("product")
        .annotate(
            shop_is_open=open_now("seller__seller_profile"),
            # A cart that has just been made carries no role yet.
            role=Subquery(User.objects.filter(pk=cart.user_id).values("role")),
            in_cart=Coalesce(Subquery(lines.filter(variant=OuterRef("pk")).values("quantity")), 0),
            lines=Coalesce(Subquery(whole.annotate(n=Count("pk")).values("n")), 0),
            pieces=Coalesce(Subquery(whole.annotate(n=Sum("quantity")).values("n")), 0),
        )
        .first()
    )
    if variant is None:
        raise StaleState(_("This is not for sale at the moment."))
    if not is_for_sale(variant, is_open=variant.shop_is_open):
        raise StaleState(why_not(variant))
    if cart.user_id is not None:
        authorize(User(pk=cart.user_id, role=variant.role), "orders.use_cart")
    if variant.seller_id == cart.user_id:
        raise OwnGoods
    if variant.stock == 0:
        raise StaleState(_("“%(title)s” is sold out.") % {"title": title_of(variant)})
    total = variant.in_cart + quantity
    require_quantity(total)
    require_stock(total, variant.stock, variant.in_cart)
    if variant.in_cart:
        lines.filter(variant=variant).update(quantity=F("quantity") + quantity)
    elif variant.lines >= settings.CART_MAX_LINES:
        raise Invalid(
            _("Your cart is full: it holds %(count)d different products.")
            % {"count": settings.CART_MAX_LINES}
        )
    else:
        price = prices_now([variant], clock.now())[variant.pk]
        CartLine.objects.create(cart=row, variant=variant, quantity=quantity, price_seen=price)
    touch(row)
    return Added(title=title_of(variant), quantity=total, pieces=variant.pieces + quantity)


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
    line = (
        CartLine.objects.filter(cart=row, pk=line_id).select_related("variant__product").first()
        if row
        else None
    )
    if row is None or line is None:
        raise StaleState(_("This is no longer in your cart."))
    return row, line
