"""Pictures' rows and files belong together (I42)."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from marketplace.common import clock
from marketplace.common import files as common_files
from marketplace.common.authorisation import SYSTEM
from marketplace.products import files
from marketplace.products.files import forget_orphans, rows_without_files
from marketplace.products.models import ProductImage
from marketplace.products.services import add_image


@pytest.fixture
def folder(settings, tmp_path):
    """A media folder of the test's own."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "products"


@pytest.fixture
def two_pictures(folder, product, picture_file):
    return [
        add_image(product_id=product.pk, file=picture_file(), alt_text="A lamp", actor=SYSTEM)
        for _ in range(2)
    ]


def stored(folder) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def grow_old(folder) -> None:
    then = (clock.now() - timedelta(hours=25)).timestamp()
    for path in stored(folder):
        os.utime(path, (then, then))


def test_a_file_that_lost_its_row_goes_after_a_day_with_its_sizes(folder, two_pictures):
    lost = two_pictures[1]
    stem = Path(lost.picture.name).stem
    ProductImage.objects.filter(pk=lost.pk).delete()
    of_the_lost = {path for path in stored(folder) if stem in str(path)}
    left = stored(folder) - of_the_lost
    assert len(of_the_lost) > 1

    assert forget_orphans(clock.now()) == 0
    assert stored(folder) == left | of_the_lost

    grow_old(folder)
    assert forget_orphans(clock.now()) == 1
    assert stored(folder) == left
    assert not (folder / stem).exists()
    assert rows_without_files(10) == []
    assert forget_orphans(clock.now()) == 0


def test_sizes_whose_picture_is_gone_go_too(folder, two_pictures):
    lost = two_pictures[1]
    ProductImage.objects.filter(pk=lost.pk).delete()
    (folder / Path(lost.picture.name).name).unlink()
    grow_old(folder)

    assert forget_orphans(clock.now()) == 1
    assert not (folder / Path(lost.picture.name).stem).exists()


def test_other_folders_and_kinds_of_files_are_left_alone(folder, two_pictures):
    others = [folder.parent / "notes" / "old.webp", folder / "readme.txt"]
    for path in others:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    grow_old(folder.parent)

    assert forget_orphans(clock.now()) == 0
    assert all(path.exists() for path in others)


def test_a_run_is_bounded_and_the_next_days_goes_on(folder, two_pictures, monkeypatch):
    for image in two_pictures[1:]:
        ProductImage.objects.filter(pk=image.pk).delete()
    for number in range(5):
        (folder / f"lost{number}.webp").write_text("x")
    grow_old(folder)
    monkeypatch.setattr(files, "LOOKED_AT", 3)
    monkeypatch.setattr(common_files, "REMOVED", 2)

    runs = [forget_orphans(clock.now() + timedelta(days=day)) for day in range(20)]

    assert max(runs) == 2
    assert sum(runs) == 6
    assert rows_without_files(10) == []


def test_a_database_without_pictures_removes_nothing(folder, two_pictures):
    """A restore under way, or another store's folder by mistake."""
    ProductImage.objects.all().delete()
    grow_old(folder)
    before = stored(folder)

    assert forget_orphans(clock.now()) == 0
    assert stored(folder) == before


def test_a_folder_that_two_databases_share_is_left_alone(folder, two_pictures, caplog):
    for number in range(common_files.FEW + 1):
        (folder / f"theirs{number}.webp").write_text("x")
    grow_old(folder)
    before = stored(folder)

    assert forget_orphans(clock.now()) == 0
    assert stored(folder) == before
    assert "another store's" in caplog.text


def test_without_a_folder_there_is_nothing_to_do(folder, db):
    assert forget_orphans(clock.now()) == 0


@pytest.mark.django_db(transaction=True)
def test_the_audit_names_rows_whose_file_is_missing(folder, two_pictures, capsys):
    call_command("audit_books", media=10, no_color=True)
    assert "ok      I42" in capsys.readouterr().out

    lost = two_pictures[1]
    (folder / Path(lost.picture.name).name).unlink()
    assert rows_without_files(10) == [(lost.pk, lost.picture.name)]
    assert rows_without_files(0) == []
    with pytest.raises(CommandError):
        call_command("audit_books", media=10, no_color=True)
    printed = capsys.readouterr().out
    assert "BROKEN  I42" in printed
    assert lost.picture.name in printed
