"""Somebody opens an account, says where parcels go, and guards the account."""

import base64
import hashlib
import hmac
import re
import struct
import time

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import DARK, DESKTOP, PHONE
from e2e.test_pages import axe_violations

EMAIL, PASSPHRASE = "nora@example.org", "a quite long phrase"


def code_in(mail) -> str:
    return re.search(r"^ {4}(\S+)$", mail.body, re.MULTILINE)[1]


def sign_up(page: Page, mailoutbox) -> None:
    page.goto("/accounts/signup/")
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password*", exact=True).fill(PASSPHRASE)
    page.get_by_label("Password (again)").fill(PASSPHRASE)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    page.get_by_label("Code").fill(code_in(mailoutbox[-1]))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Where should parcels go?")).to_be_visible()


def fill_sign_in(page: Page, email: str, password: str = "correct horse battery staple") -> None:
    page.goto("/accounts/login/?next=/account/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def saved_pin(person) -> tuple[float, float]:
    person.profile.refresh_from_db()
    return float(person.profile.location_lat), float(person.profile.location_lng)


def show_numbers(page: Page) -> None:
    """Open what is folded: the pin in numbers."""
    page.get_by_text("Advanced: the pin in numbers").click()


def saved_account(page: Page) -> None:
    page.get_by_role("button", name="Save the location").click()
    expect(page.get_by_role("heading", name="Where parcels go")).to_be_visible()


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_visitor_signs_up_and_puts_the_pin_on_the_map(open_context, mailoutbox, django_user_model, device):
    page = open_context(**device).new_page()
    sign_up(page, mailoutbox)

    page.get_by_label("Address*").fill("Königstraße 1, Berlin")
    page.locator("#map .map-land:not([d='M0 0'])").first.wait_for()
    page.locator("#map").click(position={"x": 160, "y": 90})
    expect(page.locator(".map-pin")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="The pin is set")).to_be_visible()
    # So far from Berlin it is asked about, and the person knows better.
    expect(page.get_by_test_id("doubts")).to_contain_text("which the address names")
    lat, lng = (float(page.get_by_label(name).input_value()) for name in ("Latitude", "Longitude"))
    page.get_by_role("button", name="Save the location").click()
    expect(page.get_by_test_id("doubts")).to_contain_text("which the address names")
    page.get_by_label("The pin is right as it is.").check()
    saved_account(page)

    assert saved_pin(django_user_model.objects.get(email=EMAIL)) == (lat, lng)


def test_a_double_click_opens_one_account_and_its_code_works(page, mailoutbox, django_user_model):
    page.goto("/accounts/signup/")
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password*", exact=True).fill(PASSPHRASE)
    page.get_by_label("Password (again)").fill(PASSPHRASE)
    page.get_by_role("button", name="Create account").dblclick()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    page.get_by_label("Code").fill(code_in(mailoutbox[0]))
    page.get_by_role("button", name="Confirm").click()

    expect(page.get_by_role("heading", name="Where should parcels go?")).to_be_visible()
    assert len(mailoutbox) == django_user_model.objects.count() == 1


def test_the_same_works_without_javascript(no_js, mailoutbox, django_user_model):
    sign_up(no_js, mailoutbox)

    expect(no_js.locator("#map")).to_be_hidden()
    no_js.get_by_label("Address*").fill("Königstraße 1, Berlin")
    show_numbers(no_js)
    no_js.get_by_label("Latitude").fill("north")
    no_js.get_by_role("button", name="Save the location").click()
    expect(no_js.get_by_text("Please type degrees as a number")).to_be_visible()
    expect(no_js.get_by_label("Address*")).to_have_value("Königstraße 1, Berlin")
    no_js.get_by_label("Latitude").fill("52.52, 13.405")
    saved_account(no_js)

    assert saved_pin(django_user_model.objects.get(email=EMAIL)) == (52.52, 13.405)


def test_the_map_asks_the_device_and_follows_drags_fields_and_keys(open_context, sign_in, person):
    shopper = person(located=False)
    context = open_context(
        **DESKTOP, permissions=["geolocation"], geolocation={"latitude": 48.137, "longitude": 11.575}
    )
    page = context.new_page()
    sign_in(page, shopper)
    page.goto("/account/location/")
    lat, lng = page.get_by_label("Latitude"), page.get_by_label("Longitude")

    page.get_by_role("button", name="Use my location").click()
    expect(lat).to_have_value("48.137000")
    expect(lng).to_have_value("11.575000")

    pin = page.locator(".map-pin").bounding_box()
    page.mouse.move(pin["x"] + 16, pin["y"] + 16)
    page.mouse.down()
    page.mouse.move(pin["x"] + 96, pin["y"] + 16, steps=8)
    page.mouse.up()
    expect(lng).not_to_have_value("11.575000")
    assert float(lng.input_value()) > 12
    assert float(lat.input_value()) == pytest.approx(48.137, abs=0.05)

    show_numbers(page)
    lat.fill("60.17")
    lng.fill("24.94")
    page.locator("#map").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)
    page.keyboard.press("Enter")
    assert float(lng.input_value()) > 25
    assert float(lat.input_value()) == pytest.approx(60.17, abs=0.05)


def test_a_device_that_does_not_tell_where_it_is_leaves_the_other_ways(visit_as, person):
    page = visit_as(person(located=False))
    page.goto("/account/location/")

    page.get_by_role("button", name="Use my location").click()
    expect(page.get_by_text("Your device did not tell where it is")).to_be_visible()
    page.get_by_role("button", name="Pin to the middle of the map").click()
    expect(page.get_by_label("Latitude")).not_to_have_value("")


def test_without_the_world_or_its_tiles_the_pin_still_works(visit_as, person, guard, settings):
    settings.MAP_TILE_URL = "/no-tiles/{z}/{x}/{y}.png"
    guard.allow("no-tiles|countries|ERR_FAILED")
    page = visit_as(person(located=False))
    page.route("**/countries-50m.json", lambda route: route.abort())
    page.goto("/account/location/")

    page.locator("#map").click(position={"x": 160, "y": 90})

    expect(page.get_by_label("Latitude")).not_to_have_value("")


def test_the_map_shows_the_tiles_that_the_store_names(visit_as, person, settings):
    settings.MAP_TILE_URL = "/tiles/{z}/{x}/{y}.png"
    tile = (settings.BASE_DIR / "static/img/icon-180.png").read_bytes()
    page = visit_as(person())
    page.route("**/tiles/**", lambda route: route.fulfill(body=tile, content_type="image/png"))

    page.goto("/account/location/")

    expect(page.locator("img.leaflet-tile-loaded").first).to_be_visible()
    expect(page.locator(".map-land")).to_have_count(0)


def one_time_code(secret: str) -> str:
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1)
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 10**6:06d}"


def test_a_second_step_with_an_authenticator_app(page, person):
    shopper = person()
    fill_sign_in(page, shopper.email)
    page.get_by_role("link", name="Two-step sign-in").click()
    page.get_by_role("link", name="Set up the app").click()
    secret = page.get_by_label("Secret").input_value()
    page.get_by_label("Authenticator code").fill(one_time_code(secret))
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert axe_violations(page) == []
    recovery = page.get_by_test_id("recovery-codes").locator("code").first.inner_text()

    page.goto("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    fill_sign_in(page, shopper.email)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("Incorrect code")).to_be_visible()
    page.get_by_label("Code").fill(recovery)
    page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page).to_have_url(re.compile(r"/account/$"))


def test_a_passkey_signs_in_alone(open_context, person):
    shopper = person(name="Pia")
    page = open_context(**DESKTOP).new_page()
    authenticator = page.context.new_cdp_session(page)
    authenticator.send("WebAuthn.enable")
    authenticator.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    fill_sign_in(page, shopper.email)
    page.get_by_role("link", name="Two-step sign-in").click()
    page.get_by_role("link", name="Add a key").click()
    page.get_by_role("button", name="Add the key").click()
    expect(page.get_by_text("The key is added")).to_be_visible()
    page.goto("/accounts/2fa/webauthn/")
    expect(page.get_by_role("link", name="Rename Passkey")).to_be_visible()
    assert axe_violations(page) == []

    page.goto("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.goto("/accounts/login/?next=/account/")
    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_role("heading", name="Pia")).to_be_visible()


def test_a_forgotten_password_is_chosen_anew(page, person, mailoutbox):
    shopper = person()
    page.goto("/accounts/login/")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("Email").fill(shopper.email)
    page.get_by_role("button", name="Send me the link").click()
    link = re.search(r"https?://[^/\s]+(/\S+/reset/key/\S+)", mailoutbox[-1].body)
    page.goto(link[1])  # the mail names SITE_URL, which is not where this test's store listens
    page.get_by_label("New Password*", exact=True).fill(PASSPHRASE)
    page.get_by_label("New Password (again)").fill(PASSPHRASE)
    page.get_by_role("button", name="Save the password").click()
    expect(page.get_by_role("heading", name="Your password is changed")).to_be_visible()

    fill_sign_in(page, shopper.email, PASSPHRASE)

    expect(page).to_have_url(re.compile(r"/account/$"))


@pytest.mark.parametrize("device", [DESKTOP, DARK, PHONE], ids=["light", "dark", "phone"])
def test_no_page_is_wider_than_its_screen(visit_as, person, device):
    page = visit_as(person(), **device)

    for address in (
        "/account/",
        "/account/profile/",
        "/account/location/",
        "/accounts/2fa/",
        "/accounts/email/",
    ):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
