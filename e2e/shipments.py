"""Parcels at every point of their way, for browser tests: bought, carried and handed over by the real services."""

from datetime import timedelta

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.common.authorisation import SYSTEM
from marketplace.delivery.models import Courier, ProofTry
from marketplace.delivery.states import Method
from marketplace.orders.models import Shipment
from marketplace.products.models import Product
from marketplace.rates.services import Rates, publish_rates
from site_config.acts import delivery, orders, wallet


def lose_claims(courier: User) -> None:
    """As after twenty wrong PINs within a day, at doors that this world has no more parcels for."""
    now = clock.now()
    ProofTry.objects.bulk_create(
        ProofTry(courier=courier, method=Method.PIN, right=False, at=now) for _number in range(20)
    )
    Courier.objects.update_or_create(pk=courier.pk, defaults={"claims_suspended_at": now})


def send_shipments(
    *, buyer: User, courier: User, suspended: User, products: list[Product]
) -> dict[str, Shipment]:
    """One parcel at each point of its way, all bought by `buyer`, each alone in its order.

    "waiting" (for two days and more), "claimed", "on_its_way", "failed" (once), "locked", "returning",
    "delivered", "completed", "returned". The active five are as many jobs as `courier` may have;
    `suspended` is another courier, who gave too many wrong PINs.
    """
    wallet.top_up(buyer, 100_000)

    def buy(number: int) -> Shipment:
        return orders.buy_shipment(buyer, products[number % len(products)])

    shipments = {}
    with clock.moved(timedelta(days=-3)):
        for number, state in enumerate(("waiting", "delivered", "completed", "returned")):
            shipments[state] = buy(number)
    with clock.moved(timedelta(days=-1)):
        delivery.prove(delivery.carry(shipments["delivered"], courier))
        delivery.prove(delivery.carry(shipments["completed"], courier))
        delivery.complete(shipments["completed"])
        job = delivery.carry(shipments["returned"], courier)
        delivery.fail(job, "refused", note="Ordered twice, they say")
        delivery.prove(job)
    with clock.moved(timedelta(hours=-5)):
        # The way is free, a further try and a wait at the door are not.
        fees = Rates(again_fee=150, wait_free=5, wait_fee=40, wait_most=200)
        publish_rates(rates=fees, actor=SYSTEM, expected_version=0)
        for number, state in enumerate(("claimed", "on_its_way", "failed", "locked", "returning")):
            shipments[state] = buy(number)
        delivery.claim(shipments["claimed"], courier)
        jobs = {
            state: delivery.carry(shipments[state], courier)
            for state in ("on_its_way", "failed", "locked", "returning")
        }
    with clock.moved(timedelta(hours=-1)):
        delivery.fail(jobs["failed"], "absent", note="Rang twice")
        delivery.fail(jobs["returning"], "damaged", note="Wet through")
        delivery.lock(jobs["locked"])
        lose_claims(suspended)
    for shipment in shipments.values():
        shipment.refresh_from_db()
    return shipments
