"""Which of a seller's pick-up places a listing's pieces are fetched at."""

from django.utils.translation import gettext as _

from marketplace.accounts.saved import AddressKind
from marketplace.accounts.selectors import addresses_of
from marketplace.common.authorisation import Actor
from marketplace.common.errors import Invalid
from marketplace.common.transactions import service
from marketplace.products.models import Product

from .locked import edit_own


@service
def choose_pick_up(*, product_id: int, place: str, actor: Actor) -> Product:
    """Fetch this listing's pieces at the seller's pick-up place with the public id `place`; "" is the default one.

    Shoppers are told nothing of it, so it needs no review; orders keep the place that they were made with.
    Repeating it changes nothing. Raises `Invalid` (field "place") for one that is not theirs, `StaleState` for an
    archived listing, `PermissionDenied`, `Product.DoesNotExist`.
    """
    product = edit_own(product_id, actor, "products.choose_pick_up")
    places = addresses_of(product.seller_id, AddressKind.PICK_UP)
    chosen = places.filter(public_id=place).first() if place else None
    if place and chosen is None:
        raise Invalid(_("This place is saved no more. Please choose another one."), field="place")
    product.pick_up = chosen
    product.save(update_fields=["pick_up"])
    return product
