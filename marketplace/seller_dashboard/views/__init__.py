"""The seller's workspace, one module an area."""

from .home import home
from .parcels import parcel, parcel_pack, parcel_reissue

__all__ = ["home", "parcel", "parcel_pack", "parcel_reissue"]
