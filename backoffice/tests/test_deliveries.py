"""The back office's pages of deliveries: the list, the case, and every way to step in."""

import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from marketplace.common.errors import Busy
from marketplace.delivery import proofs, services
from marketplace.delivery.models import AddressRead, Attempt, Delivery, Proof
from marketplace.delivery.shown import mark_of
from marketplace.delivery.states import AttemptOutcome, ProofStatus
from marketplace.orders.models import Shipment
from marketplace.orders.states import ShipmentStatus
from marketplace.wallet.selectors import wallet_of
from marketplace.web.tests.markup import markup

pytestmark = pytest.mark.usefixtures("books_balance")

LIST = "/backoffice/deliveries/"


@pytest.fixture
def office(as_person, admin):
    return as_person(admin)


def page_of(job: Delivery) -> str:
    return reverse("backoffice:shipment", args=[job.shipment.number])


def step(job: Delivery, name: str) -> str:
    return reverse(f"backoffice:shipment_{name}", args=[job.shipment.number])


def shown(job: Delivery) -> dict[str, str]:
    """What a form about a job's shipment is drawn for now."""
    return {"shown": mark_of(job.shipment_id)}


def status_of(job: Delivery) -> str:
    return Shipment.objects.get(pk=job.shipment_id).status


def photo() -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (30, 30)).save(file, "PNG")
    file.seek(0)
    file.name = "door.png"
    return file


def form_key(page: str) -> str:
    return page.split('name="form_key" value="')[1].split('"')[0]


def test_an_empty_list_says_so(office):
    page = office.get(LIST).content.decode()

    assert "Nothing is under way" in page
    assert "Nothing fits" in office.get(LIST, {"q": "abc"}).content.decode()


def test_the_list_keeps_its_filters_and_goes_on_without_a_frame_for_htmx(office, claimed, monkeypatch):
    monkeypatch.setattr("marketplace.desk.shipments.desk_page.__kwdefaults__", {"after": "", "size": 1})
    first, second = claimed(), claimed()

    page = office.get(LIST, {"status": "processing", "q": ""}).content.decode()
    more = page.split('data-testid="more"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    part = office.get(more, headers={"HX-Request": "true"}).content.decode()

    assert f"{page_of(first)}?status=processing" in page
    assert page_of(second) not in page
    assert "status=processing" in more
    assert page_of(second) in part
    assert "<html" not in part


def test_the_case_stands_beside_its_list_and_every_form_brings_the_filters_back(office, claimed):
    job = claimed()

    page = markup(office.get(page_of(job), {"status": "processing"}))

    assert 'aria-current="true" data-testid="desk-row"' in page
    assert f'action="{step(job, "take_back")}?status=processing"' in page
    answer = office.post(f"{step(job, 'take_back')}?status=processing", shown(job) | {"reason": "Ill"})
    assert (answer.status_code, answer.url) == (303, f"{page_of(job)}?status=processing")


def test_what_the_pages_cost_does_not_grow(office, on_its_way, person, django_assert_num_queries):
    first = on_its_way()
    pages = [reverse("backoffice:home"), reverse("backoffice:deliveries"), page_of(first)]
    costs = []
    for path in pages:
        office.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert office.get(path).status_code == 200
        costs.append(len(queries))

    for _ in range(4):
        on_its_way(person())

    for path, cost in zip(pages, costs, strict=True):
        with django_assert_num_queries(cost):
            assert office.get(path).status_code == 200
    assert max(costs) <= 18


def test_what_does_not_exist_is_not_there(office, claimed):
    assert office.get("/backoffice/deliveries/none/").status_code == 404
    assert office.post("/backoffice/deliveries/none/cancel/", {"reason": "x"}).status_code == 404
    void = reverse("backoffice:attempt_void", args=[claimed().shipment.number, 7])
    assert office.post(void, {"reason": "x"}).status_code == 404


def test_no_page_holds_a_pin_or_a_token(office, on_its_way, proof_of):
    job = on_its_way()
    for _ in range(2):
        proof = proof_of(job.shipment)
        page = office.get(page_of(job)).content.decode()
        assert proofs.pin_of(proof) not in page
        assert proofs.token_of(proof) not in page
        assert proof.nonce not in page
        assert office.post(step(job, "reissue"), shown(job), follow=True).status_code == 200

    assert proof_of(job.shipment).issue == 2  # the second click was a double one


@pytest.mark.every_database
def test_the_address_is_shown_once_it_is_written_down_who_looked(office, on_its_way, admin):
    job = on_its_way()
    assert "Torstraße 1" not in office.get(page_of(job)).content.decode()
    assert not AddressRead.objects.exists()

    answer = office.post(step(job, "address"))

    assert (answer.status_code, answer.url) == (303, f"{page_of(job)}#address")
    assert "Torstraße 1" in office.get(page_of(job)).content.decode()
    assert list(AddressRead.objects.values_list("delivery_id", "reader_id")) == [(job.pk, admin.pk)]


def test_before_a_claim_nobody_reads_the_address(office, placed):
    shipment = placed()
    page = reverse("backoffice:shipment", args=[shipment.number])

    assert "Torstraße 1" not in office.get(page).content.decode()
    assert office.post(f"{page}address/").status_code == 404


def test_reassigning_to_a_courier_by_address(office, on_its_way, other_courier):
    job = on_its_way()
    assert f'<option value="{other_courier.email}">Carl: 0 under way' in markup(office.get(page_of(job)))

    answer = office.post(
        step(job, "reassign"), shown(job) | {"courier": other_courier.email, "reason": "Flat tyre"}
    )

    assert answer.status_code == 303
    assert (
        Delivery.objects.get(consignment__shipment=job.shipment_id, live_key__isnull=False).courier
        == other_courier
    )
    page = markup(office.get(page_of(job)))
    assert "Another courier took over: Flat tyre" in page


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"courier": "nobody@example.org", "reason": "Flat tyre"}, "There is no courier with this address."),
        ({"courier": "not an address", "reason": "Flat tyre"}, "Enter a valid email address."),
        ({"courier": "", "reason": "Flat tyre"}, "Please say which courier."),
    ],
)
def test_what_was_typed_stays_beside_what_is_wrong(office, on_its_way, said, complaint):
    job = on_its_way()

    answer = office.post(step(job, "reassign"), shown(job) | said)

    page = markup(answer)
    assert answer.status_code == 422
    assert complaint in page
    assert "Flat tyre</textarea>" in page
    assert '<details class="act" name="act" open data-testid="act-reassign">' in page


@pytest.mark.parametrize(
    ("left_out", "complaint"), [("reason", "Please say why."), ("photo", "Please add a photo.")]
)
def test_what_a_bypass_lacks_is_said_beside_its_field(office, on_its_way, picture_file, left_out, complaint):
    job = on_its_way()
    said = {"reason": "Seen on the camera", "photo": picture_file()}
    said.pop(left_out)

    answer = office.post(step(job, "bypass"), shown(job) | said)

    assert answer.status_code == 422
    assert complaint in markup(answer)
    assert Shipment.objects.get(pk=job.shipment_id).status == "shipped"
    assert (
        Delivery.objects.get(consignment__shipment=job.shipment_id, live_key__isnull=False).courier
        == job.courier
    )


def test_taking_back_cancelling_and_sending_back(office, claimed, on_its_way, buyer):
    first, second, third = claimed(), claimed(price=700), on_its_way()

    for job, name in ((first, "take_back"), (second, "cancel"), (third, "send_back")):
        assert office.post(step(job, name), shown(job) | {"reason": ""}).status_code == 422
        assert office.post(step(job, name), shown(job) | {"reason": "The shop burnt down"}).status_code == 303

    assert [status_of(job) for job in (first, second, third)] == [
        ShipmentStatus.PLACED,
        ShipmentStatus.CANCELLED,
        ShipmentStatus.RETURNING,
    ]
    assert wallet_of(buyer.pk).balance == 700


def test_bypassing_once_however_often_it_is_sent(office, on_its_way):
    job = on_its_way()
    key = form_key(markup(office.get(page_of(job))))

    refused = office.post(step(job, "bypass"), shown(job) | {"form_key": key, "reason": "Neighbour has it"})
    assert refused.status_code == 422
    assert "Neighbour has it</textarea>" in refused.content.decode()
    for _ in range(2):
        said = {"form_key": key, "reason": "Neighbour has it", "photo": photo()}
        assert office.post(step(job, "bypass"), shown(job) | said).status_code == 303

    assert status_of(job) == ShipmentStatus.DELIVERED
    assert Proof.objects.filter(consignment__shipment=job.shipment).get().status == ProofStatus.BYPASSED
    page = office.get(page_of(job)).content.decode()
    assert "Neighbour has it" in page
    assert "Complete it now" not in page


def test_who_confirms_without_the_pin_does_not_pay_for_it_too(office, on_its_way, seller):
    job = on_its_way(price=1000)
    key = form_key(markup(office.get(page_of(job))))
    office.post(step(job, "bypass"), shown(job) | {"form_key": key, "reason": "Seen", "photo": photo()})
    sentence = "until its time is up, only its buyer can complete it."
    page = office.get(page_of(job)).content.decode()
    assert sentence in page.split('data-testid="buyers-to-complete"')[1].split("</p>")[0]
    assert step(job, "complete") not in page

    answer = office.post(step(job, "complete"), shown(job) | {"reason": "They told us"})

    assert answer.status_code == 409
    assert sentence in answer.content.decode().split('data-testid="refused"')[1].split("</div>")[0]
    assert status_of(job) == ShipmentStatus.DELIVERED
    assert wallet_of(seller.pk).balance == 0


def test_where_waiting_helps_the_same_form_may_be_sent_again(office, on_its_way, monkeypatch):
    def busy(**given):
        raise Busy("Busy, please try again.")

    job = on_its_way()
    key = form_key(markup(office.get(page_of(job))))
    monkeypatch.setattr(services, "bypass_proof", busy)

    answer = office.post(
        step(job, "bypass"), shown(job) | {"form_key": key, "reason": "Lost", "photo": photo()}
    )

    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    assert form_key(markup(answer)) == key


@pytest.mark.every_database
def test_voiding_an_attempt(office, on_its_way, fail):
    job = on_its_way()
    fail(job)
    void = reverse("backoffice:attempt_void", args=[job.shipment.number, 1])
    assert void in office.get(page_of(job)).content.decode()

    assert office.post(void, shown(job) | {"reason": "They were at home"}).status_code == 303

    assert Attempt.objects.get().outcome == AttemptOutcome.VOID
    assert void not in office.get(page_of(job)).content.decode()


def test_completing_pays_the_seller_and_the_page_says_so(office, delivered, seller):
    job = delivered(price=1000)

    assert office.post(step(job, "complete"), shown(job) | {"reason": "They told us"}).status_code == 303

    assert status_of(job) == ShipmentStatus.COMPLETED
    assert wallet_of(seller.pk).balance == 1000
    assert 'data-testid="case-net">€10.00' in office.get(page_of(job)).content.decode()


def test_what_moved_on_meanwhile_is_told_on_the_fresh_page(office, on_its_way, confirm):
    job = on_its_way()
    confirm(job)

    answer = office.post(step(job, "send_back"), shown(job) | {"reason": "Recalled"})

    page = answer.content.decode()
    assert answer.status_code == 409
    assert 'data-testid="refused"' in page
    assert "Complete it now" in page
    assert 'data-testid="act-send_back"' not in page
    assert status_of(job) == ShipmentStatus.DELIVERED


@pytest.mark.every_database
def test_a_fourth_pin_within_a_day_is_refused_and_not_offered(office, on_its_way, proof_of):
    job = on_its_way()
    assert 'data-testid="no-more-pins"' not in office.get(page_of(job)).content.decode()
    for _ in range(2):
        assert office.post(step(job, "reissue"), shown(job)).status_code == 303
        Proof.objects.filter(consignment__shipment=job.shipment).update(issued_by=None)  # no double click

    page = office.get(page_of(job)).content.decode()
    answer = office.post(step(job, "reissue"), shown(job))

    again_at = page.split('data-testid="no-more-pins"')[1].split("</p>")[0]
    first = Proof.objects.filter(consignment__shipment=job.shipment).earliest("pk")
    assert f'datetime="{first.issued_at + timedelta(days=1):%Y-%m-%dT%H:%M:%S}+00:00"' in again_at
    assert 'data-testid="act-reissue"' not in page
    assert 'data-testid="act-send_back"' in page
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 80_000
    assert 'data-testid="refused"' in answer.content.decode()
    assert proof_of(job.shipment).issue == 3


def test_a_form_says_who_else_reads_the_reason(office, on_its_way, fail):
    job = on_its_way()
    fail(job)

    page = office.get(page_of(job)).content.decode()

    for name in ("reassign", "void", "send_back", "bypass"):
        form = page.split(f'data-testid="act-{name}"')[1].split("</details>")[0]
        assert "The buyer and the seller read why." in form, name
