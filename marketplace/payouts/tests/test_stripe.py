"""Payouts through Stripe, against the local one: sent once, however often they are asked for."""

from datetime import timedelta

import pytest
import stripe
from django.db import connection

from marketplace.common import clock
from marketplace.common.errors import Invalid, StaleState
from marketplace.common.idempotency import new_form_key
from marketplace.mail.models import OutgoingMail
from marketplace.payouts.accounts import StripeAccount, unseal_account
from marketplace.payouts.batches import ready_for
from marketplace.payouts.checks import payout_provider_is_set_up
from marketplace.payouts.errors import NoPayoutAddress
from marketplace.payouts.models import Payout, PayoutTransfer
from marketplace.payouts.providers import (
    TransferReport,
    TransferState,
    desk,
    payout_provider,
)
from marketplace.payouts.selectors import address_of
from marketplace.payouts.services import decline_payout, request_payout, return_payout, send_payout
from marketplace.payouts.services.transferring import begin_transfer, settle_transfer
from marketplace.wallet.errors import PaymentMismatch
from marketplace.wallet.payments import ProviderDown
from marketplace.wallet.selectors import WalletView, wallet_of

from .at_stripe import OURS, fresh, made_for, run, told

pytestmark = [pytest.mark.django_db, pytest.mark.every_database, pytest.mark.usefixtures("in_no_hurry")]


class TestTheAccount:
    def test_it_is_kept_sealed_waits_and_is_told_by_mail_like_an_iban(self, seller, pays_by_stripe):
        address = desk.give_address(actor=seller, number=f" {OURS} ", holder="Sam Seller")

        assert unseal_account(address.sealed) == StripeAccount(OURS, "Sam Seller")
        assert (str(address), address.provider) == ("Stripe…4242", "stripe")
        assert address.usable_from - address.created_at == timedelta(hours=48)
        assert "ends in 4242" in OutgoingMail.objects.get().content
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM payouts_payoutaddress")
            assert "SellersOwn" not in str(cursor.fetchall())

    @pytest.mark.parametrize(
        ("number", "why"),
        [
            ("acct_otherPersons1", "knows no such account"),
            ("acct_youngOne1234", "cannot be paid to yet"),
            ("acct_1", "neither an IBAN"),
            ("acct_1Sellers Own", "neither an IBAN"),
            ("ACCT_1SELLERSOWN", "neither an IBAN"),
        ],
    )
    def test_what_stripe_does_not_pay_to_is_refused(self, seller, pays_by_stripe, number, why):
        with pytest.raises(Invalid, match=why) as refusal:
            desk.give_address(actor=seller, number=number, holder="Sam Seller")

        assert (refusal.value.field, address_of(seller.pk)) == ("number", None)

    def test_where_stripe_does_not_answer_nothing_is_kept(self, seller, pays_by_stripe, settings):
        settings.STRIPE_API_BASE = "http://127.0.0.1:9"

        with pytest.raises(ProviderDown):
            desk.give_address(actor=seller, number=OURS, holder="Sam Seller")

        assert address_of(seller.pk) is None

    def test_a_store_that_pays_by_its_bank_takes_none(self, seller):
        with pytest.raises(Invalid, match="This is no IBAN"):
            desk.give_address(actor=seller, number=OURS, holder="Sam Seller")

    def test_an_iban_goes_on_beside_it(self, seller, payouts, pays_by_stripe, earn, admin):
        earn(seller, 1_000)
        payouts.give_account(seller)
        payout = payouts.approve(payouts.ask(seller, 1_000), admin)

        assert run().done == 0
        assert list(ready_for("csv")) == [payout]
        assert payouts.send(payout, admin).status == "sent"

    def test_once_the_store_has_left_stripe_another_account_is_asked_for(
        self, seller, earn, payouts, pays_by_stripe, settings
    ):
        earn(seller, 1_000)
        payouts.give_account(seller, number=OURS)
        settings.PAYOUT_PROVIDER = "manual"

        with pytest.raises(NoPayoutAddress, match="another one"):
            payouts.ask(seller, 1_000)

        assert not Payout.objects.exists()

    def test_a_part_that_stripe_cannot_send_is_refused(self, seller, earn, payouts, pays_by_stripe, settings):
        settings.STORE_CURRENCY = "KWD"
        earn(seller, 10_000)
        payouts.give_account(seller, number=OURS)

        with pytest.raises(Invalid, match="multiple") as refusal:
            request_payout(
                actor=seller, amount=5_005, form_key=new_form_key(user_id=seller.pk, action="payout")
            )

        assert (refusal.value.field, Payout.objects.count()) == ("amount", 0)


class TestSending:
    def test_what_is_approved_is_sent_once(self, approved, seller):
        payout = approved()

        for minutes in (0, 1, 10):
            run(minutes)

        [transfer] = made_for(payout)
        assert (transfer.amount, transfer.currency, transfer.destination) == (2_000, "eur", OURS)
        assert (fresh(payout).status, fresh(payout).reference) == ("sent", transfer.id)
        assert wallet_of(seller.pk) == WalletView(1_000)
        assert told(seller)[-1] == "payout_sent"
        assert fresh(payout).events.get(status="sent").actor is None

    def test_what_is_only_asked_for_is_not_sent(self, seller, earn, payouts, pays_by_stripe):
        earn(seller, 3_000)
        payouts.give_account(seller, number=OURS)
        payout = payouts.ask(seller, 2_000)

        assert run().done == 0

        assert (made_for(payout), fresh(payout).status) == ([], "requested")

    def test_nothing_goes_to_an_account_that_is_no_longer_theirs(self, approved, seller, payouts, admin):
        payout = approved()
        payouts.give_account(seller, number="acct_another12345678")

        assert run().done == 0

        assert made_for(payout) == []
        assert decline_payout(payout_id=payout.pk, reason="Ask again", actor=admin).status == "declined"

    def test_a_lost_answer_is_asked_again_and_nothing_is_sent_twice(self, approved, seller, pays_by_stripe):
        payout = approved()
        pays_by_stripe(silent=3)

        assert run().done == 0
        assert fresh(payout).status == "approved"
        assert fresh(payout).transfer.is_asked
        assert run(minutes=1).done == 0, "it is somebody's for five minutes"
        assert run(minutes=6).done == 1

        assert len(made_for(payout)) == 1
        assert fresh(payout).status == "sent"
        assert wallet_of(seller.pk) == WalletView(1_000)

    def test_it_is_found_even_once_stripe_has_forgotten_the_key(self, approved, pays_by_stripe):
        payout = approved()
        pays_by_stripe(silent=3)
        run()
        pays_by_stripe(forget=True)

        run(minutes=60 * 48)

        assert len(made_for(payout)) == 1
        assert fresh(payout).status == "sent"

    def test_a_stripe_that_does_not_answer_keeps_it_waiting(self, approved, settings, with_stripe, seller):
        payout = approved()
        settings.STRIPE_API_BASE = "http://127.0.0.1:9"
        run()
        assert (fresh(payout).status, wallet_of(seller.pk)) == ("approved", WalletView(1_000, 2_000))

        settings.STRIPE_API_BASE = with_stripe
        run(minutes=6)

        assert fresh(payout).status == "sent"

    def test_an_account_that_takes_nothing_gives_the_money_back_and_says_so(self, approved, seller):
        payout = approved("acct_closed123456")

        run()

        assert (fresh(payout).status, wallet_of(seller.pk)) == ("declined", WalletView(3_000))
        assert told(seller)[-1] == "payout_declined"
        assert "cannot take transfers" in fresh(payout).events.get(status="declined").reason

    def test_a_store_without_enough_at_stripe_asks_again_under_another_name(
        self, approved, seller, pays_by_stripe, admin
    ):
        payout = approved()
        pays_by_stripe(funds=100)
        run()
        assert fresh(payout).status == "approved"
        assert "insufficient" in fresh(payout).transfer.trouble
        pays_by_stripe(funds=None)

        assert run(minutes=30).done == 0
        assert run(minutes=61).done == 1

        assert len(made_for(payout)) == 1
        assert (fresh(payout).status, fresh(payout).transfer.trouble) == ("sent", "")

    def test_what_was_refused_can_be_declined(self, approved, seller, pays_by_stripe, admin):
        payout = approved()
        pays_by_stripe(funds=100)
        run()

        decline_payout(payout_id=payout.pk, reason="Later", actor=admin)
        pays_by_stripe(funds=None)
        run(minutes=61)

        assert (made_for(payout), wallet_of(seller.pk)) == ([], WalletView(3_000))

    def test_what_may_have_left_is_not_declined(self, approved, admin, seller, pays_by_stripe):
        payout = approved()
        pays_by_stripe(silent=3)
        run()

        with pytest.raises(StaleState, match="may have left"):
            decline_payout(payout_id=payout.pk, reason="No", actor=admin)

        assert (fresh(payout).status, wallet_of(seller.pk)) == ("approved", WalletView(1_000, 2_000))

    def test_nobody_types_what_stripe_says_itself(self, approved, admin):
        payout = approved()
        with pytest.raises(StaleState, match="says itself"):
            send_payout(payout_id=payout.pk, reference="BANK-1", actor=admin)
        run()
        with pytest.raises(StaleState, match="says itself"):
            return_payout(payout_id=payout.pk, reason="It says so", actor=admin)

        assert fresh(payout).status == "sent"

    def test_an_answer_of_another_amount_is_looked_into(self, approved, seller, admin, monkeypatch, caplog):
        payout = approved()
        monkeypatch.setattr(
            "marketplace.payouts.providers.stripe.to_stripe", lambda minor, currency: minor * 100
        )

        assert run().failed == 1

        assert "does not match" in caplog.text
        assert (fresh(payout).status, wallet_of(seller.pk)) == ("approved", WalletView(1_000, 2_000))
        assert (fresh(payout).transfer.matter, told(admin)) == ("mismatch", ["payout_matter"])

        transfer = made_for(payout)[0]
        report = TransferReport(transfer.id, TransferState.SENT, 2_000, "EUR", OURS)
        settle_transfer(payout_id=payout.pk, report=report)
        assert (fresh(payout).status, fresh(payout).transfer.matter) == ("sent", "")

    def test_two_transfers_of_one_payout_are_looked_into(self, approved):
        """As two stores on one account at Stripe would make them, or a person there."""
        payout = approved()
        name = desk.name_of(begin_transfer(payout_id=payout.pk, now=clock.now()))
        account, blind = unseal_account(payout.address.sealed), payout_provider("stripe")
        blind.api.transfers.list = lambda **asked: stripe.ListObject.construct_from({"data": []}, "")
        blind.send(payout, account, name)
        blind.send(payout, account, "another name")

        with pytest.raises(PaymentMismatch):
            payout_provider("stripe").send(payout, account, name)


@pytest.mark.parametrize(("key", "secrets", "errors"), [("", [], 2), ("sk", [], 1), ("sk", ["wh"], 0)])
def test_stripe_needs_its_secrets(settings, key, secrets, errors):
    settings.PAYOUT_PROVIDER = "stripe"
    settings.STRIPE_SECRET_KEY, settings.STRIPE_PAYOUT_WEBHOOK_SECRETS = key, secrets

    assert [found.id for found in payout_provider_is_set_up(None)] == ["payouts.E002"] * errors


def test_a_currency_that_stripe_does_not_count_is_said(settings):
    settings.PAYOUT_PROVIDER, settings.STORE_CURRENCY = "stripe", "IQD"
    settings.STRIPE_SECRET_KEY, settings.STRIPE_PAYOUT_WEBHOOK_SECRETS = "sk", ["wh"]

    assert [found.id for found in payout_provider_is_set_up(None)] == ["payouts.E003"]


def test_a_store_that_pays_by_its_bank_needs_nothing(settings):
    settings.PAYOUT_PROVIDER = "manual"

    assert payout_provider_is_set_up(None) == []


def test_the_bank_is_told_by_people(seller, ready, payouts, admin):
    payout = payouts.approve(payouts.ask(ready(seller, 1_000), 1_000), admin)

    assert desk.look_at(payout.pk, clock.now()) is False
    assert not PayoutTransfer.objects.exists()
