"""Whatever people do with their money in whatever order, every invariant holds after every step."""

import contextlib
from datetime import timedelta
from functools import partial
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.common import clock
from marketplace.common.tests.examples import IS_NIGHTLY, examples
from marketplace.wallet.errors import HoldNotOpen, InsufficientFunds
from marketplace.wallet.models import Hold, HoldKind, StoreWallet, Transaction
from marketplace.wallet.selectors import wallet_of
from marketplace.wallet.services import (
    HoldRequest,
    capture_hold,
    convert_hold,
    pay_seller,
    place_holds,
    release_hold,
    release_reserves,
    take_from_reserve,
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
    st.tuples(st.just("capture"), KEY, WHO, AMOUNT, st.integers(0, 50), st.just(0) | st.integers(0, 300)),
    st.tuples(st.just("convert"), KEY, KEY, AMOUNT),
    st.tuples(st.just("sell"), KEY, WHO, AMOUNT, st.integers(0, 50)),
    st.tuples(st.just("take"), WHO, WHO, AMOUNT),
    st.tuples(st.just("days_pass")),
    st.tuples(st.just("again")),
)


class Money:
    """The steps, and a second book kept in the plainest way."""

    def __init__(self, people):
        self.people = people
        self.paid_in = 0
        self.last = None

    def key(self):
        return f"step:{next(NUMBERS)}"

    def do(self, name, *arguments):
        """A step; what it did is remembered, so that it can be sent again."""
        if name != "again":
            self.last = None
        getattr(self, name)(*arguments)

    def again(self):
        """The last move once more, under its key: nothing happens."""
        before = [wallet_of(person.pk) for person in self.people], fees()
        if self.last:
            self.last()
        assert ([wallet_of(person.pk) for person in self.people], fees()) == before

    def move(self, service, **asked):
        call = partial(service, key=self.key(), **asked)
        call()
        self.last = call

    def top_up(self, who, amount):
        top_up_wallet(owner_id=self.people[who].pk, amount=amount, key=self.key())
        self.paid_in += amount

    def hold(self, who, key, amount):
        if Hold.objects.filter(open_key=f"thing:{key}").exists():
            return
        request = HoldRequest(amount=amount, open_key=f"thing:{key}", subject=self.people[who])
        place_holds(owner_id=self.people[who].pk, kind=HoldKind.SHIPMENT, requests=[request])

    def release(self, key, amount):
        self.move(release_hold, open_key=f"thing:{key}", amount=amount)

    def capture(self, key, who, amount, fee, keep):
        payees = {self.people[who].pk: amount}
        self.move(capture_hold, open_key=f"thing:{key}", payees=payees, fee=fee, keep=keep)

    def convert(self, key, other, amount):
        if key != other and Hold.objects.filter(open_key=f"thing:{other}").exists():
            return
        into = HoldRequest(amount=amount, open_key=f"thing:{other}", subject=self.people[0])
        self.move(convert_hold, open_key=f"thing:{key}", kind=HoldKind.BID, into=into)

    def sell(self, key, who, amount, fee):
        if Hold.objects.filter(open_key=f"thing:{key}:reserve").exists():
            return
        seller = self.people[who]
        self.move(
            pay_seller, open_key=f"thing:{key}", seller_id=seller.pk, amount=amount, fee=fee, subject=seller
        )

    def take(self, who, payee, amount):
        seller, payee = self.people[who], self.people[payee]
        self.move(take_from_reserve, owner_id=seller.pk, payee_id=payee.pk, amount=amount, subject=seller)

    def days_pass(self):
        release_reserves(clock.now() + timedelta(days=31))


@pytest.fixture
def people(person):
    return [person(), person(), person()]


@pytest.fixture
def keeps_a_tenth(request):
    """The store keeps a tenth of each sale in reserve."""
    request.getfixturevalue("settings").RESERVE_BPS = 1_000


@settings(
    max_examples=examples(25),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=not IS_NIGHTLY,
)
@given(steps=st.lists(STEPS, max_size=25))
def test_any_sequence_of_moves_keeps_the_books(people, keeps_a_tenth, audit, steps):
    before = sum(total(person) for person in people) + fees()
    money = Money(people)
    for name, *arguments in steps:
        with contextlib.suppress(InsufficientFunds, HoldNotOpen, ValueError):
            money.do(name, *arguments)
        assert audit() == []

    assert sum(total(person) for person in people) + fees() == before + money.paid_in


def total(person):
    wallet = wallet_of(person.pk)
    return wallet.balance + wallet.held_balance


def fees():
    return sum(
        Transaction.objects.filter(wallet__code=StoreWallet.FEES).values_list("balance_delta", flat=True)
    )
