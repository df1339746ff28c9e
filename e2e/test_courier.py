"""A parcel reaches its buyer: the courier's phone and its camera."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from e2e.camera import code_on, photo_of, shoot
from e2e.conftest import NO_JS, PHONE
from e2e.courier_phone import CARRIED, DELIVERED, status_of, type_pin
from marketplace.common import clock
from marketplace.delivery.models import Delivery, Proof, ProofTry
from marketplace.delivery.states import ProofStatus
from marketplace.orders.services import complete_due
from marketplace.wallet.selectors import wallet_of
from site_config.acts.orders import fill_cart

pytestmark = pytest.mark.usefixtures("books_balance")


def test_a_parcel_goes_from_the_list_to_its_buyer_and_the_seller_is_paid(
    camera_phone, visit_as, film, stocked, check_out
):
    """The whole way, by the pages of everybody: claim, pick up, scan, delivered, three days later paid."""
    buyer, seller, courier = stocked.buyer, stocked.seller, stocked.courier
    fill_cart(buyer, {stocked.products["Enamel kettle"]: 2})
    shipment = check_out(buyer).shipments.select_related("order").get()
    phone = camera_phone(courier)

    phone.goto("/courier/")
    phone.get_by_test_id("available").get_by_test_id("claim").click()
    phone.goto("/courier/jobs/")
    job = Delivery.objects.get(consignment__shipment=shipment)
    phone.goto(f"/courier/jobs/{job.number}/")
    phone.get_by_role("button", name="Picked up").click()
    expect(phone.get_by_role("link", name="Hand over")).to_be_visible()
    at_home = visit_as(buyer, **PHONE)
    shoot(film, code_on(at_home, shipment.order.number))
    phone.get_by_role("link", name="Hand over").click()

    expect(phone.get_by_test_id("confirmed")).to_contain_text("Delivered")
    assert status_of(job) == DELIVERED
    assert (wallet_of(buyer.pk).held_balance, wallet_of(seller.pk).balance) == (5_900, 0)
    at_home.reload()
    expect(at_home.get_by_test_id("qr")).to_have_count(0)
    expect(at_home.get_by_test_id("shipment-status")).to_have_text("Delivered")

    with clock.moved(timedelta(days=2, hours=23)):
        complete_due(clock.now())
    assert wallet_of(seller.pk).balance == 0
    with clock.moved(timedelta(days=3, minutes=1)):
        complete_due(clock.now())
        complete_due(clock.now())
    assert (wallet_of(buyer.pk).held_balance, wallet_of(seller.pk).balance) == (0, 5_900)
    at_home.reload()
    expect(at_home.get_by_test_id("shipment-status")).to_have_text("Completed")


def test_five_wrong_pins_lock_it_until_the_buyer_makes_a_new_one(visit_as, on_its_way, pin_of, wrong_pin):
    job = on_its_way()
    phone, at_home = visit_as(job.courier, **PHONE), visit_as(job.receiver, **PHONE)
    phone.goto(f"/courier/jobs/{job.number}/confirm/")
    for wrong, said in enumerate(("4 tries are", "3 tries are", "2 tries are", "1 try is"), start=1):
        type_pin(phone, wrong_pin(job.shipment, wrong))
        expect(phone.get_by_test_id("answer")).to_have_text(f"This is the wrong PIN. {said} left.")
    type_pin(phone, wrong_pin(job.shipment, 5))
    expect(phone.get_by_test_id("answer")).to_contain_text("Ask the buyer to make a new PIN")
    type_pin(phone, pin_of(job.shipment))
    expect(phone.get_by_test_id("answer")).to_contain_text("Ask the buyer to make a new PIN")
    assert (status_of(job), Proof.objects.get().status) == (CARRIED, ProofStatus.LOCKED)

    at_home.goto(f"/orders/{job.shipment.order.number}/")
    at_home.get_by_test_id("new-pin").click()
    new = "".join(at_home.get_by_test_id("pin").inner_text().split())
    assert new == pin_of(job.shipment)
    type_pin(phone, new)

    expect(phone.get_by_test_id("confirmed")).to_contain_text("Delivered")
    assert status_of(job) == DELIVERED


@pytest.mark.parametrize("where", ["scan tab", "page of the job"])
def test_the_buyers_code_before_the_camera_delivers_the_parcel(
    camera_phone, film, picture, on_its_way, person, where
):
    job, other = on_its_way(person(name="Bea")), on_its_way(person(name="Ben"))
    shoot(film, picture(job))
    phone = camera_phone(job.courier)

    phone.goto("/courier/scan/" if where == "scan tab" else f"/courier/jobs/{job.number}/confirm/")

    expect(phone.get_by_test_id("confirmed")).to_contain_text("Delivered")
    expect(phone.get_by_test_id("next-stop")).to_contain_text("Ben")
    assert (status_of(job), status_of(other)) == (DELIVERED, CARRIED)
    proof = Proof.objects.get(consignment__shipment=job.shipment)
    assert (proof.method, proof.accuracy_m, proof.lat is not None) == ("qr", 12, True)


def test_another_parcels_code_before_the_camera_is_told_and_tried_once(
    camera_phone, film, picture, on_its_way, person
):
    job, other = on_its_way(person(name="Bea")), on_its_way(person(name="Ben"))
    shoot(film, picture(other))
    phone = camera_phone(job.courier)
    phone.goto(f"/courier/jobs/{job.number}/confirm/")

    expect(phone.get_by_test_id("answer")).to_have_text("This is the wrong code. 4 tries are left.")

    phone.wait_for_timeout(4_000)  # the camera looks again, and the code is still there
    assert (status_of(job), ProofTry.objects.count()) == (CARRIED, 1)


def test_the_phones_own_camera_app_opens_the_code_as_an_address(visit_as, on_its_way, token_of):
    job = on_its_way()
    page = visit_as(job.courier, **PHONE)
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(f"/courier/scan/#{token_of(job.shipment)}")

    expect(page.get_by_test_id("confirmed")).to_contain_text("Delivered")
    assert status_of(job) == DELIVERED
    assert not [url for url in asked if token_of(job.shipment) in url.partition("#")[0]]


def test_a_photo_of_the_code_works_where_the_camera_was_refused(camera_phone, film, picture, on_its_way):
    job = on_its_way()
    code = picture(job)
    shoot(film, code)
    phone = camera_phone(job.courier, allowed=())
    sent = []
    phone.on("request", lambda request: sent.append(len(request.post_data_buffer or b"")))
    phone.goto(f"/courier/jobs/{job.number}/confirm/")
    expect(phone.get_by_test_id("scan-status")).to_contain_text("may not use the camera")

    phone.get_by_test_id("photo").set_input_files(
        {"name": "table.jpg", "mimeType": "image/jpeg", "buffer": photo_of(None)}
    )
    expect(phone.get_by_test_id("scan-status")).to_contain_text("No code was found in this picture.")
    phone.get_by_test_id("photo").set_input_files(
        {"name": "code.jpg", "mimeType": "image/jpeg", "buffer": photo_of(code)}
    )

    expect(phone.get_by_test_id("confirmed")).to_contain_text("Delivered")
    assert status_of(job) == DELIVERED
    assert max(sent) < 1_000  # the photo itself never left the phone


def test_a_code_with_somebody_elses_address_is_never_sent(
    visit_as, picture, on_its_way, live_server, settings
):
    """What is behind "#" counts where the address is the store's: this host, or the one its codes name."""
    job = on_its_way()
    codes, stores_own = {}, settings.SITE_URL
    for site in ("https://elsewhere.test", f"{live_server.url}.elsewhere.test", live_server.url):
        settings.SITE_URL = site
        codes[site] = picture(job)
    settings.SITE_URL = stores_own
    phone = visit_as(job.courier, **PHONE)
    phone.goto("/courier/scan/")
    photo = phone.get_by_test_id("photo")

    *foreign, ours = codes.values()
    for code in foreign:
        photo.set_input_files({"name": "code.jpg", "mimeType": "image/jpeg", "buffer": photo_of(None)})
        expect(phone.get_by_test_id("scan-status")).to_contain_text("No code was found")
        photo.set_input_files({"name": "code.jpg", "mimeType": "image/jpeg", "buffer": photo_of(code)})
        expect(phone.get_by_test_id("scan-status")).to_have_text("This is not a parcel's code.")
    assert (status_of(job), ProofTry.objects.count()) == (CARRIED, 0)

    photo.set_input_files({"name": "code.jpg", "mimeType": "image/jpeg", "buffer": photo_of(ours)})
    expect(phone.get_by_test_id("confirmed")).to_contain_text("Delivered")


def test_where_there_is_no_camera_the_page_says_so_and_takes_the_pin(visit_as, on_its_way, pin_of):
    job = on_its_way()
    page = visit_as(job.courier, **PHONE)

    page.goto(f"/courier/jobs/{job.number}/confirm/")

    expect(page.get_by_test_id("scan-status")).to_contain_text("no camera here")
    expect(page.get_by_text("Take a photo of the code", exact=True)).to_be_visible()
    type_pin(page, pin_of(job.shipment))
    expect(page.get_by_test_id("confirmed")).to_contain_text("Delivered")
    assert status_of(job) == DELIVERED


def test_without_javascript_the_pin_is_a_plain_form(visit_as, on_its_way, pin_of, wrong_pin):
    job = on_its_way()
    page = visit_as(job.courier, **NO_JS)
    page.goto("/courier/scan/")

    page.get_by_label("Or type the PIN").fill(wrong_pin(job.shipment))
    page.get_by_role("button", name="Confirm", exact=True).click()
    expect(page.get_by_test_id("answer")).to_have_text("This is the wrong PIN. 4 tries are left.")
    expect(page.get_by_label("Or type the PIN")).to_have_value("")
    assert status_of(job) == CARRIED

    page.get_by_label("Or type the PIN").fill(pin_of(job.shipment))
    page.get_by_role("button", name="Confirm", exact=True).click()
    expect(page.get_by_test_id("confirmed")).to_contain_text("Delivered")
    assert status_of(job) == DELIVERED


def test_without_https_the_page_says_that_the_camera_needs_it(
    camera_phone, live_server, film, on_its_way, pin_of, guard, settings
):
    guard.allow("request to elsewhere|phone.test")
    settings.ALLOWED_HOSTS = ["*"]
    job = on_its_way()
    port = live_server.url.rpartition(":")[2]
    insecure = f"http://phone.test:{port}"
    page = camera_phone(job.courier, flags=["--host-resolver-rules=MAP phone.test 127.0.0.1"])
    session = next(cookie for cookie in page.context.cookies() if cookie["name"] == "sessionid")
    page.context.add_cookies([{"name": "sessionid", "value": session["value"], "url": insecure}])

    page.goto(f"{insecure}/courier/jobs/{job.number}/confirm/")

    expect(page.get_by_test_id("scan-status")).to_contain_text("works over https only")
    type_pin(page, pin_of(job.shipment))
    expect(page.get_by_test_id("confirmed")).to_contain_text("Delivered")


def test_a_code_reader_that_could_not_be_fetched_is_fetched_again(
    camera_phone, film, picture, on_its_way, guard
):
    guard.allow("ERR_FAILED|wasm|Failed to fetch|falling back to ArrayBuffer")
    job = on_its_way()
    shoot(film, picture(job))
    page = camera_phone(job.courier, service_workers="block")
    page.route("**/*.wasm", lambda route: route.abort())
    page.goto(f"/courier/jobs/{job.number}/confirm/")
    expect(page.get_by_test_id("scan-status")).to_contain_text("cannot be read here just now")

    page.unroute("**/*.wasm")

    expect(page.get_by_test_id("confirmed")).to_contain_text("Delivered")


# Everything that the phone keeps of the courier's confirms.
