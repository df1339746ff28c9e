"""Who may do what with listings (docs/permissions.md)."""

import rules
from django.contrib.auth.models import AbstractBaseUser

from .models import Product


@rules.predicate
def owns_product(user: AbstractBaseUser, product: Product | None) -> bool:
    return product is not None and product.seller_id == user.pk


@rules.predicate
def is_seller(user: AbstractBaseUser) -> bool:
    return user.is_seller


@rules.predicate
def is_store_staff(user: AbstractBaseUser) -> bool:
    return user.is_store_staff


rules.add_perm("products.edit_product", is_seller & owns_product)
rules.add_perm("products.submit_product", is_seller & owns_product)
rules.add_perm("products.publish_product", is_store_staff)
