"""What can be done with parcels on their way. A module a use case."""

from marketplace.common.places import Place
from marketplace.orders.services.cancelling import require_cancellable

from .arriving import arrive, require_arrivable
from .cancelling import cancel_line, cancel_overdue, cancel_shipment
from .claiming import claim_consignment, claim_shipment, give_back, pick_up, sort_jobs
from .completing import complete_shipment, require_completable
from .confirming import Confirmation, Result, confirm_delivery, confirm_scan
from .earnings import release_earnings
from .failing import fail_attempt
from .proofs import reissue_proof
from .readdressing import change_order_address, require_readdressable
from .reading import note_address_read
from .reassigning import reassign
from .stepping_in import bypass_proof, lift_suspension, send_back, void_attempt

__all__ = [
    "Confirmation",
    "Place",
    "Result",
    "arrive",
    "bypass_proof",
    "cancel_line",
    "cancel_overdue",
    "cancel_shipment",
    "change_order_address",
    "claim_consignment",
    "claim_shipment",
    "complete_shipment",
    "confirm_delivery",
    "confirm_scan",
    "fail_attempt",
    "give_back",
    "lift_suspension",
    "note_address_read",
    "pick_up",
    "reassign",
    "reissue_proof",
    "release_earnings",
    "require_arrivable",
    "require_cancellable",
    "require_completable",
    "require_readdressable",
    "send_back",
    "sort_jobs",
    "void_attempt",
]
