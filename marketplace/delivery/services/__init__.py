"""What can be done with parcels on their way. A module a use case."""

from marketplace.delivery.places import Place

from .claiming import claim_shipment, give_back, pick_up, sort_jobs
from .confirming import Confirmation, Result, confirm_delivery, confirm_scan
from .failing import fail_attempt
from .proofs import reissue_proof
from .reading import note_address_read

__all__ = [
    "Confirmation",
    "Place",
    "Result",
    "claim_shipment",
    "confirm_delivery",
    "confirm_scan",
    "fail_attempt",
    "give_back",
    "note_address_read",
    "pick_up",
    "reissue_proof",
    "sort_jobs",
]
