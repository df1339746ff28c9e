"""The Scan tab: a code without a word of which parcel it is of."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.common.idempotency import new_form_key
from marketplace.common.places import Place
from marketplace.delivery.models import Attempt, Courier, Delivery, Proof, ProofTry
from marketplace.delivery.services import (
    Result,
    confirm_scan,
)
from marketplace.orders.models import Shipment

AT_THE_DOOR = Place(Decimal("52.520908"), Decimal("13.404954"), 8)


def scan(courier, token, **given):
    key = new_form_key(user_id=courier.pk, action="confirm_scan")
    return confirm_scan(**{"actor": courier, "token": token, "place": None, "form_key": key} | given)


class TestTheScanTab:
    def test_finds_the_parcel_that_the_code_is_of(self, on_its_way, person, courier, token_of):
        jobs = [on_its_way(person(), courier, price=100) for _number in range(3)]

        outcome = scan(courier, token_of(jobs[1].shipment), place=AT_THE_DOOR)

        assert (outcome.result, outcome.delivery.pk) == (Result.CONFIRMED, jobs[1].pk)
        assert list(Delivery.objects.filter(status="delivered")) == [jobs[1]]
        assert Proof.objects.get(status="confirmed").method == "qr"

    def test_a_code_that_fits_none_is_a_wrong_try_of_the_courier(self, on_its_way, courier):
        on_its_way()

        outcome = scan(courier, "A" * 22)

        assert (outcome.result, outcome.delivery) == (Result.WRONG, None)
        assert (ProofTry.objects.get().proof, ProofTry.objects.get().right) == (None, False)
        assert Proof.objects.get().tries == 0

    def test_another_couriers_parcel_is_as_wrong_as_any(self, on_its_way, person, other_courier, token_of):
        job = on_its_way()

        assert scan(other_courier, token_of(job.shipment)).result == Result.WRONG
        assert Shipment.objects.get().status == "shipped"

    def test_the_same_code_once_more_is_confirmed_again(self, on_its_way, courier, token_of):
        job = on_its_way()
        token = token_of(job.shipment)

        outcomes = [scan(courier, token) for _twice in range(2)]

        assert [(outcome.result, outcome.delivery.pk) for outcome in outcomes] == [
            (Result.CONFIRMED, job.pk)
        ] * 2
        assert Attempt.objects.count() == 1

    def test_the_same_form_again_is_the_same_answer(self, on_its_way, courier, token_of):
        job = on_its_way()
        right, wrong = (new_form_key(user_id=courier.pk, action="confirm_scan") for _two in range(2))

        assert [scan(courier, "A" * 22, form_key=wrong).result for _twice in range(2)] == [Result.WRONG] * 2
        assert ProofTry.objects.count() == 1
        token = token_of(job.shipment)
        outcomes = [scan(courier, token, form_key=right) for _twice in range(2)]
        assert [(outcome.result, outcome.delivery) for outcome in outcomes] == [(Result.CONFIRMED, job)] * 2

    def test_the_same_form_again_tries_nothing(self, on_its_way, courier, token_of):
        """What was answered is answered: the courier's row, which counts the tries, is not even read."""
        token = token_of(on_its_way().shipment)
        key = new_form_key(user_id=courier.pk, action="confirm_scan")
        scan(courier, token, form_key=key)

        with CaptureQueriesContext(connection) as queries:
            assert scan(courier, token, form_key=key).result == Result.CONFIRMED

        assert [query for query in queries if Courier._meta.db_table in query["sql"]] == []

    def test_a_buyer_scans_nothing(self, on_its_way, buyer, token_of):
        job = on_its_way()

        with pytest.raises(PermissionDenied):
            scan(buyer, token_of(job.shipment))

    def test_a_locked_parcel_says_so(self, on_its_way, courier, confirm, wrong_pin, token_of):
        job = on_its_way()
        for _try in range(5):
            confirm(job, pin=wrong_pin(job.shipment))

        assert scan(courier, token_of(job.shipment)).result == Result.LOCKED
