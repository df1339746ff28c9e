"""The doors of the house itself."""

from .things import Address, the_shipment

ADDRESSES: dict[str, Address] = {
    "photo": lambda world, state: {"public_id": world.photo_of(the_shipment(world, state))},
}
