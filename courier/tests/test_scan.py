"""The Scan tab and the page that confirms one job: what they answer, what they may use, what they never say."""

import json
import re

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse
from PIL import Image

from marketplace.accounts.models import Role
from marketplace.common.idempotency import new_form_key
from marketplace.delivery.models import Delivery, Proof, ProofTry
from marketplace.delivery.services import reissue_proof
from marketplace.delivery.states import DeliveryStatus, ProofStatus, Purpose
from marketplace.orders.states import ShipmentStatus
from marketplace.web.tests.markup import markup

pytestmark = pytest.mark.django_db
SCAN = reverse("courier:scan")
AS_SCRIPT = {"Accept": "application/json"}


def page_of(job: Delivery) -> str:
    return reverse("courier:confirm", args=[job.number])


def key_in(answer, name: str = "form_key") -> str:
    """The form key that a page was drawn with."""
    return re.search(rf'name="{name}" value="([^"]+)"', markup(answer))[1]


def state_of(job: Delivery) -> tuple:
    """All that a code could change: the job, its shipment and proof, and how many tries were counted."""
    job.refresh_from_db()
    job.shipment.refresh_from_db()
    proofs = Proof.objects.filter(consignment__shipment=job.shipment).values_list("issue", "status", "tries")
    return job.status, job.shipment.status, list(proofs), ProofTry.objects.count()


@pytest.fixture
def phone(as_person, courier):
    """The courier's browser."""
    return as_person(courier)


@pytest.fixture
def give(phone):
    """`give(job, pin="123456")` sends the form of the job's page, opened a moment ago."""

    def send(job: Delivery, *, headers: dict | None = None, **fields: str):
        page = phone.get(page_of(job))
        return phone.post(page_of(job), {"form_key": key_in(page), **fields}, headers=headers)

    return send


# --- what came of a code --------------------------------------------------------------------------


@pytest.mark.every_database
def test_the_right_pin_leads_to_a_page_that_says_done(phone, give, on_its_way, pin_of):
    job = on_its_way()

    answer = give(job, pin=pin_of(job.shipment))

    assert (answer.status_code, answer.url) == (303, page_of(job))
    assert state_of(job)[:2] == (DeliveryStatus.DELIVERED, ShipmentStatus.DELIVERED)
    assert 'data-testid="confirmed"' in phone.get(answer.url).content.decode()


def test_the_page_that_says_done_names_the_next_stop(phone, give, on_its_way, person, pin_of):
    job, other = on_its_way(person(name="Bea")), on_its_way(person(name="Ben"))

    done = phone.get(give(job, pin=pin_of(job.shipment)).url).content.decode()

    assert reverse("courier:job", args=[other.number]) in done.partition('data-testid="next-stop"')[2]
    assert "Ben" in done
    assert "Bea" not in done


def test_a_scanned_code_finds_its_parcel_among_several(phone, on_its_way, person, token_of):
    job, other = on_its_way(person()), on_its_way(person())

    answer = phone.post(SCAN, {"form_key": key_in(phone.get(SCAN)), "token": token_of(job.shipment)})

    assert (answer.status_code, answer.url) == (303, page_of(job))
    assert state_of(job)[0] == DeliveryStatus.DELIVERED
    assert state_of(other)[0] == DeliveryStatus.CARRYING


def test_the_scan_tab_takes_the_pin_of_a_chosen_parcel(phone, on_its_way, person, pin_of):
    job, other = on_its_way(person()), on_its_way(person())
    page = phone.get(SCAN)
    fields = {f"form_key-{one.number}": key_in(page, f"form_key-{one.number}") for one in (job, other)}

    unchosen = phone.post(SCAN, {**fields, "pin": pin_of(job.shipment)})
    pasted = f"\u202d{pin_of(job.shipment)}\u202c"
    answer = phone.post(SCAN, {**fields, "pin": pasted, "delivery": job.number})

    assert unchosen.status_code == 422
    assert "Choose which parcel it is." in unchosen.content.decode()
    assert (answer.status_code, answer.url) == (303, page_of(job))
    assert state_of(other)[0] == DeliveryStatus.CARRYING


def test_a_wrong_pin_says_how_many_tries_are_left_and_nothing_else(
    give, on_its_way, pin_of, wrong_pin, token_of
):
    job = on_its_way()
    pin, token, wrong = pin_of(job.shipment), token_of(job.shipment), wrong_pin(job.shipment)

    answer = give(job, pin=wrong)

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "This is the wrong PIN. 4 tries are left." in text
    assert not {secret for secret in (pin, token, wrong) if secret in text}
    assert state_of(job) == (
        DeliveryStatus.CARRYING,
        ShipmentStatus.SHIPPED,
        [(1, ProofStatus.ISSUED, 1)],
        1,
    )


def test_five_wrong_pins_lock_it_and_the_right_one_is_refused_until_there_is_a_new_one(
    give, on_its_way, pin_of, wrong_pin
):
    job = on_its_way()
    answers = [give(job, pin=wrong_pin(job.shipment, other)) for other in range(1, 6)]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 422, 409]
    assert "1 try is left." in answers[3].content.decode()
    assert "Ask the buyer to make a new PIN" in answers[4].content.decode()
    before = state_of(job)
    assert give(job, pin=pin_of(job.shipment)).status_code == 409
    assert state_of(job) == before

    reissue_proof(shipment_id=job.shipment_id, purpose=Purpose.DELIVERY, actor=job.shipment.order.buyer)
    assert give(job, pin=pin_of(job.shipment)).status_code == 303


def test_a_parcel_that_goes_back_asks_for_the_sellers(phone, give, going_back, pin_of, wrong_pin):
    job = going_back()
    for other in range(1, 6):
        answer = give(job, pin=wrong_pin(job.shipment, other))
    assert "Ask the seller to make a new PIN" in answer.content.decode()
    assert "Back to Sam" in phone.get(page_of(job)).content.decode()

    reissue_proof(shipment_id=job.shipment_id, purpose=Purpose.RETURN, actor=job.shipment.seller)
    done = give(job, pin=pin_of(job.shipment))

    assert "Brought back" in phone.get(done.url).content.decode()
    assert state_of(job)[0] == DeliveryStatus.RETURNED


def test_a_code_of_no_parcel_of_theirs_is_refused_without_a_word_about_it(
    phone, on_its_way, person, other_courier, token_of
):
    mine, foreign = on_its_way(person()), on_its_way(person(), other_courier)
    before = [state_of(job)[:3] for job in (mine, foreign)]

    answers = [
        phone.post(SCAN, {"form_key": key_in(phone.get(SCAN)), "token": token})
        for token in (token_of(foreign.shipment), "A" * 22)
    ]

    assert {answer.status_code for answer in answers} == {422}
    assert all("This code is of none of your parcels." in answer.content.decode() for answer in answers)
    assert [state_of(job)[:3] for job in (mine, foreign)] == before
    assert ProofTry.objects.filter(right=False).count() == 2


def test_nothing_is_waiting_before_the_pick_up(phone, claimed):
    job = claimed()

    page = phone.get(page_of(job))
    answer = phone.post(
        page_of(job),
        {
            "form_key": new_form_key(user_id=job.courier_id, action="confirm_delivery", subject=job.pk),
            "pin": "123456",
        },
        headers=AS_SCRIPT,
    )

    assert "Pick it up first" in page.content.decode()
    assert (answer.status_code, answer.json()["result"]) == (409, "nothing_open")


@pytest.mark.parametrize("pin", ["", "12345", "1234567", "abcdef", "١٢٣٤٥", "12\x0034", "1" * 400])
def test_what_is_no_pin_counts_as_no_try(give, on_its_way, pin):
    job = on_its_way()
    before = state_of(job)

    answer = give(job, pin=pin)

    assert answer.status_code == 422
    assert "The PIN has six digits." in answer.content.decode()
    assert state_of(job) == before


def test_the_place_is_stored_if_the_phone_says_it_and_nonsense_stops_nothing(
    give, on_its_way, person, pin_of
):
    near, lost = on_its_way(person()), on_its_way(person())

    give(near, pin=pin_of(near.shipment), lat="52.520008", lng="13.404954", accuracy="12")
    give(lost, pin=pin_of(lost.shipment), lat="NaN", lng="1e400", accuracy="-1")

    at = Proof.objects.get(consignment__shipment=near.shipment)
    assert (str(at.lat), at.accuracy_m, at.distance_m) == ("52.520008", 12, 0)
    assert Proof.objects.get(consignment__shipment=lost.shipment).lat is None
    assert state_of(lost)[0] == DeliveryStatus.DELIVERED


def test_too_many_tries_an_hour_wait_and_keep_the_form(phone, on_its_way, pin_of, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "proof": (0, 3600)}
    job = on_its_way()
    key = key_in(phone.get(page_of(job)))
    before = state_of(job)

    answer = phone.post(page_of(job), {"form_key": key, "pin": pin_of(job.shipment)})

    assert (answer.status_code, key_in(answer)) == (429, key)
    assert int(answer["Retry-After"]) > 0
    assert state_of(job) == before


# --- what a script asks ---------------------------------------------------------------------------


def test_a_script_hears_the_same_in_few_words(phone, give, on_its_way, pin_of, wrong_pin):
    job = on_its_way()

    wrong = give(job, pin=wrong_pin(job.shipment), headers=AS_SCRIPT)
    key = wrong.json()["form_key"]
    right = phone.post(page_of(job), {"form_key": key, "pin": pin_of(job.shipment)}, headers=AS_SCRIPT)

    assert (wrong.status_code, wrong.json()["result"]) == (422, "wrong")
    assert wrong.json()["text"] == "This is the wrong PIN. 4 tries are left."
    assert (right.status_code, right.json()) == (200, {"result": "confirmed", "url": page_of(job)})


def test_what_was_kept_on_the_phone_is_confirmed_once_however_often_it_is_sent(phone, on_its_way, pin_of):
    job = on_its_way()
    kept = {"form_key": key_in(phone.get(page_of(job))), "pin": pin_of(job.shipment)}

    answers = [phone.post(page_of(job), kept, headers=AS_SCRIPT).json() for _again in range(3)]

    assert [answer["result"] for answer in answers] == ["confirmed"] * 3
    assert ProofTry.objects.count() == 1


def test_a_wrong_pin_that_is_sent_again_counts_once(phone, on_its_way, wrong_pin):
    job = on_its_way()
    kept = {"form_key": key_in(phone.get(page_of(job))), "pin": wrong_pin(job.shipment)}

    answers = [phone.post(page_of(job), kept, headers=AS_SCRIPT) for _again in range(3)]

    assert [answer.status_code for answer in answers] == [422] * 3
    assert state_of(job)[2:] == ([(1, ProofStatus.ISSUED, 1)], 1)


def test_what_another_courier_kept_on_the_phone_waits_for_them(
    as_person, phone, other_courier, on_its_way, pin_of
):
    job = on_its_way()
    kept = {"form_key": key_in(phone.get(page_of(job))), "pin": pin_of(job.shipment)}
    before = state_of(job)

    answers = [
        as_person(other_courier).post(SCAN, kept, headers=AS_SCRIPT),
        as_person(other_courier).post(page_of(job), kept, headers=AS_SCRIPT),
    ]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert state_of(job) == before


def test_a_form_that_is_open_for_too_long_is_refused_with_a_fresh_key(phone, on_its_way, pin_of):
    job = on_its_way()

    answer = phone.post(
        page_of(job), {"form_key": f"{job.courier_id}:forged", "pin": pin_of(job.shipment)}, headers=AS_SCRIPT
    )

    assert answer.status_code == 422
    assert answer.json()["form_key"].startswith(f"{job.courier_id}:confirm_delivery:{job.pk}:")
    assert state_of(job)[0] == DeliveryStatus.CARRYING


# --- whose it is, and what the pages may use -------------------------------------------------------


def test_another_couriers_job_is_not_there(as_person, other_courier, on_its_way, pin_of):
    job = on_its_way()
    client, before = as_person(other_courier), state_of(job)

    assert client.get(page_of(job)).status_code == 404
    assert client.post(page_of(job), {"pin": pin_of(job.shipment)}).status_code == 404
    assert client.post(SCAN, {"delivery": job.number, "pin": "123456"}).status_code == 404
    assert state_of(job) == before


@pytest.mark.parametrize("role", [Role.USER, Role.SELLER, Role.ADMIN])
def test_other_roles_do_not_come_in(as_person, person, on_its_way, role):
    client = as_person(person(role))

    assert [client.get(url).status_code for url in (SCAN, page_of(on_its_way()))] == [403, 403]


def test_only_these_pages_may_use_the_camera_and_webassembly(phone, give, on_its_way, wrong_pin):
    job = on_its_way()
    with_camera = [phone.get(SCAN), phone.get(page_of(job)), give(job, pin=wrong_pin(job.shipment))]
    without = [phone.get(reverse(name)) for name in ("courier:home", "courier:jobs", "courier:offline")]

    for answer in with_camera:
        assert "camera=(self)" in answer["Permissions-Policy"]
        assert "script-src 'self' 'wasm-unsafe-eval'" in answer["Content-Security-Policy"]
        assert "'unsafe-eval'" not in answer["Content-Security-Policy"]
        assert "js/scan.js" in answer.content.decode()
    for answer in without:
        assert "camera=()" in answer["Permissions-Policy"]
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert "js/scan.js" not in answer.content.decode()


def test_the_pages_are_never_stored_and_hold_nothing_of_the_secret(phone, on_its_way, pin_of, token_of):
    job = on_its_way()

    for answer in (phone.get(SCAN), phone.get(page_of(job))):
        text = answer.content.decode()
        assert "no-store" in answer["Cache-Control"]
        assert pin_of(job.shipment) not in text
        assert token_of(job.shipment) not in text
        assert job.shipment.order.ship_address not in text
        assert job.shipment.order.ship_phone not in text


def test_who_carries_nothing_is_told_so(phone, claimed):
    assert "See what is available" in phone.get(SCAN).content.decode()
    claimed()
    page = phone.get(SCAN).content.decode()
    assert "You carry nothing right now" in page
    assert 'name="pin"' not in page


# --- the app ---------------------------------------------------------------------------------------


def test_the_manifest_names_icons_that_exist(as_person):
    answer = as_person().get(reverse("courier:manifest"))
    said = answer.json()

    assert answer["Content-Type"] == "application/manifest+json"
    assert said["start_url"] == said["scope"] == "/courier/"
    assert {icon["purpose"] for icon in said["icons"]} == {"any", "maskable"}
    for icon in said["icons"]:
        with Image.open(finders.find(icon["src"].removeprefix("/static/"))) as drawn:
            assert "x".join(map(str, drawn.size)) == icon["sizes"]


def test_a_maskable_icon_has_no_empty_corner():
    with Image.open(finders.find("img/courier-512-maskable.png")) as drawn:
        assert drawn.getpixel((0, 0)) == (0x0B, 0x5D, 0x51, 255)


def test_the_service_worker_reigns_over_the_console_and_knows_files_that_exist(as_person):
    answer = as_person().get(reverse("courier:service_worker"))
    told = json.loads(re.search(r"self\.STORE = (.+);\n", answer.content.decode())[1])

    assert answer["Content-Type"].startswith("text/javascript")
    assert answer.wsgi_request.path == "/courier/sw.js"
    assert told["offline"] == reverse("courier:offline")
    assert all(finders.find(name.removeprefix("/static/")) for name in told["files"])


def test_the_page_without_a_network_says_nothing_of_anybody(client, phone, courier):
    visitors, couriers = client.get(reverse("courier:offline")), phone.get(reverse("courier:offline"))

    assert visitors.content == couriers.content
    assert courier.profile.name not in couriers.content.decode()
    assert "csrf" not in visitors.content.decode()


# --- several parcels ------------------------------------------------------------------------------


def test_two_parcels_for_one_door_can_be_told_apart(phone, on_its_way):
    """A PIN that is typed for the wrong one would cost a try of both its proof and its courier."""
    jobs = [on_its_way(), on_its_way()]

    page = phone.get(SCAN).content.decode()
    numbers = [job.shipment.number for job in jobs]
    assert [number in page for number in numbers] == [True, True]
    for job in jobs:
        own = phone.get(page_of(job)).content.decode()
        assert [number in own for number in numbers] == [job is each for each in jobs]
