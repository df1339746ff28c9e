"""The file of a SQLite store holds everybody's addresses: only the store's account reads it."""

import os
from pathlib import Path

import pytest
from django.db import connections

from site_config import checks
from site_config.databases import from_url
from site_config.sqlite3.base import DatabaseWrapper


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "store.sqlite3"


def write_into(file: Path) -> dict[str, int]:
    """Open it as the store does, write, and return the modes of all that lies there then."""
    config = from_url(f"sqlite:///{file}", debug=False, test_folder=file.parent)
    database = DatabaseWrapper(connections.configure_settings({"default": config})["default"], "of this test")
    before = os.umask(0o022)
    try:
        with database.cursor() as cursor:
            cursor.execute("CREATE TABLE IF NOT EXISTS people (address TEXT)")
        return {path.name: path.stat().st_mode & 0o777 for path in file.parent.iterdir()}
    finally:
        os.umask(before)
        database.close()


@pytest.mark.django_db
def test_a_new_database_and_what_lies_beside_it_is_read_by_nobody_else(file):
    assert write_into(file) == {
        "store.sqlite3": 0o600,
        "store.sqlite3-wal": 0o600,
        "store.sqlite3-shm": 0o600,
    }


@pytest.mark.django_db
def test_a_database_that_is_there_keeps_its_mode(file):
    file.touch()
    file.chmod(0o640)

    assert write_into(file)["store.sqlite3"] == 0o640


@pytest.mark.parametrize(("mode", "tells"), [(0o600, False), (0o660, False), (0o644, True), (0o666, True)])
def test_one_that_everybody_can_read_is_told(settings, monkeypatch, file, mode, tells):
    file.touch()
    file.chmod(mode)
    for name, value in (("ENGINE", "site_config.sqlite3"), ("NAME", str(file))):
        monkeypatch.setitem(settings.DATABASES["default"], name, value)

    assert [problem.id for problem in checks.the_database_is_private(None)] == ["site_config.W006"] * tells


@pytest.mark.parametrize(
    ("engine", "name"),
    [("site_config.sqlite3", "/no/such/file"), ("django.db.backends.postgresql", "/etc/passwd")],
)
def test_a_database_without_a_file_is_not_looked_at(settings, monkeypatch, engine, name):
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", engine)
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", name)

    assert checks.the_database_is_private(None) == []
