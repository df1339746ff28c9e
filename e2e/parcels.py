"""Parcels at every point of their way, for browser tests: bought, carried and handed over by the real services."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.common.idempotency import new_form_key
from marketplace.delivery import proofs, services
from marketplace.delivery.models import Courier, Delivery, Proof, ProofTry
from marketplace.delivery.services import complete_shipment
from marketplace.delivery.states import Method
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.models import Shipment
from marketplace.orders.services import add_to_cart
from marketplace.wallet.services import top_up_wallet


@dataclass
class Carrier:
    """A courier at work, as their pages would have it."""

    courier: User

    def claim(self, shipment: Shipment) -> Delivery:
        return services.claim_shipment(shipment_id=shipment.pk, actor=self.courier)

    def carry(self, shipment: Shipment) -> Delivery:
        """Claimed and picked up."""
        return services.pick_up(delivery_id=self.claim(shipment).pk, actor=self.courier)

    def fail(self, job: Delivery, reason: str, note: str = "") -> None:
        """A try at the door that came to nothing."""
        services.fail_attempt(
            delivery_id=job.pk,
            actor=self.courier,
            reason=reason,
            note=note,
            form_key=self._key("fail_attempt", job.pk),
        )

    def hand_over(self, job: Delivery) -> None:
        """With the PIN of whoever it is for: the buyer, or the seller when it comes back."""
        self._give(job, pin_of(job.shipment))

    def give_wrong_pin(self, job: Delivery) -> None:
        self._give(job, f"{(int(pin_of(job.shipment)) + 1) % 1_000_000:06d}")

    def lose_claims(self) -> None:
        """As after twenty wrong PINs within a day, at doors that this world has no more parcels for."""
        now = clock.now()
        ProofTry.objects.bulk_create(
            ProofTry(courier=self.courier, method=Method.PIN, right=False, at=now) for _number in range(20)
        )
        Courier.objects.update_or_create(pk=self.courier.pk, defaults={"claims_suspended_at": now})

    def _give(self, job: Delivery, pin: str) -> None:
        services.confirm_delivery(
            delivery_id=job.pk,
            actor=self.courier,
            pin=pin,
            place=None,
            form_key=self._key("confirm_delivery", job.pk),
        )

    def _key(self, action: str, subject: object = "") -> str:
        return new_form_key(user_id=self.courier.pk, action=action, subject=subject)


def current_proof(shipment: Shipment) -> Proof:
    """The proof that is waited for now."""
    return Proof.objects.filter(shipment_id=shipment.pk, current_key__isnull=False).latest("pk")


def pin_of(shipment: Shipment) -> str:
    """The PIN that the buyer's page shows (on the way back: the seller's)."""
    return proofs.pin_of(current_proof(shipment))


def send_parcels(
    *, buyer: User, courier: User, suspended: User, product_ids: list[int], check_out: Callable[..., object]
) -> dict[str, Shipment]:
    """One parcel at each point of its way, all bought by `buyer`, each alone in its order.

    "waiting" (for two days and more), "claimed", "on_its_way", "failed" (once), "locked", "returning",
    "delivered", "completed", "returned". The active five are as many jobs as `courier` may have;
    `suspended` is another courier, who gave too many wrong PINs.
    """
    top_up_wallet(user_id=buyer.pk, amount=100_000, key=f"test-world:{buyer.pk}:parcels")
    carrier = Carrier(courier)

    def buy(number: int) -> Shipment:
        product_id = product_ids[number % len(product_ids)]
        add_to_cart(cart=CartRef(user_id=buyer.pk), product_id=product_id, quantity=1)
        return check_out(buyer).shipments.select_related("order").get()

    parcels = {}
    with clock.moved(timedelta(days=-3)):
        for number, state in enumerate(("waiting", "delivered", "completed", "returned")):
            parcels[state] = buy(number)
    with clock.moved(timedelta(days=-1)):
        carrier.hand_over(carrier.carry(parcels["delivered"]))
        carrier.hand_over(carrier.carry(parcels["completed"]))
        complete_shipment(shipment_id=parcels["completed"].pk, actor=buyer)
        job = carrier.carry(parcels["returned"])
        carrier.fail(job, "refused", "Ordered twice, they say")
        carrier.hand_over(job)
    with clock.moved(timedelta(hours=-5)):
        for number, state in enumerate(("claimed", "on_its_way", "failed", "locked", "returning")):
            parcels[state] = buy(number)
        carrier.claim(parcels["claimed"])
        jobs = {
            state: carrier.carry(parcels[state]) for state in ("on_its_way", "failed", "locked", "returning")
        }
    with clock.moved(timedelta(hours=-1)):
        carrier.fail(jobs["failed"], "absent", "Rang twice")
        carrier.fail(jobs["returning"], "damaged", "Wet through")
        for _wrong in range(5):
            carrier.give_wrong_pin(jobs["locked"])
        Carrier(suspended).lose_claims()
    for parcel in parcels.values():
        parcel.refresh_from_db()
    return parcels
