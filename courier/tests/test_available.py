"""The list of parcels that wait, and taking one."""

import pytest
from django.urls import reverse

from marketplace.accounts.models import Role
from marketplace.common import clock
from marketplace.delivery.models import Courier, Delivery
from marketplace.delivery.services import claim_shipment, give_back

HOME = reverse("courier:home")
HERE = reverse("courier:here")


def claim_url(shipment) -> str:
    return reverse("courier:claim", args=[shipment.number])


def test_an_empty_list_says_what_to_do(client):
    page = client.get(HOME).content.decode()

    assert "No parcels are waiting" in page
    assert "Look again" in page


def test_a_parcel_is_shown_with_area_distance_size_and_nothing_of_its_buyer(
    client, placed, tells_nothing_of_the_buyer, settings
):
    settings.COURIER_FEE = 450
    placed(quantity=3)

    answer = client.get(HOME)

    page = answer.content.decode()
    for told in ("Mitte", "Neukölln", "One hand", "3 pieces", "Not packed", "5.0 km", "€4.50"):
        assert told in page
    tells_nothing_of_the_buyer(answer)
    assert "no-store" in answer["Cache-Control"]


def test_without_a_fee_no_money_is_spoken_of(client, placed):
    placed()

    assert "€" not in client.get(HOME).content.decode().partition("<main")[2]


def test_what_is_not_there_for_the_courier_is_not_in_the_list(
    client, claimed, on_its_way, delivered, other_courier, courier
):
    claimed(None, other_courier)
    on_its_way(None, other_courier)
    delivered(None, courier)

    assert 'data-testid="available"' not in client.get(HOME).content.decode()


def test_claiming_leads_to_the_job_and_a_double_tap_to_the_same(client, placed, courier):
    shipment = placed()

    answers = [client.post(claim_url(shipment)) for _ in range(2)]

    job = Delivery.objects.get()
    assert job.courier == courier
    assert [(answer.status_code, answer.url) for answer in answers] == [
        (303, reverse("courier:job", args=[job.number]))
    ] * 2


def test_who_is_too_late_gets_a_fresh_list_and_a_sentence(
    client, placed, other_courier, tells_nothing_of_the_buyer
):
    gone, left = placed(), placed()
    claim_shipment(shipment_id=gone.pk, actor=other_courier)

    answer = client.post(claim_url(gone))

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Another courier has just taken this parcel." in page
    assert claim_url(left) in page
    assert claim_url(gone) not in page
    assert Delivery.objects.count() == 1
    tells_nothing_of_the_buyer(answer)


@pytest.mark.every_database
def test_the_fresh_list_keeps_the_filter(client, placed, other_courier):
    gone = placed()
    placed()
    claim_shipment(shipment_id=gone.pk, actor=other_courier)

    page = client.post(claim_url(gone) + "?radius=5&sort=waiting").content.decode()

    assert f"{claim_url(Delivery.objects.get().shipment)}" not in page
    assert 'href="/courier/?radius=5&amp;sort=waiting" aria-current="true"' in page


def test_the_sixth_is_refused_with_a_sentence(client, claimed, placed, courier):
    for _ in range(5):
        claimed(None, courier)
    sixth = placed()

    answer = client.post(claim_url(sixth))

    assert answer.status_code == 409
    assert "You have 5 parcels already" in answer.content.decode()
    assert Delivery.objects.count() == 5
    assert 'data-testid="claim"' not in client.get(HOME).content.decode()


def test_a_suspended_courier_hears_why_and_takes_nothing(client, placed, courier):
    Courier.objects.create(user=courier, claims_suspended_at=clock.now())
    shipment = placed()

    answer = client.post(claim_url(shipment))

    assert answer.status_code == 409
    assert "too many wrong PINs" in answer.content.decode()
    assert not Delivery.objects.exists()
    page = client.get(HOME).content.decode()
    assert 'data-testid="suspended"' in page
    assert 'data-testid="claim"' not in page


def test_who_gave_back_too_many_hears_why_and_takes_nothing_for_now(client, claimed, courier, settings):
    settings.COURIER_MAX_GIVEN_BACK = 1
    job = claimed(None, courier)
    give_back(delivery_id=job.pk, actor=courier, reason="Flat tyre")

    answer = client.post(claim_url(job.shipment))

    assert answer.status_code == 409
    assert "You have given back 1 parcel within a day" in answer.content.decode()
    assert Delivery.objects.count() == 1
    page = client.get(HOME).content.decode()
    assert 'data-testid="gave-back"' in page
    assert 'data-testid="available"' in page
    assert 'data-testid="claim"' not in page


@pytest.mark.parametrize("number", ["nothing", "0" * 12, "x" * 60])
def test_a_number_that_is_no_parcel_is_not_there(client, number):
    assert client.post(reverse("courier:claim", args=[number])).status_code == 404


def test_claiming_is_a_post_of_a_courier(client, as_person, placed, person):
    shipment = placed()

    assert client.get(claim_url(shipment)).status_code == 405
    for role in (Role.USER, Role.SELLER, Role.ADMIN):
        assert as_person(person(role)).post(claim_url(shipment)).status_code == 403
    assert as_person().post(claim_url(shipment)).status_code == 302
    assert not Delivery.objects.exists()


def test_claims_are_limited_by_the_hour(client, settings, placed):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"claim": (1, 3600)}
    shipment = placed()

    answers = [client.post(claim_url(shipment)) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 429]
    assert int(answers[1]["Retry-After"]) > 0
    assert "Please wait" in answers[1].content.decode().split('data-testid="refusal">')[1].split("</div>")[0]


@pytest.mark.parametrize(
    "query",
    [
        "radius=5",
        "radius=-1&sort=price",
        "radius=%00&sort=%F0%9F%93%A6",
        "radius=9999999999999999999999&after=x",
        "after=" + "9" * 500,
        "after=W10",
        "after=WzEsMl0",
        "radius=5&radius=2&sort=waiting&sort=near",
    ],
)
def test_whatever_the_address_says_there_is_a_list(client, placed, query):
    placed()

    assert client.get(f"{HOME}?{query}").status_code == 200


def test_the_radius_leaves_out_what_is_far_and_says_how_to_see_it(client, placed, seller, move):
    move(seller, "52.40", "13.06")  # Potsdam, 26 km away
    placed()

    assert 'data-testid="available"' in client.get(HOME).content.decode()
    page = client.get(HOME, {"radius": 25}).content.decode()
    assert 'data-testid="available"' not in page
    assert "Show all distances" in page


def test_a_phones_place_is_kept_rounded_for_a_while_and_forgotten_on_demand(client, placed, time_machine):
    placed()
    time_machine.move_to(clock.now(), tick=False)

    answer = client.post(HERE, {"lat": "52.498765", "lng": "13.412345", "next": HOME + "?radius=5"})
    assert (answer.status_code, answer.url) == (303, HOME + "?radius=5")
    assert client.session["courier_place"][:2] == ["52.499", "13.412"]
    page = client.get(HOME).content.decode()
    assert "from your phone" in page
    assert "Kreuzberg" in page

    client.post(HERE, {"forget": "1"})
    assert "from your profile" in client.get(HOME).content.decode()

    client.post(HERE, {"lat": "52.498765", "lng": "13.412345"})
    time_machine.shift(2 * 3600 + 1)
    assert "from your profile" in client.get(HOME).content.decode()


@pytest.mark.parametrize(
    ("lat", "lng"), [("", ""), ("x", "y"), ("91", "13"), ("NaN", "1"), ("1" * 400, "2"), ("52.5", "")]
)
def test_what_is_no_place_counts_from_the_profile(client, lat, lng):
    answer = client.post(HERE, {"lat": lat, "lng": lng, "next": "https://evil.example/"})

    assert (answer.status_code, answer.url) == (303, HOME)
    assert "courier_place" not in client.session


def test_a_courier_without_any_place_still_has_a_list_with_the_oldest_first(as_person, person, placed):
    homeless = as_person(person(Role.DELIVERY, located=False))
    placed()

    page = homeless.get(HOME, {"radius": 2, "sort": "near"}).content.decode()

    assert 'data-testid="available"' in page
    assert "No place to count distances from" in page
    assert homeless.post(HERE).status_code == 303


def test_the_list_costs_five_queries_however_long_it_is(client, placed, django_assert_num_queries):
    placed()
    client.get(HOME)
    with django_assert_num_queries(5):
        client.get(HOME)
    for _ in range(4):
        placed()

    with django_assert_num_queries(5):
        client.get(HOME, {"radius": 10, "sort": "near"})


def test_more_than_a_page_goes_on_behind_a_link_without_a_script(client, placed, monkeypatch):
    monkeypatch.setattr("marketplace.delivery.selectors.available.PAGE_SIZE", 2)
    numbers = {placed().number for _ in range(5)}
    seen, url = [], HOME + "?sort=waiting"
    for _page in range(3):
        answer = client.get(url)
        seen += [card.number for card in answer.context["page"].cards]
        url = answer.context["more_url"]

    assert len(seen) == 5
    assert set(seen) == numbers
    part = client.get(HOME + "?sort=waiting", headers={"HX-Request": "true"})
    assert part.content.decode().count('data-testid="available"') == 2
    assert "<html" not in part.content.decode()
