"""A courier's phone without a network: what was confirmed waits on it, and is sent once."""

import pytest
from playwright.sync_api import Page, expect

from e2e.camera import shoot
from e2e.conftest import PHONE
from e2e.courier_phone import CARRIED, DELIVERED, status_of, type_pin
from marketplace.delivery.models import Attempt, ProofTry

pytestmark = pytest.mark.usefixtures("books_balance")

# What the browser says where a test takes the network away.
NO_NETWORK = "ERR_INTERNET_DISCONNECTED|error occurred when fetching the script"


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
    page.evaluate(KEEPS_THE_WORKER_ASLEEP)
    page.context.set_offline(True)
    type_pin(page, pin_of(job.shipment))
    expect(page.get_by_test_id("queued")).to_contain_text("No network")
    assert page.evaluate("asked") == ["courier-confirms"]

    # Before the network is back: an open page would send it at once. As it is left, Chromium may lift its offline.
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('no network')); }")
    page.goto("about:blank")
    assert status_of(job) == CARRIED
    page.context.set_offline(False)
    page.goto("/healthz")  # a page without our scripts
    worker = workers[-1]
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


# Chromium takes "offline" of a test for online, and would wake the worker at once: we wake it when it is time.
KEEPS_THE_WORKER_ASLEEP = """() => {
  window.asked = [];
  SyncManager.prototype.register = async (tag) => { window.asked.push(tag); };
}"""

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
