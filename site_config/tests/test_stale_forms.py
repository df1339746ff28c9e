"""A form that stood open while its subject moved on, sent as a browser sends it: 409, the fresh page, nothing done."""

import pytest
from django.urls import reverse

from marketplace.common import clock
from marketplace.delivery import services
from marketplace.delivery.models import Courier, Proof
from marketplace.delivery.tests.drawn import everything, photo
from marketplace.web.tests.markup import form_on

pytestmark = pytest.mark.usefixtures("books_balance")


@pytest.fixture
def send_back(admin):
    return lambda job: services.send_back(shipment_id=job.shipment_id, actor=admin, reason="Recalled")


@pytest.fixture
def hand_over(admin, other_courier):
    return lambda job: services.reassign(
        shipment_id=job.shipment_id, actor=admin, courier_id=other_courier.pk, reason="Flat tyre"
    )


class Sent:
    """A page is read, something happens, the form that stood on it is sent; then what the fresh page holds is sent."""

    def __init__(self, client, page: str, action: str = "", **typed: object) -> None:
        self.client, self.action, self.typed = client, action, typed
        self.path = action or page
        self.fields = self.read(client.get(page).content.decode())

    def read(self, page: str) -> dict[str, object]:
        return form_on(page, self.action)

    def is_stale(self) -> str:
        """Send the old form: it does nothing. Returns the page that it is answered with."""
        before = everything()
        answer = self.client.post(self.path, self.fields | self.typed)
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "has changed since the page was drawn" in page
        assert everything() == before
        return page


def test_staff_who_read_of_a_delivery_do_not_end_a_return(as_person, admin, on_its_way, send_back):
    """The issue's own case: the buyer was refunded by a form that said that it had arrived."""
    job = on_its_way(price=1000)
    number = job.shipment.number
    page, path = (reverse(f"backoffice:{name}", args=[number]) for name in ("shipment", "shipment_bypass"))
    form = Sent(as_person(admin), page, path, reason="Seen by the camera", photo=photo())
    send_back(job)

    fresh = form.is_stale()

    assert "Seen by the camera</textarea>" in fresh
    again = form_on(fresh, path) | {"reason": "The seller has it", "photo": photo()}
    assert form.client.post(path, again).status_code == 303
    assert Proof.objects.get(status="bypassed").purpose == "return"


@pytest.mark.parametrize("name", ["reassign", "take_back", "cancel", "reissue"])
def test_every_form_of_staff_is_bound(as_person, admin, claimed, on_its_way, hand_over, person, name):
    job = on_its_way() if name == "reissue" else claimed()
    number = job.shipment.number
    page, path = reverse("backoffice:shipment", args=[number]), f"/backoffice/deliveries/{number}/"
    typed = {"courier": person("delivery").email} if name == "reassign" else {}
    form = Sent(as_person(admin), page, f"{path}{name.replace('_', '-')}/", reason="Recalled", **typed)
    hand_over(job)

    form.is_stale()


def test_a_suspension_that_came_later_is_not_lifted(as_person, admin, courier):
    Courier.objects.create(pk=courier.pk, claims_suspended_at=clock.now())
    form = Sent(
        as_person(admin),
        reverse("backoffice:couriers"),
        reverse("backoffice:courier_lift"),
        courier=courier.email,
    )
    Courier.objects.filter(pk=courier.pk).update(claims_suspended_at=clock.now())

    form.is_stale()


def test_a_buyer_cancels_what_they_read(as_person, buyer, claimed, hand_over):
    job = claimed()
    args = [job.shipment.order.number, job.shipment.number]
    forms = [
        Sent(as_person(buyer), reverse("shop:shipment_cancel", args=args), reason=""),
        Sent(as_person(buyer), reverse("shop:line_cancel", args=[*args, 1]), quantity="1", reason=""),
    ]
    hand_over(job)

    for form in forms:
        fresh = form.is_stale()
    assert form.client.post(form.path, form_on(fresh) | form.typed).status_code == 303


def test_a_new_pin_is_made_once_for_one_form(as_person, buyer, on_its_way, admin):
    job = on_its_way()
    order, number = job.shipment.order.number, job.shipment.number
    page, path = (
        reverse("shop:order_detail", args=[order]),
        reverse("shop:proof_reissue", args=[order, number]),
    )
    form = Sent(as_person(buyer), page, path)
    services.reissue_proof(shipment_id=job.shipment_id, actor=admin)

    fresh = form.is_stale()

    assert 'data-testid="order-status"' in fresh


def test_so_does_the_seller(as_person, seller, going_back, admin):
    job = going_back()
    page, path = (
        reverse(f"seller_dashboard:{name}", args=[job.shipment.number])
        for name in ("parcel", "parcel_reissue")
    )
    form = Sent(as_person(seller), page, path)
    services.reissue_proof(shipment_id=job.shipment_id, actor=admin)

    assert 'data-testid="shipment-status"' in form.is_stale()


def test_a_courier_at_the_buyers_door_does_not_use_up_the_sellers_tries(
    as_person, courier, on_its_way, send_back, pin_of
):
    job = on_its_way()
    confirm = reverse("courier:confirm", args=[job.number])
    scan, pin = reverse("courier:scan"), pin_of(job.shipment)
    form = Sent(as_person(courier), confirm, pin=pin)
    on_scan = Sent(as_person(courier), scan, pin=pin, delivery=job.number)
    failed = Sent(as_person(courier), reverse("courier:fail", args=[job.number]), reason="absent", note="")
    send_back(job)

    fresh = form.is_stale()
    on_scan.is_stale()
    assert "Scan the seller's code" in fresh
    assert failed.client.post(failed.path, failed.fields | failed.typed).status_code == 409


def test_a_form_that_a_phone_kept_from_before_there_were_marks_is_taken(
    as_person, courier, on_its_way, pin_of
):
    job = on_its_way()
    form = Sent(as_person(courier), reverse("courier:confirm", args=[job.number]), pin=pin_of(job.shipment))
    form.fields.pop("shown")

    assert form.client.post(form.path, form.fields | form.typed).status_code == 303
