"""While a release goes out, the code of before runs on the new tables: it knows no column that was added."""

from functools import cache

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.migrations import operations
from django.db.migrations.loader import MigrationLoader
from django.db.models.query import QuerySet

from marketplace.common import clock, inserting
from marketplace.orders.models import Shipment
from marketplace.orders.services import complete_due
from marketplace.orders.states import ShipmentStatus

pytestmark = pytest.mark.every_database

# Of before the first release, when no old code could run.
BEFORE_THE_FIRST_RELEASE = {
    "delivery.delivery.consignment",
    "delivery.attempt.consignment",
    "delivery.proof.consignment",
}
# Of a release for whose `migrate` the web is stopped (docs/production.md, The order): no old code runs on these.
WITH_THE_WEB_STOPPED = {
    "products.product.price_to",
    "products.product.options",
    "products.product.option_keys",
}
# What takes something away from code that still runs: it goes out a release after the code that needs it no more.
TAKING = (
    operations.RemoveField,
    operations.RenameField,
    operations.DeleteModel,
    operations.RenameModel,
    operations.AlterModelTable,
)
TAKEN = {"delivery.0006_jobs_point_at_consignments", "common.0003_number_sweep_runs"} | {
    "products.0004_variants",
    "orders.0005_variants",
}


@cache
def ours() -> dict[str, list[operations.base.Operation]]:
    """What each of our migrations does, those that begin a domain left out: "orders.0002_event_pieces" → operations."""
    return {
        f"{app}.{name}": migration.operations
        for (app, name), migration in MigrationLoader(None).disk_migrations.items()
        if apps.get_app_config(app).name.startswith(("marketplace", "shop", "courier", "backoffice"))
        and not name.startswith("0001_")
    }


def added_columns() -> dict[str, models.Field]:
    """ "orders.shipment.frozen" → the field as it is now."""
    found = {}
    for migration, steps in ours().items():
        app = migration.partition(".")[0]
        new_tables = {step.name_lower for step in steps if isinstance(step, operations.CreateModel)}
        for step in steps:
            if isinstance(step, operations.AddField) and not step.field.many_to_many:
                if step.model_name_lower in new_tables:
                    continue  # no code of before writes there
                model = apps.get_model(app, step.model_name)
                known = {field.name: field for field in model._meta.local_concrete_fields}
                if step.name in known:  # it was not taken away or renamed since
                    found[f"{app}.{step.model_name}.{step.name}"] = known[step.name]
    return found


def test_what_was_added_can_be_left_out_by_code_that_does_not_know_it(db):
    """Asked of the database itself: a default of Django's is not in it."""
    added = added_columns()
    assert len(added) > len(BEFORE_THE_FIRST_RELEASE)
    missing = set()
    for name, field in added.items():
        with connection.cursor() as cursor:
            table = field.model._meta.db_table
            (column,) = [
                info
                for info in connection.introspection.get_table_description(cursor, table)
                if info.name == field.column
            ]
        if not column.null_ok and column.default is None:
            missing.add(name)

    assert missing == BEFORE_THE_FIRST_RELEASE | WITH_THE_WEB_STOPPED, (
        "give these a db_default (docs/production.md, The order)"
    )


def test_what_takes_something_away_says_so():
    """Then somebody has asked whether the code of the release before still needs it (docs/production.md, The order)."""
    takes = {name for name, steps in ours().items() if any(isinstance(step, TAKING) for step in steps)}

    assert takes == TAKEN


@pytest.fixture
def old_code(monkeypatch) -> set[str]:
    """Every INSERT leaves out what was added, unless it has something to say there. Gives what was left out."""
    added = {
        field
        for name, field in added_columns().items()
        if name not in BEFORE_THE_FIRST_RELEASE | WITH_THE_WEB_STOPPED
    }
    left_out, insert = set(), QuerySet._insert

    def without(self, rows, fields, *args, **kwargs):
        kept = [
            field
            for field in fields
            if field not in added or any(getattr(row, field.attname) != field.get_default() for row in rows)
        ]
        left_out.update(str(field) for field in set(fields) - set(kept))
        return insert(self, rows, kept, *args, **kwargs)

    def unnamed_besides(fields, values):
        places = {place for place, field in enumerate(fields) if field in added}
        left_out.update(str(fields[place]) for place in places)
        return unnamed(fields, values) | places

    unnamed = inserting._unnamed
    monkeypatch.setattr(QuerySet, "_insert", without)
    monkeypatch.setattr(inserting, "_unnamed", unnamed_besides)
    return left_out


@pytest.mark.django_db(transaction=True)
def test_services_that_know_no_new_column_sell_carry_and_settle(old_code, delivered, books_balance, settings):
    settings.COMPLETION_DAYS = 0
    shipment_id = delivered().consignment.shipment_id

    complete_due(clock.now())

    shipment = Shipment.objects.get(pk=shipment_id)
    assert (shipment.status, shipment.frozen) == (ShipmentStatus.COMPLETED, 0)
    assert {
        "orders.Shipment.frozen",
        "orders.ShipmentEvent.pieces",
        "orders.ShipmentEvent.amount",
    } <= old_code
