"""Fixtures of the wallet domain, and the audit after a test."""

import uuid
from collections.abc import Callable, Iterator

import pytest

from marketplace.accounts.models import User
from marketplace.common.invariants import find_breaches
from marketplace.wallet import services
from site_config.books import all_invariants


@pytest.fixture
def books_balance(db) -> Iterator[None]:
    """After the test every invariant of the store must hold."""
    yield
    breaches = find_breaches(all_invariants())
    assert not breaches, "\n".join(str(breach) for breach in breaches)


@pytest.fixture
def fund(db) -> Callable[[User, int], User]:
    """`fund(user, 5_000)` puts that many minor units into somebody's wallet."""

    def put(user: User, amount: int) -> User:
        services.top_up_wallet(user_id=user.pk, amount=amount, key=f"fund:{uuid.uuid4().hex}")
        return user

    return put
