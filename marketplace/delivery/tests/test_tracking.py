"""The tracking link: opens without signing in, for 60 days, and tells nothing of anybody."""

from datetime import timedelta

import pytest
import time_machine
from django.core.signing import TimestampSigner
from django.urls import reverse

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.delivery.models import Proof
from marketplace.delivery.selectors import (
    order_stamp,
    shipment_by_token,
    shipment_stamp,
    track_view,
    tracking_token,
)
from marketplace.web.tests.markup import markup

pytestmark = pytest.mark.usefixtures("books_balance")


def page_of(client, shipment):
    return client.get(reverse("shop:track", args=[tracking_token(shipment)]))


def test_it_opens_without_signing_in_and_says_where_the_parcel_is(client, on_its_way, fail):
    job = on_its_way()
    fail(job, "absent", note="Only the neighbour Erna Schulz was there")

    page = markup(page_of(client, job.shipment))

    assert 'data-testid="track-status">On its way<' in page
    assert "A try at the door did not succeed" in page


@pytest.mark.parametrize("end", ["on_its_way", "delivered", "going_back"])
def test_nothing_personal_is_on_it(request, client, buyer, seller, courier, end, pin_of, token_of):
    job = request.getfixturevalue(end)(price=4217, title="Blue ceramic owl")
    shipment, order = job.shipment, job.shipment.order
    User.objects.filter(pk=courier.pk).update(email="cara.courier@example.org")

    page = page_of(client, shipment).content.decode()

    secrets = [pin_of(shipment), token_of(shipment)] if end != "delivered" else []
    for private in (
        order.number,
        order.ship_name,
        order.ship_address,
        order.ship_phone,
        "Berlin",
        "42.17",
        "owl",
        seller.seller_profile.shop_name,
        buyer.email,
        courier.profile.name,
        "refused",
        *secrets,
    ):
        assert private not in page


def test_whoever_is_signed_in_sees_the_same_page(client, buyer, on_its_way):
    address = reverse("shop:track", args=[tracking_token(on_its_way().shipment)])
    visitors = client.get(address).content
    client.force_login(buyer)

    assert client.get(address).content == visitors


def test_it_is_not_kept_not_indexed_and_tells_no_other_site(client, on_its_way):
    answer = page_of(client, on_its_way().shipment)

    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert b'<meta name="robots" content="noindex, nofollow">' in answer.content
    assert b'method="post"' not in answer.content  # no-referrer would make a form's POST look foreign


def test_it_is_good_for_sixty_days(placed):
    shipment = placed()
    token = tracking_token(shipment)
    now = clock.now()

    with time_machine.travel(now + timedelta(days=59, hours=23)):
        assert shipment_by_token(token) == shipment
    with time_machine.travel(now + timedelta(days=60, minutes=1)):
        assert shipment_by_token(token) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: "0" * 12 + token[12:],
        lambda token: token.partition(":")[0],
        lambda token: TimestampSigner(salt="form-key").sign(token.partition(":")[0]),
        lambda token: TimestampSigner(salt="tracking").sign("000000000000"),
        lambda token: "nonsense",
        lambda token: "a" * 5000,
        lambda token: "\x00",
    ],
    ids=["changed", "another number", "number", "another salt", "no such parcel", "nonsense", "long", "NUL"],
)
def test_a_forged_link_leads_nowhere(client, placed, change):
    address = reverse("shop:track", args=[change(tracking_token(placed()))])

    assert client.get(address).status_code == 404


def test_it_takes_no_post(client, placed):
    assert client.post(reverse("shop:track", args=[tracking_token(placed())])).status_code == 405


def test_looking_is_limited_an_address(client, placed, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"tracking": (2, 60)}
    shipment = placed()

    answers = [page_of(client, shipment) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1]["Retry-After"]


def test_the_page_follows_the_parcel_and_is_a_304_of_two_queries_while_it_stays(
    client, on_its_way, confirm, django_assert_num_queries
):
    """The shipment and the stamp; nobody is signed in."""
    job = on_its_way()
    address = reverse("shop:track", args=[tracking_token(job.shipment)])
    page = client.get(address)
    assert 'hx-trigger="every 10s, look"' in page.content.decode()
    ask = {"HX-Request": "true", "If-None-Match": page["ETag"]}

    with django_assert_num_queries(2):
        assert client.get(address, headers=ask).status_code == 304
    confirm(job)

    answer = client.get(address, headers=ask)
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    assert 'data-testid="track-status">Delivered<' in markup(answer)


def test_the_view_takes_two_queries(on_its_way, django_assert_num_queries):
    shipment = on_its_way().shipment

    with django_assert_num_queries(2):
        track_view(shipment)


def test_its_stamp_cannot_be_searched_for_what_it_stands_for(buyer, on_its_way, settings):
    shipment = on_its_way().shipment
    stamps = shipment_stamp(shipment.pk), order_stamp(buyer, shipment.order.number)
    assert all(stamps)

    settings.SECRET_KEY = "another-key-of-the-store-that-nobody-outside-knows"

    assert shipment_stamp(shipment.pk) != stamps[0]
    assert order_stamp(buyer, shipment.order.number) != stamps[1]


@pytest.mark.parametrize("column", ["total", "frozen", "tries"])
def test_its_stamp_does_not_tell_when_money_or_wrong_codes_change(buyer, on_its_way, column):
    shipment = on_its_way().shipment
    of_the_link, of_the_buyer = shipment_stamp(shipment.pk), order_stamp(buyer, shipment.order.number)
    rows = Proof.objects.all() if column == "tries" else type(shipment).objects.all()
    before = rows.values_list(column, flat=True).get()

    rows.update(**{column: before + 1})

    assert shipment_stamp(shipment.pk) == of_the_link
    assert order_stamp(buyer, shipment.order.number) != of_the_buyer
    rows.update(**{column: before})
