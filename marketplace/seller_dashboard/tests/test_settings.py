"""A seller's settings: what the shop says, its pictures, its vacation."""

from datetime import UTC, datetime, timedelta
from html import unescape
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from marketplace.accounts.models import Profile, Role, SellerProfile
from marketplace.common import clock
from marketplace.rates.selectors import offer_of
from marketplace.rates.services import Rates, offer_free_delivery, publish_rates
from marketplace.web.tests.markup import form_on

pytestmark = pytest.mark.django_db

PAGE = reverse("seller_dashboard:settings")
SHOP, VACATION, BACK = (reverse(f"seller_dashboard:settings_{name}") for name in ("shop", "vacation", "back"))
LOGO = reverse("seller_dashboard:settings_picture", args=["logo"])
TYPED = {"shop_name": "Sam's new shop", "about": "Everything", "ships_from": "Potsdam"}


@pytest.fixture
def client(seller, as_person):
    return as_person(seller)


@pytest.fixture
def shop(seller) -> SellerProfile:
    return SellerProfile.objects.get(pk=seller.pk)


def read(client) -> str:
    return unescape(client.get(PAGE).content.decode())


def everything() -> list[dict]:
    return list(SellerProfile.objects.order_by("pk").values())


def picture() -> SimpleUploadedFile:
    file = BytesIO()
    Image.new("RGB", (400, 400), (10, 120, 90)).save(file, "PNG")
    return SimpleUploadedFile("logo.png", file.getvalue(), "image/png")


def test_the_shop_is_saved(client, shop):
    answer = client.post(SHOP, form_on(read(client), SHOP) | TYPED)

    assert (answer.status_code, answer["Location"]) == (303, PAGE)
    shop.refresh_from_db()
    assert (shop.shop_name, shop.about, shop.ships_from) == tuple(TYPED.values())
    assert "Sam's new shop" in read(client)


def test_a_look_alike_is_refused_beside_the_name_and_the_rest_stays(client, shop, other_seller):
    other = other_seller.seller_profile.shop_name
    taken = TYPED | {"shop_name": other.upper()}
    before = everything()

    answer = client.post(SHOP, form_on(read(client), SHOP) | taken)

    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert "Another shop has this name already." in page
    assert "Potsdam" in page
    assert everything() == before


def test_nothing_else_can_be_sent_along(client, shop):
    mean = {"slug": "mine", "suspended_at": "", "logo": "x", "name_key": "x", "user": "1"}
    before = everything()[0]

    client.post(SHOP, form_on(read(client), SHOP) | TYPED | mean)

    after = everything()[0]
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"shop_name", "about", "ships_from", "name_key", "look_key"}


def test_a_form_of_before_another_change_saves_nothing(client, shop):
    fields = form_on(read(client), SHOP)
    client.post(SHOP, fields | TYPED)
    before = everything()

    answer = client.post(SHOP, fields | TYPED | {"about": "Lost"})

    assert answer.status_code == 409
    assert "Lost" in answer.content.decode(), "what was typed stays"
    assert everything() == before


def test_a_vacation_is_in_the_sellers_own_days(client, shop, seller):
    """In Auckland a day begins half a day before it does in UTC, and its clocks change in the vacation."""
    Profile.objects.filter(pk=seller.pk).update(time_zone="Pacific/Auckland")
    fields = form_on(read(client), VACATION)
    year = clock.now().year + 1
    typed = {"away_from": f"{year}-04-01", "away_until": f"{year}-04-10", "away_note": "At the sea"}

    assert client.post(VACATION, fields | typed).status_code == 303

    shop.refresh_from_db()
    assert shop.away_from == datetime(year, 3, 31, 11, tzinfo=UTC)
    assert shop.away_until == datetime(year, 4, 9, 12, tzinfo=UTC)
    page = read(client)
    assert f'value="{year}-04-01"' in page
    assert f'value="{year}-04-10"' in page


def test_it_is_called_off_and_ended(client, shop):
    today = clock.now().date()
    typed = {"away_from": today.isoformat(), "away_until": (today + timedelta(days=3)).isoformat()}
    assert BACK not in read(client)
    client.post(VACATION, form_on(read(client), VACATION) | typed)
    page = read(client)
    assert 'data-testid="away"' in page
    assert 'data-testid="away"' in client.get(reverse("seller_dashboard:home")).content.decode()

    assert client.post(BACK, form_on(page, BACK)).status_code == 303

    shop.refresh_from_db()
    assert shop.away_from is None


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"away_from": "", "away_until": ""}, "From when are you away?"),
        ({"away_from": "nonsense", "away_until": "2026-13-45"}, "Enter a valid date."),
        ({"away_from": "2031-02-03", "away_until": "2031-02-01"}, "You come back after you have left."),
        ({"away_from": "2001-02-03", "away_until": "2001-02-05"}, "This day is over."),
        ({"away_from": "0001-01-01", "away_until": "9999-12-31"}, "A vacation is a year long at most."),
    ],
)
def test_days_that_cannot_be_are_said_beside_them(client, shop, typed, sentence):
    before = everything()

    answer = client.post(VACATION, form_on(read(client), VACATION) | typed)

    assert answer.status_code == 422
    assert sentence in unescape(answer.content.decode())
    assert everything() == before


def test_a_logo_is_shown_and_taken_away(client, shop):
    assert client.post(LOGO, {"file": picture()}).status_code == 303
    shop.refresh_from_db()
    assert shop.logo_url in read(client)

    assert client.post(LOGO, {"remove": "1"}).status_code == 303

    shop.refresh_from_db()
    assert shop.logo == ""


def test_what_is_no_picture_is_said_beside_it(client, shop):
    before = everything()

    for sent, sentence in (
        ({}, "Please choose a picture."),
        ({"file": SimpleUploadedFile("x.png", b"nothing")}, "not a picture that we can read"),
    ):
        answer = client.post(LOGO, sent)
        assert answer.status_code == 422
        assert sentence in unescape(answer.content.decode())

    assert client.post(LOGO.replace("/logo/", "/about/"), {"file": picture()}).status_code == 404
    assert everything() == before


@pytest.mark.every_database
def test_a_seller_without_a_shop_has_no_settings(person, as_person):
    seller = person(Role.SELLER)
    SellerProfile.objects.filter(pk=seller.pk).delete()
    client = as_person(seller)

    assert client.get(PAGE).status_code == 404
    for path in (SHOP, VACATION, BACK, LOGO):
        assert client.post(path, {}).status_code == 404


def test_a_suspended_seller_reads_why(client, shop):
    SellerProfile.objects.filter(pk=shop.pk).update(suspended_at=clock.now(), suspended_reason="Fakes")

    for path in (PAGE, reverse("seller_dashboard:home")):
        page = client.get(path).content.decode()
        assert 'data-testid="suspended"' in page
        assert "Fakes" in page


DELIVERY = reverse("seller_dashboard:settings_delivery")


def test_a_seller_offers_free_delivery_and_ends_it(client, seller, admin):
    assert DELIVERY not in read(client)  # a store without rates has nothing to offer
    publish_rates(rates=Rates(base=390), actor=admin, expected_version=0)
    assert 'value="0.00"' in read(client)

    for typed, kept in (("50.00", 5_000), ("0", 0)):
        answer = client.post(DELIVERY, {"free_from": typed})

        assert (answer.status_code, answer["Location"]) == (303, PAGE)
        assert offer_of(seller.pk) == kept


@pytest.mark.parametrize("typed", ["", "-1", "much", "99999999999999999"])
def test_a_wrong_amount_is_refused_beside_the_field_and_stays(client, seller, admin, typed):
    publish_rates(rates=Rates(base=390), actor=admin, expected_version=0)
    offer_free_delivery(actor=seller, free_from=5_000)

    answer = client.post(DELIVERY, {"free_from": typed})

    assert answer.status_code == 422
    assert 'id="error_1_id_free_from"' in answer.content.decode()
    assert f'value="{typed}"' in answer.content.decode() or not typed
    assert offer_of(seller.pk) == 5_000


def test_a_seller_is_a_small_business_and_none_any_more(client, shop, settings):
    tax = reverse("seller_dashboard:settings_tax")
    assert tax not in read(client)  # a store that shows no tax asks nobody

    settings.TAX_RATES = {"DE": {"standard": 1900}}
    for typed, kept in [({"is_small_business": "on"}, True), ({}, False)]:
        form = form_on(read(client), tax)
        answer = client.post(tax, {"shown": form["shown"]} | typed)
        assert answer.status_code == 303
        shop.refresh_from_db()
        assert shop.is_small_business is kept

    stale = form_on(read(client), tax)["shown"]
    client.post(tax, {"shown": stale, "is_small_business": "on"})
    assert client.post(tax, {"shown": stale}).status_code == 409
    shop.refresh_from_db()
    assert shop.is_small_business
