"""Staff see what new rates would cost before they hold, publish them once, and what was before stays."""

import pytest
from django.urls import reverse

from marketplace.accounts.models import Role
from marketplace.rates.models import RateTable
from marketplace.rates.selectors import current_table

pytestmark = pytest.mark.django_db
PAGE = reverse("backoffice:rates")
FORM = {
    "version": "0",
    "base": "2.90",
    "per_km": "0.35",
    "extra_small": "0",
    "extra_medium": "1",
    "extra_large": "2.50",
    "extra_bulky": "9",
    "free_from": "100",
    "max_km": "20",
    "store_bps": "12.5",
    "courier_least": "3",
    "back_bps": "50",
    "back_absent": "store",
    "back_refused": "buyer",
    "back_wrong_address": "buyer",
    "back_unsafe": "store",
    "back_damaged": "seller",
    "back_staff": "store",
    "again_fee": "1.50",
    "wait_free": "5",
    "wait_fee": "0.40",
    "wait_most": "2",
    "note": "To begin with",
}


@pytest.fixture
def office(person, as_person):
    return as_person(person(Role.ADMIN))


def test_a_store_without_rates_begins_with_what_it_pays_its_couriers(office, settings):
    settings.COURIER_FEE = 450

    page = office.get(PAGE).content.decode()

    assert "No rates yet: delivery costs nothing." in page
    assert 'value="4.50"' in page


def test_a_preview_works_out_examples_and_keeps_nothing(office):
    answer = office.post(PAGE, FORM | {"preview": "1"})

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "€3.18" in page  # 2.90 + 0.8 km
    assert "€5.13" in page  # 2.90 + 3.5 km (1.225) + 1.00
    assert "Too far: nobody delivers there." in page
    assert 'name="publish"' in page
    assert current_table() is None


@pytest.mark.every_database
def test_it_is_published_once_and_stands_among_the_versions(office):
    answers = [office.post(PAGE, FORM | {"publish": "1"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    table = RateTable.objects.get()
    assert (table.base, table.per_km, table.max_metres, table.store_bps) == (290, 35, 20_000, 1250)
    assert (table.back_absent, table.back_refused, table.back_damaged) == ("store", "buyer", "seller")
    assert (table.again_fee, table.wait_free, table.wait_fee, table.wait_most) == (150, 5, 40, 200)
    assert "To begin with" in office.get(PAGE).content.decode()


def test_all_and_nothing_are_shares_too(office):
    """A way back that costs as much as the way there could not be said."""
    shares = {"store_bps": "0", "back_bps": "100"}
    assert office.post(PAGE, FORM | shares | {"publish": "1"}).status_code == 303
    table = RateTable.objects.get()
    assert (table.store_bps, table.back_bps) == (0, 10_000)
    assert 'value="100"' in office.get(PAGE).content.decode()


def test_a_form_of_before_another_version_changes_nothing(office):
    office.post(PAGE, FORM | {"publish": "1"})

    answer = office.post(PAGE, FORM | {"publish": "1", "base": "1"})

    assert answer.status_code == 409
    assert "Somebody has changed the rates since." in answer.content.decode()
    assert current_table().base == 290


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("base", "a lot", "Enter an amount like"),
        ("base", "99999999999", "more than a table can hold"),
        ("store_bps", "most", "A percentage is a number"),
        ("store_bps", "100.01", "The percentage is 100 at most."),
        ("back_bps", "101", "The percentage is 100 at most."),
        ("max_km", "30000", "Choose between 0 and 20000."),
        ("wait_free", "2000", "Choose between 0 and 1440."),
        ("wait_most", "99999999999", "more than a table can hold"),
    ],
)
@pytest.mark.parametrize("button", ["preview", "publish"])
def test_what_no_table_can_have_is_said_beside_its_field_and_kept(office, field, typed, sentence, button):
    answer = office.post(PAGE, FORM | {field: typed, button: "1"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert f'value="{typed}"' in page
    assert current_table() is None


@pytest.mark.parametrize("typed", ["", "nobody", "store buyer"])
def test_who_pays_the_way_back_is_one_of_three(office, typed):
    answer = office.post(PAGE, FORM | {"back_damaged": typed, "publish": "1"})

    assert answer.status_code == 422
    assert current_table() is None
