"""Triggers that refuse to change a table of rates: orders were made by it.

As the ledger's (marketplace/wallet/migrations/0002_ledger_is_append_only.py, which says why and what to
know): an UPDATE is refused on all three databases, a DELETE on PostgreSQL, where the test runner empties
tables with TRUNCATE.
"""

from django.db import migrations

TABLES = ["rates_ratetable"]


def _statements(vendor, table):
    message = f"{table} is append-only"
    if vendor == "postgresql":
        return [
            f"""CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
            f"""CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION {table}_refuse()""",
        ]
    if vendor == "mysql":
        return [
            f"""CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
                FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{message}'"""
        ]
    return [
        f"""CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
            BEGIN SELECT RAISE(ABORT, '{message}'); END"""
    ]


def create(apps, schema_editor):
    for table in TABLES:
        for sql in _statements(schema_editor.connection.vendor, table):
            schema_editor.execute(sql, params=None)


def drop(apps, schema_editor):
    for table in TABLES:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP TRIGGER {table}_no_change ON {table}", params=None)
            schema_editor.execute(f"DROP FUNCTION {table}_refuse()", params=None)
        else:
            schema_editor.execute(f"DROP TRIGGER {table}_no_update", params=None)


class Migration(migrations.Migration):
    dependencies = [("rates", "0001_initial")]
    operations = [migrations.RunPython(create, drop, atomic=False)]
