"""From a cart to an order: one transaction, all of it or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.db.models import F, FilteredRelation, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.accounts.address_book import AddressWish, add_to_book, lock_book
from marketplace.accounts.models import User
from marketplace.accounts.saved import AddressKind
from marketplace.common import clock, idempotency
from marketplace.common.authorisation import authorize
from marketplace.common.errors import Conflicts, Invalid, StaleState
from marketplace.common.ids import new_public_id
from marketplace.common.limits import limited
from marketplace.common.money import MAX_MONEY, format_money
from marketplace.common.places import Place
from marketplace.common.prepared import Prepared
from marketplace.common.transactions import service
from marketplace.coupons.models import Coupon
from marketplace.coupons.selectors import used_by
from marketplace.coupons.services.steps import lock_coupons
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.coupons import InCart, applied, coupon_column, coupons_in
from marketplace.orders.delivering import Piece, quotes_of, too_far
from marketplace.orders.errors import Problem, ProblemKind
from marketplace.orders.models import CartCoupon, CartLine, Order
from marketplace.products.buying import is_for_sale, why_not
from marketplace.products.models import Variant
from marketplace.products.prices import current_prices
from marketplace.products.services import lock_variants
from marketplace.rates.pricing import Quote
from marketplace.rates.selectors import newest_column, start_columns, table_in

from .cart import lock_cart, title_of
from .placing import Address, Item, Recipient, destination_of, write_order

Row = Mapping[str, Any]  # a line of the cart with its buyer's profile, as `_read` finds it


@dataclass(frozen=True)
class _Wanted:
    """A line of the cart that is being ordered, at the price that holds under the lock."""

    row: Row
    item: Item

    @property
    def line_id(self) -> int:
        return int(self.row["pk"])


@limited("checkout", by="actor")
@service
def place_order(
    *,
    actor: User,
    form_key: str,
    seen_total: int,
    seen_lines: Mapping[int, int] | None = None,
    seen_delivery: int | None = None,
    recipient: Recipient | None = None,
    to: str = "",
    new_address: AddressWish | None = None,
    keeps_address: bool = False,
) -> Order:
    """Turn the cart of `actor`, who buys, into an order, its money into one hold a shipment, and empty the cart.

    `seen_total` (minor units), `seen_delivery` (how much of it is for delivery) and `seen_lines` (variant id →
    pieces) are what the page showed; lines that could not be bought then stay in the cart. Without `seen_lines`
    the whole cart is meant, without `seen_delivery` only the total is compared.
    It goes to the saved address with the public id `to`, or to `new_address`, which is saved as well if
    `keeps_address`; else to the default address.
    The same `form_key` again returns the first order. Stock, prices and money are checked under
    their locks; anything off raises and leaves everything as it was: `Conflicts` with a `Problem`
    each (as is a coupon in the cart that takes nothing off, or was changed since it was put in),
    `InsufficientFunds`, `Invalid` (field "location") without a place to bring it to, (field "to")
    for an address that is saved no more, (its field) for a bad new one and (field "name", "phone" or
    "notes") without somebody to reach there, `PermissionDenied` for couriers and
    staff, `TooMany`.
    """
    number = new_public_id()
    payload: dict[str, object] = {
        "total": seen_total,
        "lines": sorted(seen_lines.items()) if seen_lines is not None else None,
        "recipient": asdict(recipient) if recipient else None,
    }
    # Said only where something is: a form of the release before says the same as ever.
    payload |= {"to": to} if to else {}
    payload |= {"new": asdict(new_address), "keeps": keeps_address} if new_address else {}
    if seen_delivery:
        payload["delivery"] = seen_delivery
    done = idempotency.begin(
        form_key=form_key, user_id=actor.pk, action="checkout", payload=payload, result=number
    )
    if done:
        return Order.objects.get(number=done, buyer_id=actor.pk)
    authorize(actor, "orders.use_cart")
    cart = lock_cart(CartRef(user_id=actor.pk))
    rows = _read(cart_id=cart.pk, to=to) if cart else []
    if not rows:
        raise StaleState(_("Your cart is empty. If you have just ordered, you find it under your orders."))
    recipient, address = _destination(rows[0], recipient, to, new_address)
    if new_address and keeps_address:
        add_to_book(lock_book(actor.pk), kind=AddressKind.DOOR, wish=new_address)
    in_cart = coupons_in(rows)
    coupons = lock_coupons(coupon.coupon_id for coupon in in_cart.values()) if in_cart else {}
    variants = lock_variants([row["variant_id"] for row in rows])
    prices = current_prices(variants.values(), clock.now())
    wanted = _agree(rows, variants, prices, seen_lines, actor.pk)
    if in_cart:
        wanted, coupons = _reduce(wanted, in_cart, coupons, actor.pk)
    deliveries = _deliveries(wanted, address.place, seen_total, seen_delivery)
    CartLine.objects.filter(pk__in=[line.line_id for line in wanted]).delete()
    if in_cart:
        CartCoupon.objects.filter(cart=cart, seller__in={line.item.seller_id for line in wanted}).delete()
    return write_order(
        actor=actor,
        buyer_id=actor.pk,
        number=number,
        items=[line.item for line in wanted],
        recipient=recipient,
        address=address,
        deliveries=deliveries,
        coupons=coupons,
        last_cart_line=max(line.line_id for line in wanted),
    )


def _lines(cart_id: int, to: str) -> QuerySet[Any, Any]:
    """A cart's lines with their buyer's profile and the chosen address, and all that a delivery is worked out of."""
    profile, saved = "cart__user__profile", "cart__user__saved_addresses"
    chosen = FilteredRelation(
        saved, condition=Q(**{f"{saved}__public_id": to, f"{saved}__kind": AddressKind.DOOR})
    )
    return (
        CartLine.objects.filter(cart_id=cart_id)
        .annotate(chosen=chosen)
        .order_by("pk")
        .values(
            "pk",
            "variant_id",
            "quantity",
            "price_seen",
            email=F("cart__user__email"),
            name=F(f"{profile}__name"),
            phone=F(f"{profile}__phone"),
            address=F(f"{profile}__location_address"),
            lat=F(f"{profile}__location_lat"),
            lng=F(f"{profile}__location_lng"),
            notes=F(f"{profile}__access_notes"),
            chosen_address=F("chosen__address"),
            chosen_lat=F("chosen__lat"),
            chosen_lng=F("chosen__lng"),
            chosen_name=F("chosen__name"),
            chosen_phone=F("chosen__phone"),
            chosen_notes=F("chosen__notes"),
            seller_id=F("variant__seller_id"),
            shop=F("variant__seller__seller_profile__shop_name"),
            rates=newest_column(),
            coupon=coupon_column(),
            **start_columns("variant__"),
        )
    )


# Asked under the cart's lock: written once.
_read = Prepared(_lines, cart_id=int, to=str)


def _agree(
    rows: Sequence[Row],
    variants: Mapping[int, Variant],
    prices: Mapping[int, int],
    seen_lines: Mapping[int, int] | None,
    buyer_id: int,
) -> list[_Wanted]:
    """What is ordered, if it is what the buyer saw and can have; else `Conflicts` with every reason."""
    seen = {row["variant_id"]: row["quantity"] for row in rows} if seen_lines is None else dict(seen_lines)
    problems: list[Problem] = []
    wanted: list[_Wanted] = []
    for row in rows:
        variant = variants.get(row["variant_id"])
        if variant is None:
            continue
        as_seen = seen.pop(variant.pk, None)
        problem = _problem(row, variant, prices[variant.pk], as_seen, buyer_id)
        if problem:
            problems.append(problem)
        elif as_seen is not None:
            item = Item(variant, quantity=row["quantity"], unit_price=prices[variant.pk])
            wanted.append(_Wanted(row, item))
    if seen:
        problems.append(
            Problem(
                ProblemKind.CART_CHANGED,
                _("Something was taken out of your cart while you were looking at this page."),
            )
        )
    if not problems and not wanted:
        raise StaleState(_("Nothing in your cart can be bought right now."))
    if problems:
        raise Conflicts(_("Nothing was ordered: something has changed."), problems)
    return wanted


def _reduce(
    wanted: list[_Wanted], in_cart: Mapping[int, InCart], coupons: Mapping[int, Coupon], buyer_id: int
) -> tuple[list[_Wanted], dict[int, Coupon]]:
    """What is ordered with what its sellers' locked coupons take off, and seller → the coupon that did.

    `Conflicts` with the reason of each that takes nothing off any more.
    """
    sellers = {line.item.seller_id for line in wanted}
    used, now = used_by(buyer_id, coupons), clock.now()
    problems: list[Problem] = []
    off: dict[int, int] = {}
    taken: dict[int, Coupon] = {}
    for seller_id, one in in_cart.items():
        if seller_id not in sellers:
            continue
        result = applied(
            coupons[one.coupon_id],
            costs={
                line.item.variant.pk: line.item.total for line in wanted if line.item.seller_id == seller_id
            },
            used_by_person=used.get(one.coupon_id, 0),
            now=now,
            version_seen=one.version_seen,
        )
        if result.why_not:
            problems.append(Problem(ProblemKind.COUPON, result.why_not))
        elif result.off:
            off |= result.lines
            taken[seller_id] = result.coupon
    if problems:
        raise Conflicts(_("Nothing was ordered: something has changed."), problems)
    reduced = [
        replace(line, item=replace(line.item, coupon_off=off.get(line.item.variant.pk, 0))) for line in wanted
    ]
    return reduced, taken


def _deliveries(
    wanted: list[_Wanted], door: Place, seen_total: int, seen_delivery: int | None
) -> dict[int, Quote]:
    """Seller → what the delivery costs by the table that holds now, if the buyer saw as much of it and of the total."""
    pieces = [Piece(line.item.seller_id, line.item.total, line.row) for line in wanted]
    quotes = quotes_of(table_in(wanted[0].row), pieces, door)
    shops = {line.item.seller_id: line.row["shop"] or "" for line in wanted}
    problems = [
        Problem(ProblemKind.TOO_FAR, too_far(shops[seller_id]))
        for seller_id, quote in quotes.items()
        if quote.is_too_far
    ]
    delivery = sum(quote.terms.buyer for quote in quotes.values())
    total = sum(line.item.total for line in wanted) + delivery
    if total > MAX_MONEY:
        raise Invalid(_("That is more than one order can hold. Please order in parts."))
    if not problems and seen_delivery is not None and delivery > seen_delivery:
        sentence = _("The delivery costs %(now)s now; you saw %(seen)s.")
        if not seen_delivery:
            sentence = _("The delivery costs %(now)s now; it was free when you looked.")
        amounts = {"now": format_money(delivery), "seen": format_money(seen_delivery)}
        problems.append(Problem(ProblemKind.DELIVERY_RISEN, sentence % amounts))
    elif not problems and total > seen_total:
        sentence = _("The total has become %(total)s; you saw %(seen)s.")
        amounts = {"total": format_money(total), "seen": format_money(seen_total)}
        problems.append(Problem(ProblemKind.TOTAL_RISEN, sentence % amounts))
    if problems:
        raise Conflicts(_("Nothing was ordered: something has changed."), problems)
    return quotes


def _problem(row: Row, variant: Variant, price: int, as_seen: int | None, buyer_id: int) -> Problem | None:
    """What is in the way of one line. `as_seen` is None if the page said that it is left out."""
    title, quantity = title_of(variant), row["quantity"]
    is_live = is_for_sale(variant, is_open=variant.product.shop_is_open)
    if as_seen is None:
        if not (is_live and variant.stock):
            return None
        kind = ProblemKind.CART_CHANGED
        sentence = _("“%(title)s” has come into your cart, or back on sale, since.") % {"title": title}
    elif not is_live:
        kind = ProblemKind.NOT_FOR_SALE
        sentence = _("“%(title)s” is not for sale at the moment.") % {"title": title}
        if is_for_sale(variant, is_open=True):
            sentence = _("“%(title)s” cannot be bought: %(why)s") % {"title": title, "why": why_not(variant)}
    elif variant.seller_id == buyer_id:
        kind = ProblemKind.NOT_FOR_SALE
        sentence = _("“%(title)s” is your own; you cannot buy it.") % {"title": title}
    elif variant.stock == 0:
        kind, sentence = ProblemKind.SOLD_OUT, _("“%(title)s” is sold out.") % {"title": title}
    elif quantity != as_seen:
        kind = ProblemKind.CART_CHANGED
        sentence = _("“%(title)s”: your cart has %(now)d pieces now; the page said %(seen)d.") % {
            "title": title,
            "now": quantity,
            "seen": as_seen,
        }
    elif quantity > variant.stock:
        kind = ProblemKind.SHORT
        sentence = ngettext(
            "“%(title)s”: only %(count)d is left; you want %(wanted)d.",
            "“%(title)s”: only %(count)d are left; you want %(wanted)d.",
            variant.stock,
        ) % {"title": title, "count": variant.stock, "wanted": quantity}
    elif price > row["price_seen"]:
        kind = ProblemKind.PRICE_RISEN
        sentence = _("“%(title)s” has gone up from %(old)s to %(new)s.") % {
            "title": title,
            "old": format_money(row["price_seen"]),
            "new": format_money(price),
        }
    else:
        return None
    return Problem(kind, sentence, variant.pk)


def _destination(
    row: Row, recipient: Recipient | None, to: str, new_address: AddressWish | None
) -> tuple[Recipient, Address]:
    """Which door, and who opens it: who the page said, or whom the address names, or else the buyer."""
    if new_address is not None:
        door = destination_of(new_address)
        name, phone, notes = new_address.name, new_address.phone, new_address.notes
    elif to:
        place = Place.if_known(row["chosen_lat"], row["chosen_lng"])
        if place is None:
            raise Invalid(_("This address is saved no more. Please choose another one."), field="to")
        door = Address(row["chosen_address"], place)
        name, phone, notes = row["chosen_name"], row["chosen_phone"], row["chosen_notes"]
    else:
        place = Place.if_known(row["lat"], row["lng"])
        if not row["address"] or place is None:
            raise Invalid(_("Please say where your parcels should go."), field="location")
        door, name, phone, notes = Address(row["address"], place), "", "", row["notes"]
    if recipient is None:
        recipient = Recipient(name or row["name"] or row["email"][:120], phone or row["phone"], notes)
    return recipient, door
