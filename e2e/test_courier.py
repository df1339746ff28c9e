"""A parcel reaches its buyer: the courier's phone, its camera, and a network that comes and goes."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from e2e.camera import camera_flags, code_on, photo_of, shoot
from e2e.conftest import NO_JS, PHONE
from marketplace.common import clock
from marketplace.delivery.models import Attempt, Delivery, Proof, ProofTry
from marketplace.delivery.states import DeliveryStatus, ProofStatus
from marketplace.orders.cart_ref import CartRef
from marketplace.orders.models import Shipment
from marketplace.orders.services import add_to_cart, complete_due
from marketplace.orders.states import ShipmentStatus
from marketplace.wallet.selectors import wallet_of

pytestmark = pytest.mark.usefixtures("books_balance")

BERLIN = {"latitude": 52.52, "longitude": 13.405, "accuracy": 12}
# What the browser says where a test takes the network away.
NO_NETWORK = "ERR_INTERNET_DISCONNECTED|error occurred when fetching the script"


@pytest.fixture
def film(tmp_path) -> Path:
    """What the courier's camera sees; `shoot` writes it."""
    return tmp_path / "film.y4m"


@pytest.fixture
def camera_phone(
    browser_type, browser_type_launch_args, browser_context_args, live_server, guard, sign_in, film
) -> Iterator[Callable[..., Page]]:
    """`camera_phone(courier)`: a page on a phone of its own whose camera plays `film`."""
    opened = []

    def open_phone(
        user: object,
        *,
        allowed: tuple[str, ...] = ("camera", "geolocation"),
        flags: list[str] | None = None,
        **options: object,
    ) -> Page:
        args = [*browser_type_launch_args["args"], *camera_flags(film), *(flags or [])]
        phone = browser_type.launch(**{**browser_type_launch_args, "args": args})
        opened.append(phone)
        context: BrowserContext = phone.new_context(
            **browser_context_args,
            **PHONE,
            base_url=live_server.url,
            permissions=list(allowed),
            geolocation=BERLIN,
            **options,
        )
        context.set_default_timeout(15_000)
        guard.watch(context)
        page = context.new_page()
        sign_in(page, user)
        return page

    yield open_phone
    for phone in opened:
        phone.close()


def type_pin(page: Page, pin: str) -> None:
    """With the thumb, on the keys beneath the camera."""
    for digit in pin:
        page.get_by_role("button", name=digit, exact=True).click()
    page.get_by_role("button", name="Confirm", exact=True).click()


def status_of(job: Delivery) -> tuple[str, str]:
    job.refresh_from_db()
    return job.status, Shipment.objects.get(pk=job.shipment_id).status


DELIVERED = (DeliveryStatus.DELIVERED, ShipmentStatus.DELIVERED)
CARRIED = (DeliveryStatus.CARRYING, ShipmentStatus.SHIPPED)


@pytest.fixture
def picture(visit_as) -> Callable[[Delivery], bytes]:
    """`picture(job)`: the QR code as the buyer's phone shows it, on the page of their order."""

    def take(job: Delivery) -> bytes:
        return code_on(visit_as(job.receiver, **PHONE), job.shipment.order.number)

    return take


def test_a_parcel_goes_from_the_list_to_its_buyer_and_the_seller_is_paid(
    camera_phone, visit_as, film, stocked, check_out
):
    """The whole way, by the pages of everybody: claim, pick up, scan, delivered, three days later paid."""
    buyer, seller, courier = stocked.buyer, stocked.seller, stocked.courier
    add_to_cart(cart=CartRef(user_id=buyer.pk), product_id=stocked.products["Enamel kettle"].pk, quantity=2)
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


def test_a_confirm_without_a_network_waits_on_the_phone_and_is_sent_once(visit_as, on_its_way, pin_of, guard):
    guard.allow(NO_NETWORK)
    job = on_its_way()
    page = visit_as(job.courier, **PHONE)
    page.goto(f"/courier/jobs/{job.number}/confirm/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")

    page.context.set_offline(True)
    type_pin(page, pin_of(job.shipment))

    expect(page.get_by_test_id("answer")).to_contain_text("waits on this phone")
    expect(page.get_by_test_id("queued")).to_contain_text("No network")
    assert status_of(job) == CARRIED
    page.goto("/courier/jobs/")
    expect(page.get_by_role("heading", name="No network")).to_be_visible()
    expect(page.get_by_test_id("queued")).to_have_count(1)

    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="My deliveries")).to_be_visible()  # the page that was wanted
    expect(page.get_by_test_id("queued")).to_have_count(0)
    assert status_of(job) == DELIVERED
    assert ProofTry.objects.count() == 1
    assert page.evaluate(KEPT) == []
    page.reload()
    assert (ProofTry.objects.count(), Attempt.objects.count()) == (1, 1)


def test_two_codes_scanned_without_a_network_are_both_kept_and_both_sent(
    camera_phone, film, picture, on_its_way, person, guard
):
    guard.allow(NO_NETWORK)
    jobs = [on_its_way(person(name=name)) for name in ("Bea", "Ben")]
    codes = [picture(job) for job in jobs]
    shoot(film)
    phone = camera_phone(jobs[0].courier)
    with phone.expect_response("**/*.wasm"):
        phone.goto("/courier/scan/")
    expect(phone.get_by_test_id("scan-status")).to_have_text("Hold the code here.")

    phone.context.set_offline(True)
    put_into_the_pocket(phone, True)
    shoot(film, *codes)
    put_into_the_pocket(phone, False)

    expect(phone.get_by_test_id("queued")).to_have_count(2)
    assert [status_of(job) for job in jobs] == [CARRIED, CARRIED]
    phone.context.set_offline(False)
    expect(phone.get_by_test_id("queued")).to_have_count(0)
    assert [status_of(job) for job in jobs] == [DELIVERED, DELIVERED]
    assert ProofTry.objects.count() == 2


def put_into_the_pocket(page: Page, is_hidden: bool) -> None:
    """The page is out of sight, or seen again: it closes its camera, or opens it anew."""
    page.evaluate(
        """(hidden) => {
          Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        is_hidden,
    )


def test_the_worker_sends_what_waits_while_no_page_is_open(visit_as, on_its_way, pin_of, guard):
    """Background sync: the browser wakes the service worker, which finds session and token by itself."""
    guard.allow(NO_NETWORK)
    job = on_its_way()
    page = visit_as(job.courier, **PHONE)
    tools = page.context.new_cdp_session(page)
    workers = []
    tools.on("ServiceWorker.workerRegistrationUpdated", lambda told: workers.extend(told["registrations"]))
    tools.send("ServiceWorker.enable")
    page.goto(f"/courier/jobs/{job.number}/confirm/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.context.set_offline(True)
    type_pin(page, pin_of(job.shipment))
    expect(page.get_by_test_id("queued")).to_contain_text("No network")

    page.goto("about:blank")  # before the network is back: an open page would send it at once
    assert status_of(job) == CARRIED
    page.context.set_offline(False)
    page.goto("/healthz")  # a page without our scripts
    worker = workers[-1]  # Chromium may have woken it already: it then finds nothing left to send
    tools.send(
        "ServiceWorker.dispatchSyncEvent",
        {
            "origin": worker["scopeURL"].partition("/courier/")[0],
            "registrationId": worker["registrationId"],
            "tag": "courier-confirms",
            "lastChance": False,
        },
    )

    for _wait in range(100):
        if not page.evaluate(KEPT):
            break
        page.wait_for_timeout(100)
    assert page.evaluate(KEPT) == []
    assert status_of(job) == DELIVERED
    assert ProofTry.objects.count() == 1


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
KEPT = """new Promise((resolve) => {
  indexedDB.open("courier", 1).onsuccess = ({ target }) => {
    const asked = target.result.transaction("confirms").objectStore("confirms").getAll();
    asked.onsuccess = () => resolve(asked.result);
  };
})"""


def test_what_was_refused_later_says_why_and_its_pin_is_gone(visit_as, on_its_way, wrong_pin, guard):
    guard.allow(NO_NETWORK)
    job = on_its_way()
    page = visit_as(job.courier, **PHONE)
    page.goto(f"/courier/jobs/{job.number}/confirm/")

    page.context.set_offline(True)
    type_pin(page, wrong_pin(job.shipment))
    expect(page.get_by_test_id("queued")).to_contain_text("No network")
    page.context.set_offline(False)

    expect(page.get_by_test_id("queued")).to_contain_text("This is the wrong PIN. 4 tries are left.")
    assert [kept["fields"] for kept in page.evaluate(KEPT)] == [{}]
    page.get_by_role("button", name="I have read it").click()
    expect(page.get_by_test_id("queued")).to_have_count(0)
    assert (status_of(job), ProofTry.objects.count()) == (CARRIED, 1)


def test_who_is_not_signed_in_any_more_signs_in_and_what_waited_is_sent(
    visit_as, sign_in, on_its_way, pin_of, guard
):
    guard.allow(NO_NETWORK)
    job = on_its_way()
    page = visit_as(job.courier, **PHONE)
    page.goto(f"/courier/jobs/{job.number}/confirm/")
    page.context.clear_cookies(name="sessionid")

    type_pin(page, pin_of(job.shipment))

    expect(page.get_by_test_id("answer")).to_contain_text("not signed in any more")
    expect(page.get_by_test_id("queued").get_by_role("link", name="Sign in")).to_be_visible()
    assert status_of(job) == CARRIED
    sign_in(page, job.courier)
    page.goto("/courier/jobs/")
    expect(page.get_by_test_id("messages")).to_contain_text("sent and confirmed")
    assert status_of(job) == DELIVERED


# What waits on the phone was put there a day and a minute ago.
A_DAY_AGO = """new Promise((resolve) => {
  indexedDB.open("courier", 1).onsuccess = ({ target }) => {
    const change = target.result.transaction("confirms", "readwrite");
    const table = change.objectStore("confirms");
    table.getAll().onsuccess = ({ target: { result } }) => {
      for (const item of result) table.put({ ...item, at: item.at - 86460000 });
    };
    change.oncomplete = () => resolve();
  };
})"""


def test_what_waits_for_one_courier_is_in_no_other_ones_way_and_ends_after_a_day(
    visit_as, sign_in, on_its_way, person, other_courier, pin_of, guard
):
    """A phone that two share: the first one's session ended before their PIN was sent."""
    guard.allow(NO_NETWORK)
    first, second = on_its_way(person(name="Bea")), on_its_way(person(name="Ben"), other_courier)
    page = visit_as(first.courier, **PHONE)
    page.goto(f"/courier/jobs/{first.number}/confirm/")
    page.context.clear_cookies(name="sessionid")
    type_pin(page, pin_of(first.shipment))
    waits = page.get_by_test_id("queued")
    expect(waits.locator("b")).to_have_text(f"Parcel {first.shipment.number}")

    sign_in(page, second.courier)
    page.goto(f"/courier/jobs/{second.number}/confirm/")
    page.context.set_offline(True)
    type_pin(page, pin_of(second.shipment))
    expect(waits).to_have_count(2)
    page.context.set_offline(False)

    expect(waits).to_have_count(1)
    expect(waits).to_contain_text("Please sign in as the courier who confirmed it")
    assert [status_of(first), status_of(second)] == [CARRIED, DELIVERED]
    assert [kept["label"] for kept in page.evaluate(KEPT)] == [f"Parcel {first.shipment.number}"]

    page.evaluate(A_DAY_AGO)
    sent = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    page.goto("/courier/me/")
    expect(waits).to_contain_text("waited for more than a day")
    assert [kept["fields"] for kept in page.evaluate(KEPT)] == [{}]
    assert sent == []
    page.get_by_role("button", name="I have read it").click()
    expect(waits).to_have_count(0)
    assert (status_of(first), ProofTry.objects.count()) == (CARRIED, 1)


def test_the_app_keeps_files_and_one_page_and_nothing_of_anybodys(visit_as, on_its_way):
    job = on_its_way()
    page = visit_as(job.courier, **PHONE)
    page.goto("/courier/jobs/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    for address in (f"/courier/jobs/{job.number}/confirm/", "/courier/scan/", "/courier/me/", "/courier/"):
        page.goto(address)
    page.wait_for_load_state("networkidle")

    kept = page.evaluate(
        """async () => {
          const urls = [];
          for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            for (const request of await cache.keys()) urls.push(new URL(request.url).pathname);
          }
          return urls;
        }"""
    )

    assert "/courier/offline/" in kept
    assert [url for url in kept if not url.startswith("/static/")] == ["/courier/offline/"]
