"""The person's own pages: what is saved, what is refused, and that nobody else's is in reach."""

import pytest

from marketplace.accounts.models import Profile, Role
from marketplace.common.errors import Busy

pytestmark = pytest.mark.django_db

ACCOUNT, PROFILE, LOCATION = "/account/", "/account/profile/", "/account/location/"
HAMBURG = {
    "location_address": "Jungfernstieg 1\r\n20095 Hamburg",
    "access_notes": "Ring twice",
    "location_lat": "53.5525",
    "location_lng": "9,9937",
}


@pytest.fixture
def mine(as_person, buyer):
    return as_person(buyer)


def saved(person) -> dict:
    return Profile.objects.values().get(pk=person.pk)


@pytest.mark.parametrize("page", [ACCOUNT, PROFILE, LOCATION])
@pytest.mark.parametrize("role", Role.values)
def test_everybody_who_is_signed_in_has_these_pages(as_person, person, role, page):
    client = as_person(person(role))

    assert client.get(page).status_code == 200
    assert client.head(page).status_code == (405 if page == ACCOUNT else 200)
    assert client.delete(page).status_code == 405


def test_the_overview_is_only_read(mine):
    assert mine.post(ACCOUNT).status_code == 405


def test_the_overview_says_what_is_saved_and_asks_for_what_is_missing(as_person, person):
    located, new = person(name="Bea"), person(located=False)

    page = as_person(located).get(ACCOUNT).content.decode()
    assert "Torstraße 1" in page and "Your addresses" in page
    assert "Set your location" in as_person(new).get(ACCOUNT).content.decode()


def test_a_profile_is_saved_and_its_owner_sent_back(mine, buyer, stranger):
    before = saved(stranger)

    answer = mine.post(PROFILE, {"name": "Bea B.", "phone": "+49 40 123", "time_zone": "Europe/Berlin"})

    assert (answer.status_code, answer.url) == (303, ACCOUNT)
    assert saved(buyer)["name"] == "Bea B."
    assert "Bea B." in mine.get(ACCOUNT).content.decode()
    assert saved(stranger) == before


@pytest.mark.parametrize(
    "bad",
    [
        {"phone": "call me maybe"},
        {"time_zone": "Mars/Olympus"},
        {"name": "x" * 121},
        {"name": "a\x00b"},
    ],
)
def test_a_bad_profile_says_so_beside_the_field_and_keeps_what_was_typed(mine, buyer, bad):
    before = saved(buyer)
    typed = {"name": "New name", "phone": "+49 40 123", "time_zone": ""} | bad

    answer = mine.post(PROFILE, typed)

    assert answer.status_code == 422
    html = answer.content.decode()
    assert "invalid-feedback" in html
    assert f'value="{typed["phone"]}"' in html
    assert saved(buyer) == before


def test_a_busy_store_keeps_what_was_typed(mine, buyer, monkeypatch):
    def busy(**given):
        raise Busy("Please try again.")

    monkeypatch.setattr("shop.views.account.save_profile", busy)

    answer = mine.post(PROFILE, {"name": "New name", "phone": "+49 40 123", "time_zone": ""})

    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    assert 'value="New name"' in answer.content.decode()
    assert "Please try again." in answer.content.decode()


def test_a_location_is_saved_with_either_decimal_sign(mine, buyer):
    answer = mine.post(LOCATION, HAMBURG)

    assert (answer.status_code, answer.url) == (303, ACCOUNT)
    profile = Profile.objects.get(pk=buyer.pk)
    assert (str(profile.location_lat), str(profile.location_lng)) == ("53.552500", "9.993700")
    assert "20095 Hamburg" in profile.location_address
    assert 'value="53.5525"' in mine.get(LOCATION).content.decode()


@pytest.mark.parametrize(
    "pasted",
    [
        {"location_lat": "53.5525, 9.9937", "location_lng": ""},
        {"location_lat": "", "location_lng": " 53.5525,9.9937 "},
        {"location_lat": "geo:53.5525,9.9937?z=17", "location_lng": "1"},
    ],
)
def test_a_pasted_pair_of_degrees_is_understood(mine, buyer, pasted):
    mine.post(LOCATION, HAMBURG | pasted)

    profile = Profile.objects.get(pk=buyer.pk)
    assert (str(profile.location_lat), str(profile.location_lng)) == ("53.552500", "9.993700")


def test_a_decimal_comma_is_no_pair(mine, buyer):
    mine.post(LOCATION, HAMBURG | {"location_lat": "53,5", "location_lng": "9,993"})

    profile = Profile.objects.get(pk=buyer.pk)
    assert (str(profile.location_lat), str(profile.location_lng)) == ("53.500000", "9.993000")


@pytest.mark.parametrize(
    "bad",
    [
        {"location_lat": ""},
        {"location_lat": "91"},
        {"location_lat": "-90.0000001"},
        {"location_lng": "180.1"},
        {"location_lat": "north"},
        {"location_lat": "NaN"},
        {"location_lng": "Infinity"},
        {"location_lat": "1e1"},
        {"location_lat": "٥٢"},
        {"location_lat": "1_0"},
        {"location_lat": "9" * 5000},
        {"location_lat": "5\x002"},
        {"location_address": "  "},
        {"location_address": "x" * 301},
        {"location_address": "a\x00b"},
        {"access_notes": "x" * 301},
    ],
)
def test_a_bad_location_says_so_and_keeps_what_was_typed(mine, buyer, bad):
    before = saved(buyer)
    typed = HAMBURG | bad

    answer = mine.post(LOCATION, typed)

    assert answer.status_code == 422
    html = answer.content.decode()
    assert "invalid-feedback" in html
    if "access_notes" not in bad:
        assert "Ring twice" in html
    assert saved(buyer) == before


def test_an_empty_form_is_refused_whole(mine, buyer):
    before = saved(buyer)

    assert mine.post(LOCATION, {}).status_code == 422
    assert saved(buyer) == before


@pytest.mark.parametrize("page", [PROFILE, LOCATION])
def test_who_was_on_the_way_somewhere_goes_on_there(mine, page):
    form = HAMBURG if page == LOCATION else {"name": "Bea", "phone": "", "time_zone": ""}

    assert 'value="/checkout/"' in mine.get(page, {"next": "/checkout/"}).content.decode()
    assert mine.post(page, form | {"next": "/checkout/"}).url == "/checkout/"
    assert mine.post(page, form | {"next": "https://evil.example/"}).url == ACCOUNT
    assert "evil.example" not in mine.get(page, {"next": "https://evil.example/"}).content.decode()


def test_a_form_of_somebody_elses_site_is_refused(buyer):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(buyer)
    before = saved(buyer)

    assert client.post(LOCATION, HAMBURG).status_code == 403
    assert saved(buyer) == before


def test_the_map_names_the_tiles_that_are_set(mine, settings):
    assert 'data-tiles=""' in mine.get(LOCATION).content.decode()
    settings.MAP_TILE_URL = "https://tiles.example/{z}/{x}/{y}.png"
    assert 'data-tiles="https://tiles.example/{z}/{x}/{y}.png"' in mine.get(LOCATION).content.decode()


def test_the_pages_take_few_queries(mine, django_assert_max_num_queries):
    mine.get(ACCOUNT)  # the frame keeps the categories from here on

    # Session, user, header, and up to two of their own; the first one has what one applied for, too.
    for page, most in ((ACCOUNT, 6), (PROFILE, 5), (LOCATION, 5)):
        with django_assert_max_num_queries(most):
            mine.get(page)
