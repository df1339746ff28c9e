"""What the delivery of one piece costs, on its product's page."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.accounts.address_book import add_address, save_location
from marketplace.accounts.saved import AddressKind
from marketplace.accounts.tests.test_address_book import WORK, key
from marketplace.products.models import SizeClass
from marketplace.products.services import NewVariant, choose_pick_up
from marketplace.rates.services import Rates, offer_free_delivery, publish_rates

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


@pytest.fixture
def with_rates(admin):
    def publish(**rates: int) -> None:
        publish_rates(
            rates=Rates(**{"base": 390, "per_km": 100, "extra_bulky": 900} | rates),
            actor=admin,
            expected_version=0,
        )

    return publish


@pytest.fixture
def lamp(goods, seller):
    return goods(seller, title="Lamp", variants=[NewVariant(price=1_000, stock=5)])


def said(client, product):
    """What the page says of the delivery, None where it says nothing."""
    html = client.get(reverse("shop:product", args=[product.slug])).content.decode()
    found = re.search(r'data-testid="delivery">(.*?)</p>', html, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[1])).strip() if found else None


def live_at(user, lat, lng):
    save_location(user_id=user.pk, lat=Decimal(lat), lng=Decimal(lng), address="Somewhere 1", actor=user)


def test_a_store_without_rates_says_nothing(client, lamp):
    assert said(client, lamp) is None


def test_a_visitor_reads_from_what_it_costs(client, lamp, with_rates):
    with_rates()

    assert said(client, lamp) == "Delivery from €3.90"


def test_who_said_where_they_live_reads_the_price_of_the_way(lamp, with_rates, buyer, seller, as_person):
    with_rates()
    live_at(seller, "52.500000", "13.400000")
    live_at(buyer, "52.545000", "13.400000")  # 5.0 km to the north

    assert said(as_person(buyer), lamp) == "Delivery to your address €8.90"


def test_where_nobody_brings_it_the_page_says_so(lamp, with_rates, buyer, seller, as_person):
    with_rates(max_metres=4_000)
    live_at(seller, "52.500000", "13.400000")
    live_at(buyer, "52.545000", "13.400000")

    assert said(as_person(buyer), lamp) == "Not delivered to your address: it is too far away."


def test_the_chosen_size_counts(client, goods, seller, with_rates):
    with_rates()
    sofa = goods(
        seller, title="Sofa", variants=[NewVariant(price=5_000, stock=1, size_class=SizeClass.BULKY)]
    )

    assert said(client, sofa) == "Delivery from €12.90"


def test_who_pays_it_is_the_store_or_the_seller(client, lamp, with_rates, seller):
    with_rates()
    offer_free_delivery(actor=seller, free_from=1_000)
    assert said(client, lamp) == "Free delivery"

    offer_free_delivery(actor=seller, free_from=1_001)
    assert said(client, lamp) == "Delivery from €3.90"


def test_it_takes_no_statement_more(client, lamp, with_rates):
    def count():
        with CaptureQueriesContext(connection) as queries:
            said(client, lamp)
        return len(queries)

    count()
    before = count()
    with_rates()

    assert count() == before


def test_the_way_begins_where_the_listing_says(lamp, goods, with_rates, buyer, seller, as_person):
    with_rates()
    live_at(seller, "52.500000", "13.400000")
    live_at(buyer, "52.500000", "13.400000")
    other = goods(seller, title="Chair")
    # Two and five kilometres to the north; the first one is the default.
    for label, lat in (("Workshop", "52.518000"), ("Store", "52.545000")):
        wish = replace(WORK, label=label, lat=Decimal(lat), lng=Decimal("13.400000"))
        place = add_address(
            user_id=seller.pk, kind=AddressKind.PICK_UP, wish=wish, form_key=key(seller), actor=seller
        )
    choose_pick_up(product_id=lamp.pk, place=place.public_id, actor=seller)

    assert said(as_person(buyer), lamp) == "Delivery to your address €8.90"
    assert said(as_person(buyer), other) == "Delivery to your address €5.90"
