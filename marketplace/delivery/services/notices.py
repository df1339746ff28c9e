"""What a parcel's people are told; marketplace/notifications has the words."""

from marketplace.accounts.models import STAFF_ROLES, User
from marketplace.delivery.models import Courier, Delivery
from marketplace.notifications.models import Kind
from marketplace.notifications.services import Notice
from marketplace.orders.models import Shipment


def to_buyer(shipment: Shipment, kind: Kind, event_key: str, **extra: object) -> Notice:
    """A notice for whoever bought it."""
    about = {"number": shipment.order.number, "shipment": shipment.number}
    return Notice(shipment.order.buyer_id, kind, shipment, event_key, about | extra)


def to_seller(shipment: Shipment, kind: Kind, event_key: str, **extra: object) -> Notice:
    """A notice for whoever sent it."""
    about = {"number": shipment.order.number, "shipment": shipment.number}
    return Notice(shipment.seller_id, kind, shipment, event_key, about | extra)


def to_courier(delivery: Delivery, kind: Kind, event: str, **extra: object) -> Notice:
    """A notice for whoever has, had or gets a job, about what happened to it."""
    about = {"job": delivery.number, "shipment": delivery.shipment.number}
    return Notice(delivery.courier_id, kind, delivery, f"delivery:{delivery.pk}:{event}", about | extra)


def of_suspension(courier: Courier, name: str) -> list[Notice]:
    """Tell a courier that they can claim nothing for now, and every active admin who it is."""
    event_key = f"courier:{courier.pk}:suspended:{courier.claims_suspended_at:%Y%m%dT%H%M%S%f}"
    admins = User.objects.filter(role__in=STAFF_ROLES, is_active=True).order_by("pk")
    return [
        Notice(courier.pk, Kind.CLAIMS_SUSPENDED, courier, event_key),
        *(
            Notice(pk, Kind.CLAIMS_SUSPENDED, courier, event_key, {"admin": True, "courier": name})
            for pk in admins.values_list("pk", flat=True)
        ),
    ]


def of_lifting(courier: Courier) -> Notice:
    """Tell a courier that they can claim again."""
    event_key = f"courier:{courier.pk}:open:{courier.forgiven_at:%Y%m%dT%H%M%S%f}"
    return Notice(courier.pk, Kind.CLAIMS_OPEN, courier, event_key)
