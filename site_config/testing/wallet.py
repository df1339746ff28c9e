"""Fixtures of the wallet domain, and the audit after a test."""

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from marketplace.accounts.models import User
from marketplace.common.invariants import Breach, find_breaches
from marketplace.wallet import tests as wallet_tests
from site_config.acts import wallet
from site_config.books import all_invariants


@pytest.fixture
def audit(db) -> Callable[[], list[Breach]]:
    """`audit()` gives the store's invariants that do not hold right now."""
    return lambda: find_breaches(all_invariants())


@pytest.fixture
def books_balance(request, audit) -> Iterator[None]:
    """After the test every invariant of the store must hold.

    What moves money requires it, so that no test can forget; one that breaks the books on purpose
    (a control, a proof that the audit finds it) says so: `@pytest.mark.breaks_books`.
    """
    yield
    if request.node.get_closest_marker("breaks_books"):
        return
    breaches = audit()
    assert not breaches, "\n".join(str(breach) for breach in breaches)


@pytest.fixture
def fund(books_balance) -> Callable[[User, int], User]:
    """`fund(user, 5_000)` puts that many minor units into somebody's wallet; the audit follows."""

    def put(user: User, amount: int) -> User:
        wallet.top_up(user, amount)
        return user

    return put


@pytest.fixture(scope="session")
def stripe_server() -> Iterator[str]:
    """A local Stripe (localstripe and our hosted Checkout on top) on a free port; its address."""
    pytest.importorskip("localstripe", reason="localstripe is not installed: `make setup` installs it")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = Path(wallet_tests.__file__).with_name("stripe_stand_in.py")
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, str(script), str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _attempt in range(100):
            try:
                with urllib.request.urlopen(f"{address}/_config/ready", timeout=1):  # noqa: S310
                    break
            except OSError:
                time.sleep(0.1)
        else:
            pytest.fail("localstripe did not start within ten seconds")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture
def with_stripe(stripe_server, settings) -> str:
    """The store takes payments through the local Stripe; its address."""
    settings.PAYMENT_PROVIDER = "stripe"
    settings.STRIPE_API_BASE = settings.STRIPE_CHECKOUT_HOST = stripe_server
    settings.STRIPE_SECRET_KEY = "sk_test_12345"  # noqa: S105  opens the local stand-in only
    settings.STRIPE_WEBHOOK_SECRET = "whsec_12345"  # noqa: S105
    return stripe_server


@pytest.fixture
def pays_by_stripe(with_stripe, settings) -> Iterator[Callable[..., None]]:
    """The store pays out to accounts at the local Stripe, too; `pays_by_stripe(silent=1)` has it lose an answer."""
    settings.PAYOUT_PROVIDER = "stripe"
    settings.STRIPE_PAYOUT_WEBHOOK_SECRETS = ["whsec_ours", "whsec_theirs"]

    def play(**state: object) -> None:
        body = json.dumps(state).encode()
        request = urllib.request.Request(f"{with_stripe}/_config/connect", body)  # noqa: S310
        with urllib.request.urlopen(request, timeout=5):  # noqa: S310
            pass

    yield play
    play(funds=None, silent=0, slow=False)
