"""What we use of libraries although they do not promise it; each test notices when an upgrade changes it.

The private attributes are named in one place, `ignore-names` of ruff's flake8-self in pyproject.toml: ruff
refuses any other. Here is what each of them, and the rest, must go on being.
"""

import inspect
import tomllib
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, models, transaction
from django.test import TransactionTestCase
from django.utils.module_loading import import_string

from marketplace.accounts.models import User
from site_config.testing.databases import empty_what_was_filled

RUFF = tomllib.loads((Path(settings.BASE_DIR) / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]


def test_the_list_of_private_attributes_is_what_is_looked_at_here():
    assert "SLF" in RUFF["select"]
    assert set(RUFF["flake8-self"]["ignore-names"]) == {
        # Documented by Django in spite of their names: Model._meta, Model._state, Model._default_manager.
        *("_meta", "_state", "_default_manager"),
        # Documented by Python as for special purposes.
        "_getframe",
        # Looked at below.
        *("_from_testcase", "_fixture_teardown", "_nodb_cursor"),
    }


@pytest.mark.django_db
def test_a_test_of_djangos_marks_its_transactions():
    """`is_outermost` (marketplace/common/transactions.py) and `undone` (test_permissions.py) rely on it."""
    assert [block._from_testcase for block in connection.atomic_blocks] == [True] * len(
        connection.atomic_blocks
    )
    with transaction.atomic():
        assert connection.atomic_blocks[-1]._from_testcase is False


def test_django_empties_the_database_by_the_method_that_ours_replaces():
    """site_config/testing/databases.py; were it called otherwise, Django would flush as slowly as ever."""
    assert TransactionTestCase._fixture_teardown is empty_what_was_filled
    assert "self._fixture_teardown()" in inspect.getsource(TransactionTestCase._post_teardown)


def test_a_database_is_made_over_a_connection_to_none():
    """The same."""
    assert callable(connection._nodb_cursor)


@pytest.mark.django_db
def test_a_row_knows_whether_it_is_new(person):
    """`insert` (marketplace/common/inserting.py) sets what `save` would."""
    new = User(email="new@example.org")
    assert (new._state.adding, new._state.db) == (True, None)
    assert (person()._state.adding, person()._state.db) == (False, "default")


def test_a_statement_is_put_together_of_parts_of_djangos():
    """The same `insert`."""
    fields = User._meta.concrete_fields
    assert connection.ops.insert_statement(on_conflict=None) == "INSERT INTO"
    assert connection.ops.bulk_batch_size(fields, [User()]) >= 1
    assert isinstance(connection.ops.on_conflict_suffix_sql(fields, None, (), ()), str)
    assert list(inspect.signature(models.Field.get_db_prep_save).parameters) == [
        "self",
        "value",
        "connection",
    ]


def test_pictures_are_drawn_by_a_private_function_with_these_arguments():
    """The setting PICTURES["PROCESSOR"]; the library's public ones hand the work to a queue."""
    process = import_string(settings.PICTURES["PROCESSOR"])

    assert process.__module__ == "pictures.tasks"
    assert set(inspect.signature(process).parameters) == {"storage", "file_name", "sender", "new", "old"}


def test_a_size_of_a_picture_has_what_ours_draws_it_with():
    """`StorePicture.save` (marketplace/products/encoding.py) stands in for the library's."""
    picture = import_string(settings.PICTURES["PICTURE_CLASS"])

    assert list(inspect.signature(picture.save).parameters) == ["self", "image"]
    assert {"file_type", "storage"} <= set(picture.__dataclass_fields__)
    assert isinstance(picture.name, property) or hasattr(picture, "name")
    assert "image" in inspect.signature(picture.resize).parameters
