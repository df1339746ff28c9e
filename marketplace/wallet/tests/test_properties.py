"""Whatever people do with their money in whatever order, every invariant holds after every step."""

import contextlib
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.common.tests.examples import IS_NIGHTLY, examples
from marketplace.wallet.errors import HoldNotOpen, InsufficientFunds
from marketplace.wallet.models import Hold, HoldKind, StoreWallet, Transaction
from marketplace.wallet.selectors import wallet_of
from marketplace.wallet.services import (
    HoldRequest,
    capture_hold,
    place_holds,
    release_hold,
    top_up_wallet,
)

NUMBERS = count(1)  # of all examples: they share one database
WHO = st.integers(0, 2)
AMOUNT = st.integers(1, 500)
KEY = st.integers(0, 4)  # few, so that purposes and keys are used again
STEPS = st.one_of(
    st.tuples(st.just("top_up"), WHO, AMOUNT),
    st.tuples(st.just("hold"), WHO, KEY, AMOUNT),
    st.tuples(st.just("release"), KEY, st.none() | AMOUNT),
    st.tuples(st.just("capture"), KEY, WHO, AMOUNT, st.integers(0, 50)),
)


class Money:
    """The steps, and a second book kept in the plainest way."""

    def __init__(self, people):
        self.people = people
        self.paid_in = 0

    def key(self):
        return f"step:{next(NUMBERS)}"

    def top_up(self, who, amount):
        top_up_wallet(owner_id=self.people[who].pk, amount=amount, key=self.key())
        self.paid_in += amount

    def hold(self, who, key, amount):
        if Hold.objects.filter(open_key=f"thing:{key}").exists():
            return
        request = HoldRequest(amount=amount, open_key=f"thing:{key}", subject=self.people[who])
        place_holds(owner_id=self.people[who].pk, kind=HoldKind.SHIPMENT, requests=[request])

    def release(self, key, amount):
        release_hold(open_key=f"thing:{key}", amount=amount, key=self.key())

    def capture(self, key, who, amount, fee):
        payees = {self.people[who].pk: amount}
        capture_hold(open_key=f"thing:{key}", payees=payees, fee=fee, key=self.key())


@pytest.fixture
def people(person):
    return [person(), person(), person()]


@settings(
    max_examples=examples(25),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=not IS_NIGHTLY,
)
@given(steps=st.lists(STEPS, max_size=25))
def test_any_sequence_of_moves_keeps_the_books(people, audit, steps):
    before = sum(total(person) for person in people) + fees()
    money = Money(people)
    for name, *arguments in steps:
        with contextlib.suppress(InsufficientFunds, HoldNotOpen, ValueError):
            getattr(money, name)(*arguments)
        assert audit() == []

    assert sum(total(person) for person in people) + fees() == before + money.paid_in


def total(person):
    wallet = wallet_of(person.pk)
    return wallet.balance + wallet.held_balance


def fees():
    return sum(
        Transaction.objects.filter(wallet__code=StoreWallet.FEES).values_list("balance_delta", flat=True)
    )
