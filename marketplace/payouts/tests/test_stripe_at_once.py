"""Payouts through Stripe by a process that is killed, and by two at once."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from django.conf import settings as store

from marketplace.accounts.models import Role
from marketplace.common import clock
from marketplace.payouts.providers import (
    desk,
)
from marketplace.payouts.services import decline_payout, transferring
from marketplace.wallet.selectors import WalletView, wallet_of

from .at_stripe import fresh, made_for, run

pytestmark = [pytest.mark.django_db, pytest.mark.every_database, pytest.mark.usefixtures("in_no_hurry")]


def test_killed_between_asking_and_noting_it_is_sent_once(
    database_address, approved, seller, pays_by_stripe, tmp_path, settings
):
    """A `run_due` of its own asks Stripe, which makes the transfer and is slow to say so; there it is killed."""
    payout = approved()
    pays_by_stripe(slow=True)
    environ = {
        **os.environ,
        "DATABASE_URL": database_address,
        "DEBUG": "true",
        "SECRET_KEY": settings.SECRET_KEY,
        "PAYOUT_PROVIDER": "stripe",
        "STRIPE_SECRET_KEY": settings.STRIPE_SECRET_KEY,
        "STRIPE_API_BASE": settings.STRIPE_API_BASE,
        "STRIPE_PAYOUT_WEBHOOK_SECRETS": "whsec_ours",
    }
    command = [sys.executable, "manage.py", "run_due", "--only", "send_transfers", "--confirm-clock"]
    with (tmp_path / "log").open("w") as log:
        asking = subprocess.Popen(command, cwd=store.BASE_DIR, env=environ, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 60
        while not made_for(payout):
            assert time.monotonic() < deadline, (tmp_path / "log").read_text()
            assert asking.poll() is None, (tmp_path / "log").read_text()
            time.sleep(0.1)
    finally:
        asking.send_signal(signal.SIGKILL)
        asking.wait(timeout=10)
    pays_by_stripe(slow=False)
    assert (fresh(payout).status, fresh(payout).transfer.is_asked) == ("approved", True)

    assert run(minutes=6).done == 1

    assert len(made_for(payout)) == 1
    assert (fresh(payout).status, wallet_of(seller.pk)) == ("sent", WalletView(1_000))


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
class TestTwoAtOnce:
    @pytest.fixture
    def asked(self, monkeypatch):
        """The times that somebody asked Stripe for it."""
        seen, send = [], desk.payout_provider("stripe").__class__.send
        monkeypatch.setattr(
            "marketplace.payouts.providers.stripe.StripeTransfers.send",
            lambda *args: (seen.append(args[1].pk), send(*args))[1],
        )
        return seen

    @pytest.fixture
    def without(self, locks_rows, without_locks):
        if not locks_rows:
            pytest.skip("SQLite locks the whole database")
        without_locks(2)

    @pytest.fixture
    def refused(self, approved, pays_by_stripe, asked):
        """It was asked for an hour ago and refused: the note of what was asked is there."""
        payout = approved()
        pays_by_stripe(funds=100)
        run()
        pays_by_stripe(funds=None)
        asked.clear()
        return payout

    def test_of_two_runners_one_asks(self, refused, race, asked, seller):
        payout, now = refused, clock.now() + timedelta(hours=2)

        race(lambda _who: desk.look_at(payout.pk, now), [1, 2])

        assert (asked, len(made_for(payout))) == ([payout.pk], 1)
        assert wallet_of(seller.pk) == WalletView(1_000)

    @pytest.fixture
    def read_together(self, monkeypatch):
        """Both have read what was asked before either notes that it asks."""
        together, done, read = threading.Barrier(2), threading.local(), transferring._transfer_of

        def read_and_wait(payout):
            transfer = read(payout)
            if not getattr(done, "waited", False):
                done.waited = True
                together.wait(timeout=30)
            return transfer

        monkeypatch.setattr(transferring, "_transfer_of", read_and_wait)

    def test_control_without_the_lock_both_ask(self, refused, race, asked, without, read_together):
        """The name under which they ask stands behind it: one transfer is made."""
        payout, now = refused, clock.now() + timedelta(hours=2)

        race(lambda _who: desk.look_at(payout.pk, now), [1, 2])

        assert (len(asked), len(made_for(payout))) == (2, 1)

    @pytest.fixture
    def declined(self):
        return threading.Event()

    @pytest.fixture
    def asks_late(self, declined, monkeypatch):
        """Stripe is asked once somebody has declined what it is asked for."""
        send = desk.payout_provider("stripe").__class__.send
        monkeypatch.setattr(
            "marketplace.payouts.providers.stripe.StripeTransfers.send",
            lambda *args: (declined.wait(timeout=30), send(*args))[1],
        )

    @pytest.fixture
    def both(self, approved, race, person, declined):
        payout, now, other = approved(), clock.now(), person(Role.ADMIN)

        def decline():
            try:
                return decline_payout(payout_id=payout.pk, reason="No", actor=other)
            finally:
                declined.set()

        def run_both():
            race(lambda act: act(), [lambda: desk.look_at(payout.pk, now), decline])
            return fresh(payout)

        return run_both

    def test_what_is_declined_at_that_moment_is_sent_or_declined(self, both, seller):
        payout = both()

        sent = len(made_for(payout))
        assert (payout.status, sent) in (("sent", 1), ("declined", 0))
        assert wallet_of(seller.pk) == (WalletView(1_000) if sent else WalletView(3_000))

    @pytest.mark.breaks_books
    def test_control_without_the_lock_it_is_both(self, both, without, asks_late):
        payout = both()

        assert (payout.status, len(made_for(payout))) == ("declined", 1)
