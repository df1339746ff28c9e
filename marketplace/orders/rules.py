"""Who may do what with orders and shipments (docs/permissions.md)."""

import rules

from marketplace.accounts.models import User

from .models import Order, Shipment


@rules.predicate
def may_buy(user: User) -> bool:
    return user.may_buy


@rules.predicate
def is_store_staff(user: User) -> bool:
    return user.is_store_staff


@rules.predicate
def is_its_buyer(user: User, subject: Order | Shipment | None) -> bool:
    if subject is None:
        return False
    order = subject if isinstance(subject, Order) else subject.order
    return order.buyer_id == user.pk


@rules.predicate
def is_its_seller(user: User, shipment: Shipment | None) -> bool:
    return shipment is not None and shipment.seller_id == user.pk


rules.add_perm("orders.use_cart", may_buy)
rules.add_perm("orders.reorder", may_buy & is_its_buyer)
rules.add_perm("orders.cancel_shipment", is_its_buyer | is_its_seller | is_store_staff)
rules.add_perm("orders.pack_shipment", is_its_seller | is_store_staff)
# The buyer says "all is fine"; staff say why. Never the seller, who is paid by it, wherever they work now.
rules.add_perm("orders.complete_shipment", is_its_buyer | (is_store_staff & ~is_its_seller))
