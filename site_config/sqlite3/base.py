"""SQLite in a file of the store's own account, and on a disk that is full: pages are read on.

Whoever opens a database in WAL mode first makes two small files beside it. Where there is no room for them not even
reading works; the file itself is whole, though, once the last writer has left. So it is then opened as one that nobody
changes, for as long as a request takes. Writing says "readonly database", which is a 503 (docs/reliability.md M22).
"""

import logging
import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db.backends.sqlite3 import base

logger = logging.getLogger(__name__)

# SQLite's primary result codes: read-only, input or output, full, cannot open.
_NO_ROOM = {8, 10, 13, 14}


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> sqlite3.Connection:
        """As Django's; a new file is nobody else's, and where its files find no room the connection only reads."""
        _make_private(str(conn_params["database"]))
        try:
            return super().get_new_connection(conn_params)
        except sqlite3.OperationalError as error:
            path = Path(conn_params["database"])
            if error.sqlite_errorcode & 0xFF not in _NO_ROOM or not _is_whole(path):
                raise
            logger.warning("the database is opened for reading only: %s", error)
            self.init_commands = ["PRAGMA query_only=ON"]
            address = f"file:{quote(str(path))}?mode=ro&immutable=1"
            return super().get_new_connection(conn_params | {"database": address, "uri": True})


def _make_private(name: str) -> None:
    """Make the file that is not there yet, whatever the umask; SQLite gives the two beside it the same mode."""
    if name == ":memory:" or name.startswith("file:"):
        return
    with suppress(OSError):  # it is there, or cannot be made: SQLite says which
        os.close(os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _is_whole(path: Path) -> bool:
    """Whether all that was written is in the file itself, and nothing in the log beside it."""
    log = path.with_name(f"{path.name}-wal")
    return path.is_file() and (not log.exists() or log.stat().st_size == 0)
