import pytest
from django.db import OperationalError, connection

from marketplace.accounts.checks import nobody_is_from_the_demo
from marketplace.accounts.models import Role, User

pytestmark = pytest.mark.django_db


def ids():
    return [problem.id for problem in nobody_is_from_the_demo(None)]


@pytest.mark.parametrize("role", [Role.SUPERADMIN, Role.DELIVERY, Role.USER])
@pytest.mark.parametrize(
    ("for_show", "from_anywhere", "warns"),
    [(False, False, True), (True, False, False), (True, True, True), (False, True, True)],
)
def test_demo_accounts_are_found_unless_the_store_is_for_show(
    person, settings, role, for_show, from_anywhere, warns
):
    settings.DEMO_MONEY, settings.DEMO_STAFF_FROM_ANYWHERE = for_show, from_anywhere
    person(role, email="somebody@demo.ecs")

    assert ids() == ["accounts.W001"] * warns


def test_a_store_of_its_own_people_has_nothing_to_hear(person, settings):
    settings.DEMO_MONEY = False
    person(Role.SUPERADMIN)
    person(email="closed@demo.ecs")
    User.objects.filter(email="closed@demo.ecs").update(is_active=False)

    assert ids() == []


def test_a_database_that_does_not_answer_is_said_and_no_traceback(settings, monkeypatch):
    settings.DEMO_MONEY = False

    def away():
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection.introspection, "table_names", away)

    (problem,) = nobody_is_from_the_demo(None)
    assert problem.id == "accounts.W002"
    assert "connection refused" in problem.msg


def test_a_database_without_tables_has_nobody_to_find(settings, monkeypatch):
    settings.DEMO_MONEY = False
    monkeypatch.setattr(connection.introspection, "table_names", list)

    assert ids() == []
