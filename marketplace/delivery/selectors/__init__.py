"""What is read of parcels on their way and of couriers' work, and by whom."""

from .live import order_stamp, shipment_stamp
from .needs import Need, needs_of_buyer
from .photos import photo_by_id, visible_photos
from .proofs import Handover, ProofView, proof_for_buyer, proof_for_seller
from .shipments import ShipmentView, shipment_of_seller
from .tracking import TrackView, shipment_by_token, track_view, tracking_token
from .ways import Try, Way, ways_of

__all__ = [
    "Handover",
    "Need",
    "ProofView",
    "ShipmentView",
    "TrackView",
    "Try",
    "Way",
    "needs_of_buyer",
    "order_stamp",
    "photo_by_id",
    "proof_for_buyer",
    "proof_for_seller",
    "shipment_by_token",
    "shipment_of_seller",
    "shipment_stamp",
    "track_view",
    "tracking_token",
    "visible_photos",
    "ways_of",
]
