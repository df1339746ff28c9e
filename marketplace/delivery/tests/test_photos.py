"""Photos and their rows belong together (I42), and no photo lies where the web server hands it out."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage

from marketplace.common import clock, files
from marketplace.delivery import photos
from marketplace.delivery.models import Attempt, private_storage


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A private folder of the test's own."""
    monkeypatch.setattr(photos, "private_storage", lambda: FileSystemStorage(location=tmp_path))
    return tmp_path / photos.ATTEMPTS


def stored(folder) -> set[str]:
    return {path.name for path in folder.iterdir()}


def grow_old(folder) -> None:
    then = (clock.now() - timedelta(hours=25)).timestamp()
    for path in folder.iterdir():
        os.utime(path, (then, then))


def test_a_photo_without_a_row_goes_after_a_day_and_others_stay(folder, on_its_way, fail, picture_file):
    attempt = fail(on_its_way(), photo=picture_file())
    lost = photos.store_photo(picture_file(), photos.ATTEMPTS)

    assert photos.forget_orphan_photos(clock.now()) == 0
    grow_old(folder)

    assert photos.forget_orphan_photos(clock.now()) == 1
    assert stored(folder) == {Path(attempt.photo.name).name}
    assert not (folder / Path(lost).name).exists()


@pytest.mark.parametrize("umask", [0o000, 0o022])
def test_nobody_else_on_the_machine_reads_a_photo(tmp_path, monkeypatch, picture_file, umask):
    options = settings.STORAGES["private"]["OPTIONS"] | {"location": tmp_path / "private"}
    monkeypatch.setattr(photos, "private_storage", lambda: FileSystemStorage(**options))
    before = os.umask(umask)
    try:
        name = photos.store_photo(picture_file(), photos.ATTEMPTS)
    finally:
        os.umask(before)

    path = tmp_path / "private" / name
    assert path.stat().st_mode & 0o777 == 0o600
    folders = [path.parent, *path.parent.parents][: len(Path(name).parts)]
    assert [folder.stat().st_mode & 0o777 for folder in folders] == [0o700] * len(folders)


def test_many_lost_ones_are_somebody_elses_folder(folder, db, caplog):
    folder.mkdir()
    for number in range(files.FEW + 1):
        (folder / f"{number}.webp").touch()
    grow_old(folder)

    assert photos.forget_orphan_photos(clock.now()) == 0
    assert "in no row" in caplog.text
    assert len(stored(folder)) == files.FEW + 1


def test_a_folder_that_is_not_there_has_nothing_to_forget(folder, db):
    assert photos.forget_orphan_photos(clock.now()) == 0


def test_a_row_whose_file_is_gone_is_found(folder, on_its_way, fail, picture_file):
    attempt = fail(on_its_way(), photo=picture_file())
    assert photos.rows_without_photos(10) == []

    (folder / Path(attempt.photo.name).name).unlink()

    assert photos.rows_without_photos(10) == [(photos.ATTEMPTS, attempt.pk, attempt.photo.name)]


def test_photos_lie_outside_of_what_a_web_server_hands_out():
    private, public = Path(private_storage().location), Path(settings.MEDIA_ROOT)

    assert private != public and public not in private.parents and private not in public.parents
    assert Attempt._meta.get_field("photo").storage.location == str(private)
