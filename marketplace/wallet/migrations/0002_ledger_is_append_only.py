"""Triggers that refuse to change a row of the ledger, one way a database.

What was chosen: an UPDATE of `wallet_transaction` is refused on all three databases. A DELETE is
refused on PostgreSQL only: there the test runner empties tables with TRUNCATE, which row triggers do
not see; on SQLite and MariaDB it uses DELETE, and a trigger that knew a test from the real thing would
be worth nothing. On those two a missing row is found by `audit_books`: the running sum over a wallet's
rows no longer meets `balance_after`, nor the last one the wallet.

Two things to know. SQLite rebuilds a table when a later migration alters it and drops its triggers
with it, so such a migration runs `create` again (a test refuses an UPDATE on the finished schema). On
MariaDB with a binary log, CREATE TRIGGER asks for `log_bin_trust_function_creators=1` or SUPER.
"""

from django.db import migrations

MESSAGE = "wallet_transaction is append-only: correct by reversal"

CREATE = {
    "sqlite": [
        f"""CREATE TRIGGER wallet_transaction_no_update BEFORE UPDATE ON wallet_transaction
            BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"""
    ],
    "postgresql": [
        f"""CREATE FUNCTION wallet_transaction_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
        """CREATE TRIGGER wallet_transaction_no_change BEFORE UPDATE OR DELETE ON wallet_transaction
            FOR EACH ROW EXECUTE FUNCTION wallet_transaction_refuse()""",
    ],
    "mysql": [
        f"""CREATE TRIGGER wallet_transaction_no_update BEFORE UPDATE ON wallet_transaction
            FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{MESSAGE}'"""
    ],
}
DROP = {
    "sqlite": ["DROP TRIGGER wallet_transaction_no_update"],
    "postgresql": [
        "DROP TRIGGER wallet_transaction_no_change ON wallet_transaction",
        "DROP FUNCTION wallet_transaction_refuse()",
    ],
    "mysql": ["DROP TRIGGER wallet_transaction_no_update"],
}


def create(apps, schema_editor):
    for sql in CREATE[schema_editor.connection.vendor]:
        schema_editor.execute(sql, params=None)


def drop(apps, schema_editor):
    for sql in DROP[schema_editor.connection.vendor]:
        schema_editor.execute(sql, params=None)


class Migration(migrations.Migration):
    dependencies = [("wallet", "0001_initial")]
    operations = [migrations.RunPython(create, drop, atomic=False)]
