"""The pages of saved addresses: plain forms, nobody else's in reach."""

import re

import pytest

from marketplace.accounts.models import Profile, SavedAddress
from marketplace.web.tests.markup import form_on

pytestmark = pytest.mark.django_db

LIST, ADD, PLACES = "/account/addresses/", "/account/addresses/add/", "/places/"
WORK = {"label": "Work", "location_address": "Jungfernstieg 1\r\n20095 Hamburg", "name": "Front desk"}


@pytest.fixture
def mine(as_person, buyer):
    return as_person(buyer)


def hidden(client, page: str) -> dict[str, str]:
    html = client.get(page).content.decode()
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html))


def add(client, **changes):
    return client.post(ADD, WORK | {"form_key": hidden(client, ADD)["form_key"]} | changes)


def own(person) -> list[SavedAddress]:
    return list(SavedAddress.objects.filter(owner=person).order_by("pk"))


def all_of_it() -> tuple:
    return list(SavedAddress.objects.order_by("pk").values()), list(Profile.objects.order_by("pk").values())


def test_an_address_is_saved_without_a_pin_and_its_town_is_meant(mine, buyer):
    answer = add(mine)

    assert (answer.status_code, answer.url) == (303, LIST)
    saved = own(buyer)[-1]
    assert (saved.label, saved.name, saved.is_rough) == ("Work", "Front desk", True)
    assert (round(float(saved.lat), 1), round(float(saved.lng), 1)) == (53.6, 10.0)
    page = mine.get(LIST).content.decode()
    assert page.count('data-testid="address"') == 2
    assert page.count('data-testid="is-default"') == 1
    assert "The pin is in the town" in page


def test_an_address_that_nobody_knows_asks_for_a_pin_and_keeps_what_was_typed(mine):
    before = all_of_it()

    answer = add(mine, location_address="The mill by the brook")

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "We could not find this address" in page
    assert "The mill by the brook" in page
    assert 'value="Front desk"' in page
    assert all_of_it() == before


def test_a_pin_that_speaks_against_the_address_is_asked_about_once(mine, buyer):
    lapland = {"location_lat": "68.9", "location_lng": "27.0"}
    before = all_of_it()

    asked = add(mine, **lapland)

    page = asked.content.decode()
    assert asked.status_code == 422
    assert "which the address names" in page
    assert "from where this store delivers" in page
    assert all_of_it() == before
    assert add(mine, **lapland, pin_is_right="on").status_code == 303
    assert not own(buyer)[-1].is_rough


def test_half_a_pin_is_none(mine):
    before = all_of_it()

    answer = add(mine, location_lat="53.5")

    assert answer.status_code == 422
    assert "Please type both numbers" in answer.content.decode()
    assert all_of_it() == before


def test_changing_the_address_takes_its_pin_along(mine, buyer):
    default = own(buyer)[0]
    url = f"{LIST}{default.public_id}/"
    form = {
        "label": "Home",
        "location_address": "Marienplatz 1, 80331 München",
        "location_lat": str(default.lat),
        "location_lng": str(default.lng),
        "shown": hidden(mine, url)["shown"],
    }

    assert mine.post(url, form).status_code == 303

    changed = own(buyer)[0]
    assert round(float(changed.lat)) == 48
    assert Profile.objects.get(pk=buyer.pk).location_lat == changed.lat
    again = mine.post(url, form | {"pin_is_right": "on"})
    assert again.status_code == 409  # drawn for what it was before


def test_a_change_that_is_sent_twice_is_made_once_and_is_no_refusal(mine, buyer):
    url = f"{LIST}{own(buyer)[0].public_id}/"
    form = WORK | {"location_lat": "", "location_lng": "", "shown": hidden(mine, url)["shown"]}

    assert mine.post(url, form).status_code == 303
    before = all_of_it()
    assert mine.post(url, form).status_code == 303
    assert all_of_it() == before
    assert mine.post(url, form | {"name": "Back desk"}).status_code == 409
    assert all_of_it() == before


def test_a_pin_that_a_browser_has_put_into_the_town_is_the_towns(mine, buyer):
    """A script fills the fields in as soon as the address is typed: that is nobody's pin either."""
    add(mine)
    first = own(buyer)[-1]

    add(mine, location_lat=f"{first.lat:.5f}", location_lng=f"{first.lng:.5f}")
    add(mine, location_lat="53.5519", location_lng="9.9937")

    assert [address.is_rough for address in own(buyer)[-3:]] == [True, True, False]


def test_a_rough_default_stays_rough_while_only_its_notes_change(mine, buyer):
    add(mine, as_default="on", location_address="Jungfernstieg 1, 20095 Hamburg")
    profile = Profile.objects.get(pk=buyer.pk)
    said = {"location_lat": str(profile.location_lat), "location_lng": str(profile.location_lng)}

    answer = mine.post(
        "/account/location/", said | {"location_address": "The mill", "access_notes": "Ring twice"}
    )

    assert answer.status_code == 303
    saved = own(buyer)[-1]
    assert (saved.notes, saved.is_rough) == ("Ring twice", True)


def test_the_default_is_chosen_and_an_address_removed(mine, buyer):
    add(mine)
    home, work = own(buyer)

    assert mine.post(f"{LIST}{work.public_id}/default/").status_code == 303
    assert Profile.objects.get(pk=buyer.pk).default_address_id == work.pk

    page = mine.get(LIST).content.decode()
    marks = re.findall(r'name="shown" value="([^"]*)"', page)
    assert mine.post(f"{LIST}{work.public_id}/remove/", {"shown": "of before"}).status_code == 409
    assert len(own(buyer)) == 2
    assert mine.post(f"{LIST}{work.public_id}/remove/", {"shown": marks[1]}).status_code == 303
    assert own(buyer) == [home]
    assert Profile.objects.get(pk=buyer.pk).default_address_id == home.pk


def test_a_second_click_on_remove_ends_where_the_first_one_did(mine, buyer, stranger, as_person):
    saved = own(buyer)[0]
    here = f"{LIST}{saved.public_id}/remove/"
    form = form_on(mine.get(LIST).content.decode(), here)
    first = mine.post(here, form)

    second = mine.post(here, form, follow=True)

    assert [(first["Location"], first.status_code)] == second.redirect_chain
    assert "The address is removed." in second.content.decode()
    assert as_person(stranger).post(here, form).status_code == 404
    assert mine.post(f"{LIST}another/remove/", form).status_code == 404
    assert mine.post(here, {"shown": form["shown"]}).status_code == 404


@pytest.mark.parametrize("what", ["", "remove/", "default/"])
def test_somebody_elses_address_is_not_there(mine, stranger, admin, as_person, what):
    theirs = own(stranger)[0]
    before = all_of_it()

    for client in (mine, as_person(admin)):
        assert client.post(f"{LIST}{theirs.public_id}/{what}", WORK).status_code == 404
    assert mine.get(f"{LIST}{theirs.public_id}/").status_code == 404
    assert all_of_it() == before


def test_who_was_on_the_way_somewhere_goes_on_there(mine):
    assert add(mine, next="/checkout/").url == "/checkout/"
    assert add(mine, next="https://evil.example/").url == LIST


def test_places_are_looked_up_by_our_server(mine, as_person):
    answer = mine.get(PLACES, {"q": "Torstraße 1, 10119 Berlin", "lat": "53.55", "lng": "9.99"}).json()

    assert answer["found"][0]["label"] == "10119 Berlin, DE"
    assert "which the address names" in answer["doubts"][0]
    assert mine.get(PLACES).json() == {"found": [], "doubts": []}
    assert mine.get(PLACES, {"q": "Berlin", "lat": "x", "lng": "9" * 99}).status_code == 200
    assert as_person().get(PLACES, {"q": "Berlin"}).status_code == 302


def test_nobody_asks_for_places_without_end(mine, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"address_search": (1, 60)}
    mine.get(PLACES, {"q": "Berlin"})

    assert mine.get(PLACES, {"q": "Berlin"}).status_code == 429


@pytest.mark.parametrize("number", [1, 10])
def test_the_list_takes_as_many_statements_for_ten_as_for_one(
    mine, buyer, number, settings, django_assert_max_num_queries
):
    for _again in range(number):
        add(mine)
    mine.get(LIST)

    with django_assert_max_num_queries(5):
        mine.get(LIST)
