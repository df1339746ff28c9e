"""The seller's workspace, one module an area."""

from .home import home
from .shipments import pack, reissue, shipment

__all__ = ["home", "pack", "reissue", "shipment"]
