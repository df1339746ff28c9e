"""The doors of the seller's workspace."""

from .things import Address, a_parcel

ADDRESSES: dict[str, Address] = {
    "seller_dashboard:parcel": a_parcel,
    "seller_dashboard:parcel_pack": a_parcel,
    "seller_dashboard:parcel_reissue": a_parcel,
}
