"""Storage that cannot be written: a database that may only be read, files that find no room."""

import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from django.db import connection

READ_ONLY = {
    "postgresql": ("SET default_transaction_read_only = on", "SET default_transaction_read_only = off"),
    "mysql": ("SET SESSION TRANSACTION READ ONLY", "SET SESSION TRANSACTION READ WRITE"),
    "sqlite": ("PRAGMA query_only = ON", "PRAGMA query_only = OFF"),
}


@pytest.fixture
def read_only(transactional_db) -> Callable[[], AbstractContextManager[None]]:
    """`with read_only():` the database may only be read, by its own word."""

    @contextmanager
    def run() -> Iterator[None]:
        on, off = READ_ONLY[connection.vendor]
        with connection.cursor() as cursor:
            cursor.execute(on)
            try:
                yield
            finally:
                cursor.execute(off)

    return run


@pytest.fixture
def full_disk() -> Callable[[int], AbstractContextManager[None]]:
    """`with full_disk(1_000):` no file grows beyond so many bytes."""
    return _full_after


@contextmanager
def _full_after(most: int) -> Iterator[None]:
    """Within the block no file of this process grows beyond `most` bytes, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
