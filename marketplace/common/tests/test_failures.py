"""What is around the store is full or read-only: a clear word, nothing written, nothing left behind."""

import errno
from unittest.mock import Mock

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.db import DatabaseError, InternalError, OperationalError, connection

from marketplace.accounts.models import User
from marketplace.common import limits
from marketplace.common.errors import Busy, CannotSave
from marketplace.common.failures import is_unavailable
from marketplace.common.files import forgotten_on_failure, stored_whole
from marketplace.common.sweeping import sweep_rows
from marketplace.common.transactions import service


@service
def sign_up(then=lambda: None) -> User:
    user = User.objects.create_user("new@example.org")
    then()
    return user


def postgres(state: str, kind=OperationalError) -> DatabaseError:
    error = kind("the server's words")
    error.__cause__ = type("Error", (Exception,), {"sqlstate": state, "__module__": "psycopg.errors"})()
    return error


NO_WRITING = [
    *map(postgres, ("53000", "53100", "53200", "53400", "58030")),
    postgres("25006", InternalError),
    *(OperationalError(code, "words") for code in (1021, 1114, 1290, 1792, 1836)),
    InternalError(3, "Error writing file (Errcode: 28)"),
    *map(OperationalError, ("disk I/O error", "attempt to write a readonly database")),
    OperationalError("database or disk is full"),
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "error", NO_WRITING, ids=lambda error: str(error.__cause__ and error.__cause__.sqlstate)
)
def test_a_database_that_cannot_write_is_a_clear_word_at_once(error):
    calls = []

    def fail() -> None:
        calls.append(True)
        raise error

    assert is_unavailable(error)
    with pytest.raises(CannotSave) as refusal:
        sign_up(fail)

    assert refusal.value.status == 503
    assert len(calls) == 1
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_too_many_clients_are_no_full_disk():
    with pytest.raises(Busy):
        sign_up(lambda: (_ for _ in ()).throw(postgres("53300")))


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG])
def test_a_full_disk_below_an_upload_is_no_bug(code):
    """Django keeps a large upload in a temporary file, which no service sees."""
    assert is_unavailable(OSError(code, "words"))


def test_what_a_file_system_says_otherwise_is_a_bug():
    assert not is_unavailable(FileNotFoundError(errno.ENOENT, "words"))


def test_the_real_word_of_a_database_that_may_only_be_read(read_only):
    with read_only():
        with pytest.raises(CannotSave):
            sign_up()
        assert not User.objects.exists()
    assert sign_up().pk


def test_a_count_that_cannot_be_kept_refuses_and_never_lets_through(read_only):
    with read_only(), pytest.raises(CannotSave):
        limits.hit("checkout", "somebody")


@pytest.mark.django_db(transaction=True)
def test_the_real_word_of_a_disk_that_is_full(full_disk):
    if connection.vendor != "sqlite":
        pytest.skip("the server's disk is not ours to fill; soak does")
    connection.ensure_connection()
    # Said by COMMIT, nobody knows (as of a lost connection); the same form tells.
    with full_disk(1), pytest.raises((CannotSave, Busy)):
        sign_up()

    assert not User.objects.exists()
    assert sign_up().pk


@pytest.mark.django_db(transaction=True)
def test_a_sweep_ends_where_no_row_can_be_written(person):
    for _number in range(3):
        person()
    one = Mock(side_effect=CannotSave("No."))

    with pytest.raises(CannotSave):
        sweep_rows("test", User.objects.order_by("pk"), one, now=User.objects.first().date_joined)

    assert one.call_count == 1


# --- files --------------------------------------------------------------------------------------


def files(folder) -> list:
    return [path for path in folder.rglob("*") if path.is_file()]


def keep(storage: FileSystemStorage, size: int = 5_000) -> str:
    with stored_whole(storage.delete, "photos/a.webp"):
        return storage.save("photos/a.webp", ContentFile(b"x" * size))


def test_a_file_that_finds_no_room_is_not_left_in_part(tmp_path, full_disk):
    with full_disk(1_000), pytest.raises(CannotSave):
        keep(FileSystemStorage(tmp_path))

    assert files(tmp_path) == []
    assert keep(FileSystemStorage(tmp_path)) == "photos/a.webp"


def test_control_django_leaves_the_part(tmp_path, full_disk):
    with full_disk(1_000), pytest.raises(OSError, match="File too large"):
        FileSystemStorage(tmp_path).save("a.webp", ContentFile(b"x" * 5_000))

    assert files(tmp_path) != []


@pytest.mark.parametrize("kind", [PermissionError, FileNotFoundError, NotADirectoryError])
def test_a_folder_that_is_missing_or_forbidden_is_the_same(tmp_path, monkeypatch, kind):
    monkeypatch.setattr("django.core.files.storage.filesystem.os.open", Mock(side_effect=kind("No.")))

    with pytest.raises(CannotSave):
        keep(FileSystemStorage(tmp_path))


def test_a_bug_in_storing_stays_one_and_leaves_no_part(tmp_path):
    storage = FileSystemStorage(tmp_path)

    with pytest.raises(KeyError), stored_whole(storage.delete, "a"):
        storage.save("a", ContentFile(b"x"))
        raise KeyError

    assert files(tmp_path) == []


def test_what_cannot_be_removed_does_not_hide_why_it_should_be():
    def forget(_name: str) -> None:
        raise PermissionError

    for frame in (stored_whole, forgotten_on_failure):
        with pytest.raises(KeyError), frame(forget, "a"):
            raise KeyError
