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

from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _

from .errors import Busy

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

TRIES = 3
FIRST_PAUSE = 0.02

# PostgreSQL: serialization failure, deadlock, lock timeout. MariaDB: deadlock, lock wait timeout.
_RETRIED_SQLSTATES = {"40001", "40P01", "55P03"}
_RETRIED_MYSQL_CODES = {1213, 1205}
# No connection, or none any more. PostgreSQL: class 08, the server ends or starts, too many clients.
_LOST_SQLSTATES = {"57P01", "57P02", "57P03", "53300"}
_LOST_MYSQL_CODES = {1040, 2002, 2003, 2006, 2013, 2055}
# Longer than the server lets anything take: PostgreSQL's statement_timeout, MariaDB's.
_TOO_LONG = {"57014", 1969}


def is_lost(error: Exception) -> bool:
    """Whether there is no connection to the database, or none any more."""
    if isinstance(error, InterfaceError):
        return True
    cause = error.__cause__
    if type(cause).__module__.startswith("psycopg"):
        # psycopg's own words about the connection carry no SQLSTATE; the server's always do.
        state = getattr(cause, "sqlstate", None)
        return state is None or state.startswith("08") or state in _LOST_SQLSTATES
    if error.args and error.args[0] in _LOST_MYSQL_CODES:
        return True
    return "unable to open database file" in str(error)


def is_unavailable(error: Exception) -> bool:
    """Whether the database is away or too busy, so that the same request may do later (a 503)."""
    if not isinstance(error, (OperationalError, InterfaceError)):
        return False
    codes = {getattr(error.__cause__, "sqlstate", None), *error.args[:1]}
    return is_transient(error) or is_lost(error) or bool(codes & _TOO_LONG)


def is_transient(error: Exception) -> bool:
    """Whether the database undid the transaction for a reason that another try may not meet."""
    cause = error.__cause__
    if getattr(cause, "sqlstate", None) in _RETRIED_SQLSTATES:
        return True
    if error.args and error.args[0] in _RETRIED_MYSQL_CODES:
        return True
    return "database is locked" in str(error) or "database table is locked" in str(error)


def busy() -> Busy:
    return Busy(_("The store is very busy right now. Please try again."))


def is_outermost() -> bool:
    """Whether a service called now would open its own transaction (a TestCase's own does not count)."""
    blocks = transaction.get_connection().atomic_blocks
    return not blocks or blocks[-1]._from_testcase


def service(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Run `function` in one transaction.

    Outermost: durable, its locks are forgotten at the end, and a deadlock, a lock timeout or a
    connection lost before COMMIT is tried three times in all before `Busy` is raised. A connection
    lost while COMMIT was under way is never tried again: nobody can tell whether it happened (shared
    RELIABILITY.md §3.2.3, M12). It raises `Busy`, too: whoever sends the same form again, with its
    form key, gets the first result or does it now. Inside another service: part of its transaction.
    """

    @wraps(function)
    def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        if not is_outermost():
            with transaction.atomic(savepoint=False):
                return function(*args, **kwargs)
        connection = transaction.get_connection()
        for attempt in range(1, TRIES + 1):
            connection.locks_taken = {}
            commits = False
            try:
                with transaction.atomic(durable=True):
                    result = function(*args, **kwargs)
                    commits = True
                return result
            except (OperationalError, InterfaceError) as error:
                lost = is_lost(error)
                if not (lost or is_transient(error)):
                    raise
                if attempt == TRIES or (lost and commits):
                    raise busy() from error
            finally:
                connection.locks_taken = {}
            time.sleep(random.uniform(0, FIRST_PAUSE * 2**attempt))  # noqa: S311  jitter, not a secret
        raise AssertionError("unreachable")

    return run
