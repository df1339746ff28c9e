"""A seller's own product, locked and asked for."""

from django.utils.translation import gettext as _

from marketplace.common import clock
from marketplace.common.authorisation import Actor, System, authorize
from marketplace.common.errors import StaleState
from marketplace.products.edit_states import STAGED
from marketplace.products.locking import lock_products
from marketplace.products.models import Product
from marketplace.products.states import ListingStatus

from .keeping import keep_what_it_says, was_sold

EDITABLE = (ListingStatus.DRAFT, ListingStatus.CHANGES_REQUESTED)
"""In which a listing's seller changes what it says directly; what shoppers have seen is changed by an edit."""


def lock_own(product_id: int, actor: Actor, permission: str) -> Product:
    """The locked product with its `locked_variants`, if `actor` may do this with it.

    Raises `PermissionDenied`, `Product.DoesNotExist`.
    """
    product = lock_products([product_id]).get(product_id)
    if product is None:
        raise Product.DoesNotExist(f"Product {product_id}")
    authorize(actor, permission, product)
    return product


def edit_own(product_id: int, actor: Actor, permission: str = "products.edit_product") -> Product:
    """As `lock_own`, for a change. Raises `StaleState` where it is archived: what was stays as it was."""
    product = lock_own(product_id, actor, permission)
    if product.status == ListingStatus.ARCHIVED:
        raise StaleState(_("This listing is archived. Duplicate it to sell such a thing again."))
    return product


def require_editable(actor: Actor, product: Product) -> None:
    """Raise unless `actor` may change what this listing says: `PermissionDenied`, `StaleState`."""
    authorize(actor, "products.edit_product", product)
    if product.status == ListingStatus.PENDING:
        raise StaleState(_("It is being reviewed. Take it back first, then change it."))
    if product.status not in EDITABLE:
        raise StaleState(
            _("What a listing says that shoppers have seen is changed by an edit that we confirm.")
        )


def edit_unseen(product_id: int, actor: Actor) -> Product:
    """As `edit_own`, for a change of what a listing says or shows: by its seller before shoppers see it, and by the
    store's own doors always. What somebody has bought is kept for their order first.

    Raises `StaleState`, `PermissionDenied`, `Product.DoesNotExist`.
    """
    product = edit_own(product_id, actor)
    if not isinstance(actor, System):
        require_editable(actor, product)
    elif product.status in STAGED and was_sold(product):
        keep_what_it_says(product, clock.now())
        product.save(update_fields=["content_number"])
    return product
