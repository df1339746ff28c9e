"""Which errors of a database or a file system are no bug: it is away, busy, full or may only be read.

All of these are a 503 with the same form key kept: nothing was done, and the same form may do later.
"""

import errno

from django.db import DatabaseError, InterfaceError, OperationalError
from django.utils.translation import gettext as _

from .errors import CannotSave
from .patience import OutOfPatience

# PostgreSQL: serialization failure, deadlock. MariaDB: deadlock. Another try may not meet them.
_RETRIED: set[object] = {"40001", "40P01", 1213}
# Somebody else held a lock for as long as we wait. PostgreSQL: lock timeout; MariaDB: lock wait timeout.
_WAITED_IN_VAIN: set[object] = {"55P03", 1205}
# No connection, or none any more. PostgreSQL: class 08, the server ends or starts, too many clients.
_LOST_SQLSTATES = {"57P01", "57P02", "57P03", "53300"}
_LOST_MYSQL_CODES = {1040, 2002, 2003, 2006, 2013, 2055}
# Longer than the server lets anything take: PostgreSQL's statement_timeout, MariaDB's.
_TOO_LONG: set[object] = {"57014", 1969}
# Nothing can be written. PostgreSQL: all of class 53 (disk full, out of memory, …) but too many clients, an error of
# input or output, read-only; MariaDB: disk or table full, errors of writing, read-only in its several ways.
_NO_WRITING_SQLSTATES = {"58030", "25006"}
_NO_WRITING_MYSQL_CODES = {3, 1021, 1026, 1030, 1036, 1037, 1038, 1041, 1114, 1290, 1792, 1836, 1874}
# SQLite's primary result codes: out of memory, read-only, input or output, full.
_NO_WRITING_SQLITE_CODES = {7, 8, 10, 13}
_NO_WRITING_WORDS = ("disk I/O error", "readonly database", "database or disk is full")
# Of a file system: full, over quota, read-only, too large for it, an error of input or output.
_NO_WRITING_ERRNOS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO}


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
    """Whether what is around the store is away, too busy, full or read-only: the same request may do later (a 503)."""
    if isinstance(error, OSError):
        return error.errno in _NO_WRITING_ERRNOS
    if not isinstance(error, (DatabaseError, InterfaceError)):
        return False
    if is_read_only_or_full(error):
        return True
    known = isinstance(error, (OperationalError, InterfaceError))
    return known and (is_transient(error) or is_lost(error) or waited_in_vain(error))


def is_read_only_or_full(error: Exception) -> bool:
    """Whether the database cannot write anything, or says that it may not."""
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None) or ""
    if state in _LOST_SQLSTATES:
        return False
    if state.startswith("53") or state in _NO_WRITING_SQLSTATES:
        return True
    if getattr(cause, "sqlite_errorcode", 0) & 0xFF in _NO_WRITING_SQLITE_CODES:
        return True
    if error.args and error.args[0] in _NO_WRITING_MYSQL_CODES:
        return True
    return any(words in str(error) for words in _NO_WRITING_WORDS)


def is_storage_away(error: Exception) -> bool:
    """Whether files cannot be stored: a folder that is full, read-only, missing or forbidden; a bucket that is away."""
    return isinstance(error, OSError) or type(error).__module__.startswith(("boto", "s3transfer"))


def cannot_save() -> CannotSave:
    return CannotSave(
        _("The store cannot save anything right now. Nothing was changed. Please try again in a few minutes.")
    )


def is_transient(error: Exception) -> bool:
    """Whether the database undid the transaction for a reason that another try may not meet."""
    return bool(_codes(error) & _RETRIED)


def waited_in_vain(error: Exception) -> bool:
    """Whether somebody else held a lock, or a statement took, for longer than we wait: not tried again (M19)."""
    if isinstance(error, OutOfPatience) or _codes(error) & (_WAITED_IN_VAIN | _TOO_LONG):
        return True
    return "database is locked" in str(error) or "database table is locked" in str(error)


def _codes(error: Exception) -> set[object]:
    """What the database calls it: a SQLSTATE from PostgreSQL, a number from MariaDB."""
    return {getattr(error.__cause__, "sqlstate", None), *error.args[:1]} - {None}
