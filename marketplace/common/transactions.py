"""How a service meets the database: one transaction, three tries, then a clear word.

`@service` is the only way that this code opens a transaction. The outermost service is durable (its
return means COMMIT happened); a service called by another joins it without a savepoint, so either
everything happened or nothing did.
"""

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, transaction
from django.utils.translation import gettext as _

from .errors import Busy

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

TRIES = 3
FIRST_PAUSE = 0.02

# PostgreSQL: serialization failure, deadlock, lock timeout. MariaDB: deadlock, lock wait timeout.
_RETRIED_SQLSTATES = {"40001", "40P01", "55P03"}
_RETRIED_MYSQL_CODES = {1213, 1205}


def is_transient(error: OperationalError) -> bool:
    """Whether the database undid the transaction for a reason that another try may not meet."""
    cause = error.__cause__
    if getattr(cause, "sqlstate", None) in _RETRIED_SQLSTATES:
        return True
    if error.args and error.args[0] in _RETRIED_MYSQL_CODES:
        return True
    return "database is locked" in str(error) or "database table is locked" in str(error)


def is_outermost() -> bool:
    """Whether a service called now would open its own transaction (a TestCase's own does not count)."""
    blocks = transaction.get_connection().atomic_blocks
    return not blocks or blocks[-1]._from_testcase


def service(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Run `function` in one transaction.

    Outermost: durable, its locks are forgotten at the end, and a deadlock or lock timeout is tried
    three times in all before `Busy` is raised. Inside another service: part of its transaction.
    """

    @wraps(function)
    def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        if not is_outermost():
            with transaction.atomic(savepoint=False):
                return function(*args, **kwargs)
        connection = transaction.get_connection()
        for attempt in range(1, TRIES + 1):
            connection.locks_taken = {}
            try:
                with transaction.atomic(durable=True):
                    return function(*args, **kwargs)
            except OperationalError as error:
                if not is_transient(error):
                    raise
                if attempt == TRIES:
                    raise Busy(_("The store is very busy right now. Please try again.")) from error
            finally:
                connection.locks_taken = {}
            time.sleep(random.uniform(0, FIRST_PAUSE * 2**attempt))  # noqa: S311  jitter, not a secret
        raise AssertionError("unreachable")

    return run
