"""Connections that a failure left inside a transaction: nothing of Django's gets a thread out of that.

A connection that is lost while `SET autocommit` is answered leaves Django's wrapper believing that a transaction
is open. What follows in that thread is then never committed, and says that it was; `close_old_connections` skips
such a connection for ever. So it is dropped: by every service before and after its transaction, and at the end of a
request, a sweep and a task (docs/reliability.md M18).
"""

import logging

from django.db import Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

logger = logging.getLogger(__name__)


def drop(connection: BaseDatabaseWrapper) -> None:
    """Close `connection`, whatever state it is in; its next use opens a new one.

    A test's own transaction goes on: it may not be lost.
    """
    if _is_a_tests(connection):
        return
    connection.in_atomic_block = False
    connection.closed_in_transaction = False
    connection.needs_rollback = False
    connection.commit_on_exit = True
    connection.savepoint_ids = []
    connection.atomic_blocks = []
    try:
        connection.close()
    except Error:
        logger.info("a connection that is dropped could not be closed")
    connection.connection = None


def drop_if_stuck(connection: BaseDatabaseWrapper) -> bool:
    """`drop` a connection that is inside a transaction. To be asked where none may be open; returns whether it was."""
    is_open = connection.connection is not None and not connection.autocommit
    if _is_a_tests(connection) or not (
        connection.in_atomic_block or connection.closed_in_transaction or is_open
    ):
        return False
    logger.warning("a connection was left inside a transaction and is dropped")
    drop(connection)
    return True


def drop_stuck() -> None:
    """`drop_if_stuck` for every connection of this thread: at the end of a request, a sweep, a task."""
    for connection in connections.all(initialized_only=True):
        drop_if_stuck(connection)


def _is_a_tests(connection: BaseDatabaseWrapper) -> bool:
    return any(getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)
