"""Where a courier fetches a shipment: frozen with the order, one door a shipment."""

from collections.abc import Sequence

from marketplace.accounts.models import Profile
from marketplace.accounts.pick_ups import PickUp, default_pick_up
from marketplace.common.places import Place
from marketplace.products.models import Product

from .models import Shipment


def frozen_columns(products: Sequence[Product]) -> dict[str, object]:
    """What the columns of a shipment of these locked products (`lock_variants`) of one seller say of its pick-up.

    The place that all of them name. Where they differ the seller brings them together at their default one: a
    shipment is one parcel, and a courier comes to one door. {} where the seller has named no place.
    """
    places = {product.fetch_public_id for product in products}
    if len(places) == 1:
        first = products[0]
        found = PickUp.of_row(vars(first)) if first.fetch_public_id else None
    else:
        found = default_pick_up(products[0].seller_id)
    if found is None or found.place is None:
        return {}
    return {
        "pick_up_label": found.label,
        "pick_up_name": found.name,
        "pick_up_phone": found.phone,
        "pick_up_address": found.address,
        "pick_up_notes": found.notes,
        "pick_up_lat": found.place.lat,
        "pick_up_lng": found.place.lng,
    }


def pick_up_of(shipment: Shipment, seller: Profile) -> PickUp:
    """Where a shipment is fetched, or comes back to: what it keeps, else where its seller is now."""
    if shipment.pick_up_lat is None or shipment.pick_up_lng is None:
        return PickUp.of_home(seller)
    return PickUp(
        label=shipment.pick_up_label,
        name=shipment.pick_up_name,
        phone=shipment.pick_up_phone,
        address=shipment.pick_up_address,
        notes=shipment.pick_up_notes,
        place=Place(shipment.pick_up_lat, shipment.pick_up_lng),
    )
