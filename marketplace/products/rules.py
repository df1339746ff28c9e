"""Who may do what with listings (docs/permissions.md)."""

import rules

from marketplace.accounts.models import User

from .models import Product, SaleEvent
from .states import ListingStatus


@rules.predicate
def owns_product(user: User, product: Product | None) -> bool:
    return product is not None and product.seller_id == user.pk


@rules.predicate
def owns_event(user: User, event: SaleEvent | None) -> bool:
    return event is not None and event.seller_id == user.pk


@rules.predicate
def is_draft(user: User, product: Product | None) -> bool:
    return product is not None and product.status == ListingStatus.DRAFT


@rules.predicate
def is_seller(user: User) -> bool:
    return user.is_seller


@rules.predicate
def is_store_staff(user: User) -> bool:
    return user.is_store_staff


# A listing begins as a draft of its seller; one that is live at once comes through the store's own doors.
rules.add_perm("products.create_product", is_seller & owns_product & is_draft)
rules.add_perm("products.edit_product", is_seller & owns_product)
rules.add_perm("products.submit_product", is_seller & owns_product)
rules.add_perm("products.run_sale_event", is_seller)
rules.add_perm("products.end_sale_event", is_store_staff | (is_seller & owns_event))
rules.add_perm("products.choose_pick_up", is_seller & owns_product)
rules.add_perm("products.move_product", is_seller & owns_product)
rules.add_perm("products.duplicate_product", is_seller & owns_product)
for action in (
    "publish_product",
    "create_category",
    "move_category",
    "set_tax_class",
    "create_brand",
    "create_sale_event",
):
    rules.add_perm(f"products.{action}", is_store_staff)
