"""Rates are versions that nobody changes; a seller's offer is their own."""

from dataclasses import asdict

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from marketplace.accounts.models import Role
from marketplace.common.errors import Invalid, StaleState
from marketplace.rates.models import FreeDelivery, RateTable
from marketplace.rates.selectors import current_table, offer_of
from marketplace.rates.services import Rates, offer_free_delivery, publish_rates

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(person):
    return person(Role.ADMIN)


def test_a_new_version_holds_from_now_on_and_the_one_before_stays(admin):
    first = publish_rates(rates=Rates(base=290), actor=admin, expected_version=0)
    second = publish_rates(rates=Rates(base=390, per_km=20), actor=admin, expected_version=1, note="Fuel")

    assert current_table() == second
    assert (second.version, second.note, second.made_by) == (2, "Fuel", admin)
    assert second.holds_from >= first.holds_from
    assert RateTable.objects.get(version=1).base == 290


def test_the_same_rates_again_make_no_version(admin):
    first = publish_rates(rates=Rates(base=290), actor=admin, expected_version=0)

    assert publish_rates(rates=Rates(base=290), actor=admin, expected_version=0) == first
    assert RateTable.objects.count() == 1


def test_a_form_of_before_another_version_is_stale(admin):
    publish_rates(rates=Rates(base=290), actor=admin, expected_version=0)

    with pytest.raises(StaleState):
        publish_rates(rates=Rates(base=1), actor=admin, expected_version=0)
    assert current_table().base == 290


@pytest.mark.parametrize("role", [Role.USER, Role.SELLER, Role.DELIVERY])
def test_nobody_but_staff_says_what_delivery_costs(person, role):
    with pytest.raises(PermissionDenied):
        publish_rates(rates=Rates(base=290), actor=person(role), expected_version=0)
    assert current_table() is None


@pytest.mark.parametrize("name", asdict(Rates()))
@pytest.mark.parametrize("value", [-1, 10**15])
def test_what_no_table_can_have_is_refused_beside_its_field(name, value):
    with pytest.raises(Invalid) as refused:
        Rates(**{name: value})
    assert refused.value.field == name


@pytest.mark.every_database
def test_a_version_is_never_changed(admin):
    publish_rates(rates=Rates(base=290), actor=admin, expected_version=0)

    with pytest.raises(DatabaseError), transaction.atomic():
        RateTable.objects.update(base=1)
    assert current_table().base == 290


def test_a_seller_offers_to_pay_and_ends_it(seller, buyer):
    offer_free_delivery(actor=seller, free_from=5_000)
    assert offer_of(seller.pk) == 5_000
    offer_free_delivery(actor=seller, free_from=0)
    assert offer_of(seller.pk) == 0

    with pytest.raises(PermissionDenied):
        offer_free_delivery(actor=buyer, free_from=1)
    with pytest.raises(Invalid):
        offer_free_delivery(actor=seller, free_from=-1)
    assert FreeDelivery.objects.count() == 1
