"""A stocked store is built once a worker; every further test that wants it gets a copy of that database."""

import pickle
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from django.db import connection

from e2e.world import World
from site_config.testing.databases import filled_tables


class Snapshots:
    """Worlds by name, each a database in a file and the `World` that says what is in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.worlds: dict[str, bytes] = {}

    def world(self, name: str, build: Callable[[], World]) -> World:
        """What `build` makes of an empty store. Where something is there already, it is built beside that."""
        if connection.vendor != "sqlite" or filled_tables():
            return build()
        if name not in self.worlds:
            self.worlds[name] = pickle.dumps(build())
            with closing(sqlite3.connect(self.folder / name)) as file:
                connection.connection.backup(file)
        else:
            with closing(sqlite3.connect(self.folder / name)) as file:
                file.backup(connection.connection)
        return pickle.loads(self.worlds[name])  # of our own, made a moment ago
