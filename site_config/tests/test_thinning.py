"""Which of the core's tests the servers need not be asked, and that a statement is not lost by it (0022)."""

from collections import Counter

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from marketplace.points.models import PointsEntry
from site_config.testing.selection import LEFT_OUT
from site_config.testing.statements import Statements
from site_config.testing.thinning import MAKERS, choose
from site_config.tests.running import run_pytest

# --- the choice ---------------------------------------------------------------------------------

MADE = {
    "read": {"a", "b", "c", "d", "always"},
    "write": {"a", "b", "c"},
    "lock": {"b", "d"},
    "refused": {"e"},
}
WEIGHTS = Counter(a=900, b=10, c=20, d=30, e=5000, always=1)


def test_every_kind_keeps_two_tests_that_make_it_or_all_it_has():
    gone = choose(MADE, WEIGHTS, may_go={"a", "b", "c", "d", "e"})

    assert gone == ["a"]  # the dearest; b and d alone lock, b and c are left to write, e alone is refused
    for tests in MADE.values():
        assert len(tests - {*gone}) >= min(MAKERS, len(tests))


def test_what_is_asked_always_counts_and_never_goes():
    made = {"read": {"a", "first", "second"}, "write": {"a", "first"}}

    assert choose(made, WEIGHTS, may_go={"a"}) == []  # only one other writes
    assert choose(made | {"write": {"a", "first", "second"}}, WEIGHTS, may_go={"a"}) == ["a"]


def test_the_order_of_what_was_recorded_changes_nothing():
    backwards = {kind: set(tests) for kind, tests in reversed(MADE.items())}

    assert choose(backwards, WEIGHTS, {*"edcba"}) == choose(MADE, WEIGHTS, {*"abcde"})


# --- the kinds ----------------------------------------------------------------------------------


@pytest.fixture
def noted(monkeypatch):
    """What is executed from now on, as a run with `--compare-statements` notes it."""
    from django.db.backends import utils
    from django.db.models.sql.compiler import SQLCompiler

    for name in ("_execute", "_executemany"):
        monkeypatch.setattr(utils.CursorWrapper, name, getattr(utils.CursorWrapper, name))
    monkeypatch.setattr(SQLCompiler, "as_sql", SQLCompiler.as_sql)
    statements = Statements()
    statements.listen()
    statements.test = "this"
    return statements


@pytest.mark.django_db
def test_a_lock_is_a_kind_of_its_own_where_sqlite_leaves_it_out(noted, person):
    user = person()
    noted.makers.clear()

    for rows in (
        PointsEntry.objects.filter(seller=user),
        PointsEntry.objects.select_for_update().filter(pk=1),
    ):
        list(rows)
    plain, locked = noted.makers

    assert locked.endswith(" FOR UPDATE")
    assert "FOR UPDATE" not in plain
    list(PointsEntry.objects.filter(pk=1))
    assert locked.removesuffix(" FOR UPDATE") in noted.makers or connection.vendor != "sqlite"


@pytest.mark.django_db
def test_a_refusal_of_the_database_is_a_kind_of_its_own(noted, person):
    user = person()
    noted.makers.clear()

    with pytest.raises(IntegrityError), transaction.atomic():
        type(user).objects.filter(pk=user.pk).update(email=None)

    (refused,) = (kind for kind in noted.makers if "REFUSED" in kind)
    assert refused.startswith("UPDATE")
    assert "IntegrityError" in refused
    assert refused.partition(" REFUSED")[0] in noted.makers


# --- a run --------------------------------------------------------------------------------------

CORE = """
import pytest
from marketplace.accounts.models import User

@pytest.mark.parametrize("turn", range(4))
def test_same(db, turn):
    User.objects.filter(email="a").exists()

def test_own(db):
    list(User.objects.values_list("email").filter(role="courier", is_active=False))

@pytest.mark.django_db(transaction=True)
def test_commits():
    User.objects.filter(email="a").exists()

def test_that_knows_the_vendor(db):
    User.objects.filter(email="a").exists()

@pytest.mark.every_database
def test_marked(db):
    User.objects.filter(email="a").exists()
"""
CORE_PLACE = "marketplace/orders/tests/test_it.py"


def test_the_list_names_what_others_ask_and_nothing_that_must_be_asked(tmp_path, migrated):
    answer = run_pytest(
        *(tmp_path, CORE, "--where-databases-differ", "--write-left-out"), place=CORE_PLACE, migrated=migrated
    )

    assert "8 passed" in answer.stdout, answer.stdout + answer.stderr
    names = [line for line in (tmp_path / LEFT_OUT).read_text().splitlines() if not line.startswith("#")]
    assert names == [
        f"{CORE_PLACE}::test_same[{turn}]" for turn in range(4)
    ]  # three others stay, whatever they do


@pytest.mark.parametrize(
    ("name", "is_lost"), [("test_own", True), ("test_marked", False), ("test_that_is_gone", False)]
)
def test_a_kind_that_only_a_test_of_the_list_makes_fails_the_run(tmp_path, migrated, name, is_lost):
    """The control: the same run without it passes. A name that no test has counts for nothing."""
    file = tmp_path / LEFT_OUT
    file.parent.mkdir()
    file.write_text(f"# why\n{CORE_PLACE}::{name}\n")

    answer = run_pytest(tmp_path, CORE, "--compare-statements", place=CORE_PLACE, migrated=migrated)

    assert "8 passed" in answer.stdout, answer.stdout + answer.stderr
    assert (answer.returncode != 0) is is_lost, answer.stdout
    assert (f"{CORE_PLACE}::test_own (in {LEFT_OUT})" in answer.stdout) is is_lost


def test_what_the_list_names_is_not_asked_and_every_other_test_is(tmp_path):
    file = tmp_path / LEFT_OUT
    file.parent.mkdir()
    file.write_text(f"{CORE_PLACE}::test_same[1]\n{CORE_PLACE}::test_renamed\n")

    answer = run_pytest(tmp_path, CORE, "--where-databases-differ", "--collect-only", place=CORE_PLACE)

    assert "7/8 tests collected (1 deselected)" in answer.stdout, answer.stdout + answer.stderr
    assert "test_same[1]" not in answer.stdout


def test_the_list_of_this_store_has_its_shape():
    """Sorted, each name once: what `make thin` writes, less the lines that were struck out."""
    lines = (settings.BASE_DIR / LEFT_OUT).read_text().splitlines()
    names = [line for line in lines if not line.startswith("#")]

    assert names == sorted(set(names))
