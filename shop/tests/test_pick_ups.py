"""A seller's pages of pick-up places: as those of addresses, for sellers alone; a listing names one."""

import re

import pytest

from marketplace.accounts.models import Profile, SavedAddress
from marketplace.accounts.saved import AddressKind
from marketplace.products.models import Product

pytestmark = pytest.mark.django_db

LIST, ADD, ONE = "/account/pick-ups/", "/account/pick-ups/add/", "/account/addresses/"
SHOP = {
    "label": "Workshop",
    "location_address": "Jungfernstieg 1\r\n20095 Hamburg",
    "access_notes": "Ring twice",
}


@pytest.fixture
def mine(as_person, seller):
    return as_person(seller)


def add(client, **changes):
    page = client.get(ADD).content.decode()
    key = re.search(r'name="form_key" value="([^"]*)"', page)[1]
    return client.post(ADD, SHOP | {"form_key": key} | changes)


def places(person) -> list[SavedAddress]:
    return list(SavedAddress.objects.filter(owner=person, kind=AddressKind.PICK_UP).order_by("pk"))


def test_places_are_named_changed_made_the_default_and_removed(mine, seller):
    before = Profile.objects.values().get(pk=seller.pk)
    assert "couriers come to where your own parcels go" in mine.get(LIST).content.decode()

    assert add(mine).url == LIST
    assert add(mine, label="Store", location_address="Marienplatz 1, 80331 München").url == LIST
    workshop, store = places(seller)
    page = mine.get(LIST).content.decode()
    assert page.count('data-testid="address"') == 2
    assert page.count('data-testid="is-default"') == 1
    assert Profile.objects.get(pk=seller.pk).default_pick_up_id == workshop.pk

    assert mine.post(f"{ONE}{store.public_id}/default/").url == LIST
    page = mine.get(f"{ONE}{workshop.public_id}/").content.decode()
    assert "A pick-up place" in page
    mark = re.search(r'name="shown" value="([^"]*)"', page)[1]
    assert mine.post(f"{ONE}{workshop.public_id}/", SHOP | {"label": "Yard", "shown": mark}).url == LIST
    marks = re.findall(r'name="shown" value="([^"]*)"', mine.get(LIST).content.decode())
    assert mine.post(f"{ONE}{store.public_id}/remove/", {"shown": marks[1]}).url == LIST

    (yard,) = places(seller)
    assert yard.label == "Yard"
    # Where the seller's own parcels go is another book.
    assert Profile.objects.values().get(pk=seller.pk) == before | {"default_pick_up_id": yard.pk}
    assert "Yard" not in mine.get("/account/addresses/").content.decode()
    assert "Yard" in mine.get("/seller/settings/").content.decode()


def test_what_is_wrong_is_said_and_what_was_typed_stays(mine, seller):
    answer = add(mine, location_address="The mill by the brook")

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "We could not find this address" in page
    assert "The mill by the brook" in page
    assert 'value="Workshop"' in page
    assert places(seller) == []


@pytest.mark.every_database
def test_nobody_else_has_pick_up_places(as_person, buyer, courier, admin):
    for somebody in (buyer, courier, admin):
        client = as_person(somebody)
        assert client.get(LIST).status_code == 403
        assert client.post(ADD, SHOP).status_code == 403
    assert not SavedAddress.objects.filter(kind=AddressKind.PICK_UP).exists()


@pytest.mark.every_database
def test_a_listing_names_a_place(mine, seller, other_seller, make_product, as_person):
    lamp = make_product(seller=seller)
    listing = f"/seller/listings/{lamp.slug}/"
    add(mine)
    assert 'data-testid="pick-up-form"' not in mine.get(listing).content.decode()  # nothing to choose
    add(mine, label="Store")
    _workshop, store = places(seller)
    assert 'data-testid="pick-up-form"' in mine.get(listing).content.decode()

    assert mine.post(f"{listing}pick-up/", {"place": store.public_id}).status_code == 303
    assert re.search(rf'value="{store.public_id}" selected', mine.get(listing).content.decode())
    before = Product.objects.values().get(pk=lamp.pk)
    assert before["pick_up_id"] == store.pk

    refused = mine.post(f"{listing}pick-up/", {"place": "nonsense"})
    assert refused.status_code == 422
    assert "This place is saved no more" in refused.content.decode()
    assert as_person(other_seller).post(f"{listing}pick-up/", {"place": ""}).status_code == 404
    assert Product.objects.values().get(pk=lamp.pk) == before
    assert mine.post(f"{listing}pick-up/", {"place": ""}).status_code == 303
    assert Product.objects.get(pk=lamp.pk).pick_up_id is None
