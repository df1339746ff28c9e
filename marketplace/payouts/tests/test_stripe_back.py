"""What Stripe says after it was sent: money that comes back, in whole or in part, and messages that lie."""

import time
import urllib.request

import pytest
from django.urls import reverse

from marketplace.payouts.providers import (
    TransferRefused,
    payout_provider,
)
from marketplace.wallet.models import Transaction
from marketplace.wallet.payments import ForgedCallback
from marketplace.wallet.selectors import WalletView, wallet_of

from .at_stripe import CALLBACK, OURS, event, fresh, made_for, run, signed, told

pytestmark = [pytest.mark.django_db, pytest.mark.every_database, pytest.mark.usefixtures("in_no_hurry")]


class TestComingBack:
    @pytest.fixture
    def sent(self, approved):
        payout = approved()
        run()
        return fresh(payout)

    def play(self, stripe_server, reference, amount=""):
        query = f"?amount={amount}" if amount else ""
        url = f"{stripe_server}/_config/transfers/{reference}/reverse{query}"
        urllib.request.urlopen(urllib.request.Request(url, b"")).close()

    def tell(self, client, body, secret="whsec_ours", **signing):
        return client.post(
            CALLBACK, body.encode(), content_type="application/json", headers=signed(body, secret, **signing)
        )

    def test_a_reversed_transfer_comes_back_once_and_its_owner_is_told(
        self, sent, seller, client, stripe_server
    ):
        self.play(stripe_server, sent.reference)

        for _time in range(2):
            assert self.tell(client, event("transfer.reversed", sent.reference)).status_code == 204

        assert (fresh(sent).status, wallet_of(seller.pk)) == ("came_back", WalletView(3_000))
        assert told(seller)[-1] == "payout_came_back"
        assert Transaction.objects.filter(key=f"payout:{sent.pk}:back").count() == 1

    def test_without_a_message_the_clock_finds_it(self, sent, seller, stripe_server):
        self.play(stripe_server, sent.reference)
        assert run(minutes=60).done == 0

        assert run(minutes=60 * 24 + 1).done == 1

        assert (fresh(sent).status, wallet_of(seller.pk)) == ("came_back", WalletView(3_000))

    def test_the_clock_stops_looking_after_two_weeks(self, sent):
        for day in range(1, 17):
            run(minutes=day * (60 * 24 + 1))

        assert fresh(sent).transfer.look_at is None

    def test_what_is_reversed_in_part_is_told_to_the_admins_once_and_stands_on_its_page(
        self, sent, seller, admin, client, as_person, stripe_server
    ):
        self.play(stripe_server, sent.reference, amount=500)

        for _time in range(2):
            self.tell(client, event("transfer.reversed", sent.reference))

        assert (fresh(sent).status, wallet_of(seller.pk)) == ("sent", WalletView(1_000))
        assert (fresh(sent).transfer.matter, fresh(sent).transfer.part_back) == ("in_part", 500)
        assert told(admin) == ["payout_matter"]
        page = as_person(admin).get(reverse("backoffice:payout", args=[sent.public_id]))
        assert "€5.00 of it was taken back at Stripe" in page.content.decode()

    def test_more_of_it_is_told_again_and_all_of_it_is_booked(
        self, sent, seller, admin, client, stripe_server
    ):
        for amount in (500, 700, ""):
            self.play(stripe_server, sent.reference, amount=amount)
            self.tell(client, event("transfer.reversed", sent.reference))

        assert told(admin) == ["payout_matter"] * 2
        assert (fresh(sent).status, wallet_of(seller.pk)) == ("came_back", WalletView(3_000))
        assert (fresh(sent).transfer.matter, fresh(sent).transfer.part_back) == ("", 0)

    def test_what_its_bank_refused_and_stripe_keeps_is_told_to_the_admins(
        self, sent, seller, admin, client, monkeypatch
    ):
        def refuse(self, reference):
            raise TransferRefused("The account has too little", is_final=False)

        monkeypatch.setattr("marketplace.payouts.providers.stripe.StripeTransfers.take_back", refuse)

        for _time in range(2):
            self.tell(client, event("payout.failed", f"po_{sent.reference}", account=OURS), "whsec_theirs")

        assert (fresh(sent).status, fresh(sent).transfer.matter) == ("sent", "not_back")
        assert (told(admin), fresh(sent).transfer.trouble) == (
            ["payout_matter"],
            "The account has too little",
        )

    def test_what_its_own_bank_refused_is_taken_back(self, sent, seller, client):
        body = event("payout.failed", f"po_{sent.reference}", account=OURS)

        for _time in range(2):
            assert self.tell(client, body, "whsec_theirs").status_code == 204

        [transfer] = made_for(sent)
        assert transfer.reversed
        assert (fresh(sent).status, wallet_of(seller.pk)) == ("came_back", WalletView(3_000))

    def test_a_bank_that_refuses_before_the_answer_is_noted_is_heard_again(
        self, approved, seller, client, pays_by_stripe
    ):
        """Stripe sends a message again that is answered by a 503."""
        payout = approved()
        pays_by_stripe(silent=3)
        run()
        [transfer] = made_for(payout)
        body = event("payout.failed", f"po_{transfer.id}", account=OURS)

        assert self.tell(client, body, "whsec_theirs").status_code == 503
        run(minutes=6)
        assert self.tell(client, body, "whsec_theirs").status_code == 204

        assert (fresh(payout).status, wallet_of(seller.pk)) == ("came_back", WalletView(3_000))

    def test_a_message_that_says_more_than_is_so_changes_nothing(self, sent, seller, client):
        self.tell(client, event("transfer.reversed", sent.reference))

        assert (fresh(sent).status, wallet_of(seller.pk)) == ("sent", WalletView(1_000))

    @pytest.mark.parametrize(
        "body",
        [
            event("transfer.reversed", "tr_nobodys"),
            event("payout.paid", "po_1", account=OURS),
            event("payout.failed", "po_tr_nobodys", account=OURS),
        ],
    )
    def test_what_is_about_nothing_of_ours_is_left_alone(self, sent, client, body):
        assert self.tell(client, body).status_code == 204
        assert fresh(sent).status == "sent"

    @pytest.mark.parametrize(("secret", "age"), [("whsec_12345", 0), ("", 0), ("whsec_ours", 3_600)])
    def test_a_forged_message_is_refused(self, sent, seller, client, stripe_server, secret, age):
        self.play(stripe_server, sent.reference)

        answer = self.tell(client, event("transfer.reversed", sent.reference), secret, at=time.time() - age)

        assert (answer.status_code, fresh(sent).status) == (400, "sent")

    def test_without_a_secret_every_message_is_forged(self, settings, pays_by_stripe):
        settings.STRIPE_PAYOUT_WEBHOOK_SECRETS = []
        body = event("transfer.reversed", "tr_1")

        with pytest.raises(ForgedCallback):
            payout_provider("stripe").read_callback(body.encode(), signed(body, ""))

    @pytest.mark.parametrize(
        "body",
        ["[]", "{", event("transfer.reversed", None), event("payout.failed", "po_1")],
        ids=["a list", "no JSON", "no transfer", "no account"],
    )
    def test_a_genuine_message_with_an_odd_body_is_told_apart(self, sent, client, body, caplog):
        assert self.tell(client, body).status_code == 400
        assert "cannot be read" in caplog.text

    def test_there_is_no_such_provider(self, client):
        assert client.post("/payouts/nonsense/callback/").status_code == 404
        assert client.post("/payouts/manual/callback/").status_code == 400
