"""The courier's console at work on a phone, with and without scripts."""

import io

import pytest
from PIL import ExifTags, Image
from playwright.sync_api import expect

from e2e.conftest import PHONE
from e2e.test_pages import axe_violations
from marketplace.delivery.models import Attempt, Delivery
from site_config.acts.delivery import job_of

pytestmark = pytest.mark.usefixtures("books_balance")

SMALL = {**PHONE, "viewport": {"width": 360, "height": 740}}
KREUZBERG = {"latitude": 52.4990, "longitude": 13.4180, "accuracy": 20}


@pytest.fixture
def console(courier, visit_as):
    """`console(**options)`: the courier's own browser; a phone of 360 px unless it is said otherwise."""
    return lambda **options: visit_as(courier, **(options or SMALL))


def test_distances_are_counted_from_the_phone_once_it_may_tell(placed, console):
    placed()
    page = console(**SMALL, permissions=["geolocation"], geolocation=KREUZBERG)
    page.goto("/courier/?sort=waiting")
    card = page.get_by_test_id("available")
    expect(card).to_contain_text("500 m")  # the pick-up is at the profile's place

    page.get_by_role("button", name="Use my place").click()

    expect(page.get_by_text("from your phone")).to_be_visible()
    expect(card).to_contain_text("2.5 km")
    assert page.url.endswith("/courier/?sort=waiting")


def test_a_phone_that_tells_nothing_keeps_the_profiles_place(placed, console):
    placed()
    page = console(**SMALL, permissions=[])
    page.goto("/courier/")

    page.get_by_role("button", name="Use my place").click()

    expect(page.get_by_text("Your phone did not tell where it is")).to_be_visible()
    expect(page.get_by_test_id("available")).to_contain_text("500 m")


def test_a_round_is_sorted_by_hand_in_place_and_back(claimed, courier, console):
    for _ in range(2):
        claimed(None, courier)
    page = console()
    page.goto("/courier/jobs/")
    names = page.get_by_test_id("stop")
    before = names.all_inner_texts()

    page.get_by_role("button", name="Later").first.click()

    expect(page.get_by_test_id("suggest")).to_be_visible()
    assert set(Delivery.objects.values_list("position", flat=True)) == {1, 2}
    page.get_by_test_id("suggest").click()
    expect(page.get_by_test_id("suggest")).to_be_hidden()
    assert names.all_inner_texts() == before


def test_the_job_shows_a_map_and_its_one_action_is_within_the_thumbs_reach(claimed, courier, console):
    job = claimed(None, courier)
    page = console()
    page.goto(f"/courier/jobs/{job.number}/")

    expect(page.locator("#route-map .map-pin-to")).to_have_count(1)
    action = page.get_by_test_id("primary")
    box = action.bounding_box()
    assert box["height"] >= 56
    assert 740 / 2 < box["y"] < 740 - box["height"]
    action.click()
    expect(page.get_by_test_id("job-status")).to_have_text("On its way")


def test_what_is_said_never_lies_over_the_one_action(placed, courier, console):
    placed()
    page = console()
    page.goto("/courier/")

    page.get_by_test_id("claim").click()

    expect(page.get_by_test_id("messages")).to_contain_text("It is yours")
    page.get_by_test_id("primary").click(timeout=3_000)  # well before the message goes by itself
    expect(page.get_by_test_id("job-status")).to_have_text("On its way")
    expect(page.get_by_test_id("messages")).to_contain_text("The buyer has a PIN")
    page.get_by_test_id("primary").click(timeout=3_000)
    expect(page.get_by_test_id("confirm-form")).to_be_visible()


def test_without_a_script_a_parcel_is_claimed_picked_up_sorted_and_a_try_written_down(
    placed, claimed, courier, console
):
    claimed(None, courier)
    placed()
    page = console(**SMALL, java_script_enabled=False)
    page.goto("/courier/")

    page.get_by_role("button", name="Use my place").click()
    expect(page.get_by_text("from your profile")).to_be_visible()
    page.get_by_test_id("claim").click()
    page.get_by_test_id("primary").click()
    expect(page.get_by_test_id("job-status")).to_have_text("On its way")
    page.get_by_role("link", name="Deliveries", exact=True).click()
    page.get_by_role("button", name="Later").first.click()
    expect(page.get_by_test_id("suggest")).to_be_visible()
    page.get_by_role("link", name="Hand over").first.click()
    page.go_back()

    job = Delivery.objects.get(status="carrying")
    page.goto(f"/courier/jobs/{job.number}/")
    page.get_by_test_id("fail").click()
    page.get_by_label("Nobody was there").check()
    page.get_by_label("Note").fill("Rang twice")
    page.get_by_role("button", name="Write it down").click()

    expect(page.get_by_test_id("attempt")).to_contain_text("Rang twice")
    assert Attempt.objects.get().reason == "absent"


def test_a_phones_photo_is_made_small_before_it_is_sent(on_its_way, courier, console):
    """24 million pixels, 6 MB and held sideways: the server gets what it would keep of them, upright."""
    job = on_its_way(None, courier)
    file = io.BytesIO()
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    noise = Image.effect_noise((1500, 1000), 90).resize((6000, 4000)).convert("RGB")
    noise.save(file, "JPEG", quality=93, exif=exif)
    assert len(file.getvalue()) > 4_000_000
    page = console()
    page.goto(f"/courier/jobs/{job.number}/fail/")
    picker = page.locator("input[name=photo]")

    picker.set_input_files({"name": "door.jpeg", "mimeType": "image/jpeg", "buffer": file.getvalue()})
    for _attempt in range(100):
        name, size = picker.evaluate("input => [input.files[0].name, input.files[0].size]")
        if name == "door.jpg":
            break
        page.wait_for_timeout(100)

    assert name == "door.jpg"
    assert size < len(file.getvalue()) / 2
    page.get_by_label("Nobody was there").check()
    page.get_by_role("button", name="Write it down").click()
    page.wait_for_url(f"**/courier/jobs/{job.number}/")
    with Attempt.objects.get().photo.open() as stored, Image.open(stored) as kept:
        assert kept.size == (1600, 2400)


def test_the_phones_place_goes_with_a_try_once_the_courier_allowed_it(on_its_way, courier, console):
    job = on_its_way(None, courier)
    page = console(**SMALL, permissions=["geolocation"], geolocation=KREUZBERG)
    page.goto(f"/courier/jobs/{job.number}/fail/")

    expect(page.get_by_text("Where you are is added.")).to_be_visible()
    page.get_by_label("Nobody was there").check()
    page.get_by_role("button", name="Write it down").click()

    expect(page.get_by_test_id("attempt")).to_be_visible()
    attempt = Attempt.objects.get()
    assert (float(attempt.lat), float(attempt.lng), attempt.accuracy_m) == (52.499, 13.418, 20)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_job_at_every_point_of_its_way_fits_the_phone_and_axe_finds_nothing(furnished, visit_as, scheme):
    """test_pages.py looks at one job; its page looks different at each point."""
    page = visit_as(furnished.courier, **SMALL, color_scheme=scheme)
    found = []

    def look(address: str) -> None:
        page.goto(address)
        found.extend(f"{address}: {told['id']}: {told['nodes'][0]['html']}" for told in axe_violations(page))
        if page.evaluate("Math.max(document.documentElement.scrollWidth, innerWidth)") > 360:
            found.append(f"{address}: scrolls sideways")

    for state in ("on_its_way", "failed", "locked", "returning", "delivered", "returned"):
        look(f"/courier/jobs/{job_of(furnished.shipments[state]).number}/")
    for address in ("/courier/", "/courier/jobs/", "/courier/me/"):
        look(address)
    page.context.clear_cookies()
    page = visit_as(furnished.suspended_courier, **SMALL, color_scheme=scheme)
    for address in ("/courier/", "/courier/jobs/", "/courier/me/"):
        look(address)

    assert not found, "\n".join(found)
