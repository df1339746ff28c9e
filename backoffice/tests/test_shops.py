"""Shops in the back office: found, suspended with a reason, opened again."""

from html import unescape

import pytest
from django.urls import reverse

from marketplace.accounts.models import SellerProfile
from marketplace.common import clock
from marketplace.wallet.reserves import terms_for
from marketplace.web.tests.markup import form_on

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_balance")]

LIST = reverse("backoffice:shops")


@pytest.fixture
def shop(seller) -> SellerProfile:
    return SellerProfile.objects.get(pk=seller.pk)


@pytest.fixture
def client(admin, as_person):
    return as_person(admin)


def path(shop: SellerProfile, action: str = "") -> str:
    return reverse(f"backoffice:shop{action}", args=[shop.slug])


def read(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


@pytest.mark.every_database
def test_shops_are_found(client, shop, other_seller):
    other = other_seller.seller_profile.shop_name
    SellerProfile.objects.filter(pk=shop.pk).update(suspended_at=clock.now(), suspended_reason="Fakes")

    for query, found in (
        ("", {shop.shop_name, other}),
        ("?closed=1", {shop.shop_name}),
        (f"?q={other[:5].upper()}", {other}),
        ("?q=nobody", set()),
        (f"?q={other_seller.email}", {other}),
    ):
        page = read(client, LIST + query)
        assert {name for name in (shop.shop_name, other) if f">{name}<" in page} == found, query


@pytest.mark.every_database
def test_no_shops(client):
    assert "No shops yet" in read(client, LIST)


def test_one_is_suspended_with_a_reason_and_opened_again(client, shop, seller):
    fields = form_on(read(client, path(shop)), path(shop, "_suspend"))
    assert client.post(path(shop, "_suspend"), fields).status_code == 422

    assert client.post(path(shop, "_suspend"), fields | {"reason": "Fakes"}).status_code == 303

    page = read(client, path(shop))
    assert "Fakes" in page
    assert 'data-testid="act-suspend"' not in page
    assert client.post(path(shop, "_suspend"), fields | {"reason": "Once more"}).status_code == 409
    assert client.post(path(shop, "_lift"), form_on(page, path(shop, "_lift"))).status_code == 303
    shop.refresh_from_db()
    assert not shop.is_suspended


@pytest.mark.every_database
def test_a_form_that_is_no_longer_true_lifts_nothing(client, shop):
    SellerProfile.objects.filter(pk=shop.pk).update(suspended_at=clock.now(), suspended_reason="Fakes")
    fields = form_on(read(client, path(shop)), path(shop, "_lift"))
    SellerProfile.objects.filter(pk=shop.pk).update(suspended_at=clock.now())

    assert client.post(path(shop, "_lift"), fields).status_code == 409

    shop.refresh_from_db()
    assert shop.is_suspended


def test_a_shop_that_is_none(client):
    assert client.get(reverse("backoffice:shop", args=["nothing"])).status_code == 404
    for action in ("_suspend", "_lift"):
        assert client.post(reverse(f"backoffice:shop{action}", args=["nothing"]), {}).status_code == 404


def test_the_list_takes_few_queries(client, person, django_assert_max_num_queries):
    for number in range(30):
        person("seller", name=f"Nr {number}")
    client.get(LIST)

    with django_assert_max_num_queries(5):
        page = read(client, LIST)
    assert page.count('data-testid="shop-row"') == 25
    assert 'data-testid="more"' in page


@pytest.mark.every_database
def test_a_part_of_its_sales_is_kept_from_now_on(client, shop):
    form = form_on(read(client, path(shop)), path(shop, "_reserve"))
    refused = client.post(path(shop, "_reserve"), form | {"bps": "10", "days": "", "reason": "Many returns"})
    assert (refused.status_code, "Choose between 1 and 365 days." in refused.content.decode()) == (422, True)
    assert 'value="10"' in refused.content.decode()

    typed = form | {"bps": "12.5", "days": "30", "reason": "Many returns"}
    assert client.post(path(shop, "_reserve"), typed).status_code == 303

    page = read(client, path(shop))
    assert "12.5% of each sale, for 30 days" in page
    assert "Many returns" in page
    stale = client.post(path(shop, "_reserve"), typed | {"bps": "1"})
    assert (stale.status_code, terms_for(shop.pk).bps) == (409, 1_250)
