"""The doors of the seller's workspace."""

from .things import Address, a_shipment

ADDRESSES: dict[str, Address] = {
    "seller_dashboard:parcel": a_shipment,
    "seller_dashboard:parcel_pack": a_shipment,
    "seller_dashboard:parcel_reissue": a_shipment,
}
