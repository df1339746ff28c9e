"""How a service meets the database: one transaction, a lock timeout said at once, a deadlock tried three times.

`@service` is the only way that this code opens a transaction. The outermost service is durable (its
return means COMMIT happened); a service called by another joins it without a savepoint, so either
everything happened or nothing did.
"""

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, InterfaceError, transaction
from django.utils.translation import gettext as _

from .connections import drop, drop_if_stuck
from .errors import Busy, CannotSave
from .failures import (
    cannot_save,
    is_lost,
    is_read_only_or_full,
    is_transient,
    is_unavailable,
    waited_in_vain,
)
from .patience import is_over, seated

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

TRIES = 3
FIRST_PAUSE = 0.02


def busy() -> Busy:
    return Busy(_("The store is very busy right now. Please try again."))


def refusal(error: Exception) -> Busy | CannotSave:
    """What a person reads of a database that did not do it, for a reason that is no bug (`is_unavailable`)."""
    return cannot_save() if is_read_only_or_full(error) else busy()


def is_outermost() -> bool:
    """Whether a service called now would open its own transaction (a TestCase's own does not count)."""
    blocks = transaction.get_connection().atomic_blocks
    return not blocks or blocks[-1]._from_testcase


def service(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Run `function` in one transaction.

    Outermost: durable, its locks are forgotten at the end, and a deadlock, a serialization failure or a
    connection lost before COMMIT is tried three times in all before `Busy` is raised. A lock that was
    waited for in vain is not waited for again. A connection lost while COMMIT was under way is never tried
    again: nobody can tell whether it happened (shared RELIABILITY.md §3.2.3, M12). It raises `Busy`, too:
    whoever sends the same form again, with its form key, gets the first result or does it now. A database
    that is full or may only be read raises `CannotSave` at once. Inside another service: part of its
    transaction.
    """

    @wraps(function)
    def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        if not is_outermost():
            with transaction.atomic(savepoint=False):
                return function(*args, **kwargs)
        connection = transaction.get_connection()
        # What something else left open would swallow this service's COMMIT.
        drop_if_stuck(connection)
        with seated() as has_seat_now:
            for attempt in range(1, TRIES + 1):
                connection.locks_taken = {}
                commits = False
                try:
                    with transaction.atomic(durable=True):
                        result = function(*args, **kwargs)
                        commits = True
                    return result
                except (DatabaseError, InterfaceError) as error:
                    if not is_unavailable(error):
                        raise
                    if is_lost(error):
                        drop(connection)
                    if commits and not is_transient(error):
                        raise busy() from error  # it may have happened: its files stay, too
                    may_again = has_seat_now() if waited_in_vain(error) else not is_read_only_or_full(error)
                    if attempt == TRIES or not may_again or is_over():
                        raise refusal(error) from error
                finally:
                    drop_if_stuck(connection)
                    connection.locks_taken = {}
                time.sleep(random.uniform(0, FIRST_PAUSE * 2**attempt))  # noqa: S311  jitter, not a secret
        raise AssertionError("unreachable")

    return run
