"""Who may do what with parcels on their way (docs/permissions.md)."""

import rules

from marketplace.accounts.models import User
from marketplace.orders.models import Shipment
from marketplace.orders.rules import is_its_buyer, is_its_seller, is_store_staff

from .models import Delivery


@rules.predicate
def is_courier(user: User) -> bool:
    return user.is_courier


@rules.predicate
def carries_it(user: User, delivery: Delivery | None) -> bool:
    return delivery is not None and delivery.courier_id == user.pk


@rules.predicate
def is_its_courier(user: User, shipment: Shipment | None) -> bool:
    return shipment is not None and shipment.courier_id == user.pk


# Every courier; that it is not their own parcel and that they may take one more is told in a sentence.
rules.add_perm("delivery.claim_shipments", is_courier)
# Of a job: whose it is or was; what can still be done with it says its status.
rules.add_perm("delivery.carry", is_courier & carries_it)
# Every look is written down (services.note_address_read).
rules.add_perm("delivery.read_address", is_store_staff | (is_courier & carries_it))
# Of a shipment: whose PIN it is, and the store, which never sees it.
rules.add_perm("delivery.reissue_delivery_proof", is_its_buyer | is_store_staff)
rules.add_perm("delivery.reissue_return_proof", is_its_seller | is_store_staff)

# Where the rules do not help: staff step in, with a reason that stays in the history.
for action in ("reassign", "send_back", "void_attempt", "lift_suspension"):
    rules.add_perm(f"delivery.{action}", is_store_staff)
# Nobody confirms a parcel that they bought, sold or carry themselves, from before they worked here.
rules.add_perm("delivery.bypass_proof", is_store_staff & ~is_its_buyer & ~is_its_seller & ~is_its_courier)
# Where an order goes says who pays for it, before anything of it is picked up.
rules.add_perm("delivery.change_address", is_its_buyer)
