"""What tests do with a courier's phone, and how they see where a parcel stands."""

from playwright.sync_api import Page, expect

from marketplace.delivery.models import Delivery
from marketplace.delivery.states import DeliveryStatus
from marketplace.orders.models import Shipment
from marketplace.orders.states import ShipmentStatus


def type_pin(page: Page, pin: str) -> None:
    """With the thumb, on the keys beneath the camera, once that has opened or not: until then they may move."""
    expect(page.get_by_test_id("scan-status")).not_to_be_empty()
    for digit in pin:
        page.get_by_role("button", name=digit, exact=True).click()
    page.get_by_role("button", name="Confirm", exact=True).click()


def status_of(job: Delivery) -> tuple[str, str]:
    job.refresh_from_db()
    return job.status, Shipment.objects.get(pk=job.shipment_id).status


DELIVERED = (DeliveryStatus.DELIVERED, ShipmentStatus.DELIVERED)
CARRIED = (DeliveryStatus.CARRYING, ShipmentStatus.SHIPPED)
