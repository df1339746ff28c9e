"""Couriers carry parcels and prove it; buyers and staff step in."""

from typing import IO

from marketplace.accounts.models import User
from marketplace.common.authorisation import Actor
from marketplace.delivery import proofs, services
from marketplace.delivery.models import Attempt, Delivery, Proof
from marketplace.delivery.services import Confirmation
from marketplace.delivery.states import MAX_TRIES
from marketplace.orders.models import Shipment, ShipmentLine

from . import form_key


def job_of(shipment: Shipment) -> Delivery:
    """The courier's job for a shipment, the last one if there were more."""
    return Delivery.objects.filter(consignment__shipment=shipment).latest("pk")


def live_job_of(shipment: Shipment) -> Delivery | None:
    """The job that is under way, if there is one."""
    return Delivery.objects.filter(consignment__shipment=shipment, live_key__isnull=False).first()


def claim(shipment: Shipment, courier: User) -> Delivery:
    return services.claim_shipment(shipment_id=shipment.pk, actor=courier)


def pick_up(job: Delivery) -> Delivery:
    return services.pick_up(delivery_id=job.pk, actor=job.courier)


def carry(shipment: Shipment, courier: User) -> Delivery:
    """Claim it and pick it up: its buyer has a PIN."""
    return pick_up(claim(shipment, courier))


def give_back(job: Delivery, *, reason: str = "A flat tyre") -> Delivery:
    """Let somebody else have it, before it is picked up."""
    return services.give_back(delivery_id=job.pk, actor=job.courier, reason=reason)


def fail(job: Delivery, reason: str = "absent", **given: object) -> Attempt:
    """A try at the door that came to nothing; `given` are more of `fail_attempt`'s arguments."""
    form = {
        "delivery_id": job.pk,
        "actor": job.courier,
        "reason": reason,
        "form_key": form_key(job.courier, "fail_attempt", job.pk),
    }
    return services.fail_attempt(**form | given)


# --- proofs -------------------------------------------------------------------------------------


def current_proof(shipment: Shipment) -> Proof:
    """The proof that is waited for now: the buyer's, or the seller's on the way back."""
    return Proof.objects.filter(consignment__shipment=shipment.pk, current_key__isnull=False).latest("pk")


def pin_of(shipment: Shipment) -> str:
    """The six digits that the order's page shows (the seller's page, on the way back)."""
    return proofs.pin_of(current_proof(shipment))


def token_of(shipment: Shipment) -> str:
    """What the QR code holds behind "#"."""
    return proofs.token_of(current_proof(shipment))


def wrong_pin(shipment: Shipment, other: int = 1) -> str:
    """Six other digits, of no issue of this shipment; `other` of them differ from each other."""
    return f"{(int(pin_of(shipment)) + other) % 10**proofs.PIN_DIGITS:06d}"


def prove(job: Delivery, **given: object) -> Confirmation:
    """Give the PIN or token in `given`, or the right PIN; the other arguments are `confirm_delivery`'s."""
    if not {"pin", "token"} & given.keys():
        given["pin"] = pin_of(job.shipment)
    form = {
        "delivery_id": job.pk,
        "actor": job.courier,
        "place": None,
        "form_key": form_key(job.courier, "confirm_delivery", job.pk),
    }
    return services.confirm_delivery(**form | given)


def lock(job: Delivery, **given: object) -> None:
    """Give wrong PINs until no more is taken."""
    for other in range(1, MAX_TRIES + 1):
        prove(job, pin=wrong_pin(job.shipment, other), **given)


# --- who steps in -------------------------------------------------------------------------------


def bypass(shipment: Shipment, admin: User, *, photo: IO[bytes], reason: str) -> Proof:
    """An admin confirms it without its PIN."""
    key = form_key(admin, "bypass_proof", shipment.pk)
    return services.bypass_proof(
        shipment_id=shipment.pk, actor=admin, reason=reason, photo=photo, form_key=key
    )


def complete(shipment: Shipment, actor: Actor | None = None) -> Shipment:
    """Everything is fine, says its buyer (or whoever `actor` is)."""
    return services.complete_shipment(shipment_id=shipment.pk, actor=actor or shipment.order.buyer)


def cancel(shipment: Shipment, actor: Actor | None = None, *, reason: str = "") -> Shipment:
    """It is not wanted any more, says its buyer (or whoever `actor` is)."""
    return services.cancel_shipment(
        shipment_id=shipment.pk, actor=actor or shipment.order.buyer, reason=reason
    )


def cancel_pieces(line: ShipmentLine, quantity: int = 1, *, reason: str = "") -> ShipmentLine:
    """Its buyer wants so many pieces fewer."""
    buyer = line.shipment.order.buyer
    key = form_key(buyer, "cancel_line", line.pk)
    return services.cancel_line(line_id=line.pk, quantity=quantity, actor=buyer, form_key=key, reason=reason)
