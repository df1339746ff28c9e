"""PINs and tokens: how they are made and compared, and making new ones."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from marketplace.common import clock
from marketplace.common.errors import Invalid, StaleState
from marketplace.delivery.errors import TooManyIssues
from marketplace.delivery.models import Proof
from marketplace.delivery.proofs import Code, pin_of, qr_payload, token_of
from marketplace.delivery.services import Result, reissue_proof
from marketplace.delivery.states import Purpose

PROOF = Proof(consignment_id=7, purpose="delivery", issue=1, nonce="ab" * 16)


def variant(**changes) -> Proof:
    return Proof(**{"consignment_id": 7, "purpose": "delivery", "issue": 1, "nonce": "ab" * 16} | changes)


def test_a_pin_has_six_digits_and_a_token_128_bits():
    assert re.fullmatch(r"[0-9]{6}", pin_of(PROOF))
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", token_of(PROOF))


def test_they_are_the_same_however_often_they_are_shown():
    assert (pin_of(PROOF), token_of(PROOF)) == (pin_of(variant()), token_of(variant()))


@pytest.mark.parametrize(
    "changes", [{"consignment_id": 8}, {"purpose": "return"}, {"issue": 2}, {"nonce": "ac" * 16}], ids=str
)
def test_another_proof_has_others(changes):
    assert token_of(variant(**changes)) != token_of(PROOF)
    assert pin_of(variant(**changes)) != pin_of(PROOF)


def test_pins_are_spread_evenly():
    firsts = [pin_of(variant(issue=number))[0] for number in range(1, 2001)]

    assert all(140 < firsts.count(digit) < 260 for digit in "0123456789")


def test_the_server_key_makes_them_and_an_old_one_counts_as_long_as_it_is_named(settings):
    old_pin, old_token = pin_of(PROOF), token_of(PROOF)
    old_key = settings.SECRET_KEY
    settings.SECRET_KEY = "another-key"

    assert (pin_of(PROOF), token_of(PROOF)) != (old_pin, old_token)
    assert not Code.parse(pin=old_pin).fits(PROOF)
    settings.SECRET_KEY_FALLBACKS = [old_key]
    assert Code.parse(pin=old_pin).fits(PROOF)
    assert Code.parse(token=old_token).fits(PROOF)


def test_the_qr_code_says_only_the_token_and_that_behind_the_hash(settings):
    assert qr_payload(PROOF) == f"{settings.SITE_URL}/courier/scan/#{token_of(PROOF)}"
    assert Code.parse(token=qr_payload(PROOF)).value == token_of(PROOF)


def test_a_pin_does_not_fit_as_a_token_nor_a_token_of_another():
    assert Code.parse(pin=pin_of(PROOF)).fits(PROOF)
    assert Code.parse(token=token_of(PROOF)).fits(PROOF)
    assert not Code.parse(token=token_of(variant(issue=2))).fits(PROOF)


@pytest.mark.parametrize("typed", ["123 456", "123-456", " 123456 ", "12 34 56"])
def test_a_pin_may_be_typed_in_groups(typed):
    assert Code.parse(pin=typed).value == "123456"


@pytest.mark.parametrize(
    "typed",
    [
        "123\u00a0456",
        "123\u202f456",
        "123\u2011456",
        "\u202d123456\u202c",
        "123\u200b456",
        "１２３４５６",
        "١٢٣٤٥٦",
    ],
    ids=ascii,
)
def test_a_pin_may_be_pasted_or_typed_on_any_keyboard(typed):
    assert Code.parse(pin=typed).value == "123456"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "١٢٣٤٥", "1_2345", "123456\n7"])
def test_what_cannot_be_a_pin_is_a_slip(typed):
    with pytest.raises(Invalid) as refusal:
        Code.parse(pin=typed)
    assert refusal.value.field == "pin"


@pytest.mark.parametrize(
    "scanned", ["https://example.org/", "a" * 21, "a" * 23, "é" * 22, "x#", "5 901234 123457"]
)
def test_what_cannot_be_a_token_is_a_slip(scanned):
    with pytest.raises(Invalid) as refusal:
        Code.parse(token=scanned)
    assert refusal.value.field == "token"


def test_a_fingerprint_is_known_again_after_the_server_key_was_changed(settings):
    before, old_key = Code.parse(pin="123456").fingerprint, settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-key", ["one more", old_key]

    code = Code.parse(pin="123456")
    assert code.fingerprint != before
    assert before in code.former_fingerprints
    assert before not in Code.parse(pin="123457").former_fingerprints


def test_a_fingerprint_tells_codes_apart_and_holds_none():
    code, other = Code.parse(pin="123456"), Code.parse(pin="123457")

    assert code.fingerprint == Code.parse(pin="123 456").fingerprint != other.fingerprint
    assert "123456" not in code.fingerprint


class TestMakingANewOne:
    def test_the_old_pin_dies_and_the_new_one_works(self, on_its_way, buyer, pin_of, confirm):
        job = on_its_way()
        old = pin_of(job.shipment)

        proof = reissue_proof(shipment_id=job.shipment_id, purpose="delivery", actor=buyer)

        assert (proof.issue, proof.status, proof.issued_by_id) == (2, "issued", buyer.pk)
        first = Proof.objects.get(issue=1)
        assert (first.status, first.current_key) == ("replaced", None)
        assert confirm(job, pin=old).result == Result.WRONG
        assert confirm(job).result == Result.CONFIRMED

    def test_a_locked_one_is_opened_by_a_new_one(self, on_its_way, buyer, confirm, wrong_pin):
        job = on_its_way()
        for _try in range(5):
            confirm(job, pin=wrong_pin(job.shipment))

        proof = reissue_proof(shipment_id=job.shipment_id, purpose="delivery", actor=buyer)

        assert (proof.tries, proof.status) == (0, "issued")
        assert confirm(job).result == Result.CONFIRMED

    def test_a_double_click_makes_one(self, on_its_way, buyer):
        job = on_its_way()

        made = [
            reissue_proof(shipment_id=job.shipment_id, purpose="delivery", actor=buyer) for _twice in range(2)
        ]

        assert made[0] == made[1]
        assert Proof.objects.count() == 2

    def test_three_a_day_and_then_no_more(self, on_its_way, buyer):
        job = on_its_way()

        def again():
            return reissue_proof(shipment_id=job.shipment_id, purpose="delivery", actor=buyer)

        for minutes in (1, 2):
            with clock.moved(timedelta(minutes=minutes)):
                again()
        with clock.moved(timedelta(minutes=3)), pytest.raises(TooManyIssues) as refusal:
            again()

        assert 23 * 3600 < refusal.value.retry_after < 24 * 3600
        assert Proof.objects.count() == 3
        with clock.moved(timedelta(hours=24, minutes=1)):
            assert again().issue == 4

    @pytest.mark.parametrize("who", ["seller", "courier", "stranger", "other_seller"])
    def test_only_the_buyer_and_the_store_make_a_buyers_pin(self, on_its_way, request, who):
        job = on_its_way()

        with pytest.raises(PermissionDenied):
            reissue_proof(shipment_id=job.shipment_id, purpose="delivery", actor=request.getfixturevalue(who))

        assert Proof.objects.get().status == "issued"

    def test_the_store_may(self, on_its_way, admin):
        job = on_its_way()

        assert reissue_proof(shipment_id=job.shipment_id, purpose="delivery", actor=admin).issue == 2

    def test_on_the_way_back_it_is_the_sellers(self, going_back, buyer, seller):
        job = going_back()

        with pytest.raises(PermissionDenied):
            reissue_proof(shipment_id=job.shipment_id, purpose="return", actor=buyer)
        with pytest.raises(StaleState):
            reissue_proof(shipment_id=job.shipment_id, purpose="delivery", actor=buyer)

        assert reissue_proof(shipment_id=job.shipment_id, purpose="return", actor=seller).issue == 2

    @pytest.mark.parametrize("at", ["claimed", "delivered"])
    def test_before_the_pick_up_and_after_the_delivery_there_is_none_to_make(self, request, at, buyer):
        job = request.getfixturevalue(at)()
        before = Proof.objects.count()

        with pytest.raises(StaleState):
            reissue_proof(shipment_id=job.shipment_id, purpose="delivery", actor=buyer)

        assert Proof.objects.count() == before


def test_staff_make_the_pin_that_is_waited_for_now(on_its_way, going_back, admin, superadmin):
    there, back = on_its_way(), going_back()

    made = [reissue_proof(shipment_id=job.shipment_id, actor=admin) for job in (there, back)]

    assert [(proof.purpose, proof.issue) for proof in made] == [(Purpose.DELIVERY, 2), (Purpose.RETURN, 2)]
