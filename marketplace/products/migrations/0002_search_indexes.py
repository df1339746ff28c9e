"""The full-text index over SearchEntry: each database has its own kind.

SQLite: an FTS5 table kept by triggers. PostgreSQL: a generated tsvector with a GIN index.
MariaDB: two FULLTEXT indexes. No extension is needed: typing mistakes are ours (SearchWord).

A later migration that alters SearchEntry must make the triggers again: Django rebuilds a table of
SQLite to alter it, and they go with the old one.
"""

from django.db import migrations

SQLITE = (
    """CREATE VIRTUAL TABLE products_search USING fts5(
        title, keywords, body, content='products_searchentry', content_rowid='product_id',
        tokenize='unicode61 remove_diacritics 0', prefix='2 3')""",
    """CREATE TRIGGER products_search_insert AFTER INSERT ON products_searchentry BEGIN
        INSERT INTO products_search(rowid, title, keywords, body)
        VALUES (new.product_id, new.title, new.keywords, new.body); END""",
    """CREATE TRIGGER products_search_delete AFTER DELETE ON products_searchentry BEGIN
        INSERT INTO products_search(products_search, rowid, title, keywords, body)
        VALUES ('delete', old.product_id, old.title, old.keywords, old.body); END""",
    """CREATE TRIGGER products_search_update AFTER UPDATE ON products_searchentry BEGIN
        INSERT INTO products_search(products_search, rowid, title, keywords, body)
        VALUES ('delete', old.product_id, old.title, old.keywords, old.body);
        INSERT INTO products_search(rowid, title, keywords, body)
        VALUES (new.product_id, new.title, new.keywords, new.body); END""",
)
POSTGRESQL = (
    """ALTER TABLE products_searchentry ADD COLUMN vector tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('simple'::regconfig, title), 'A')
        || setweight(to_tsvector('simple'::regconfig, keywords), 'B')
        || setweight(to_tsvector('simple'::regconfig, body), 'D')) STORED""",
    "CREATE INDEX products_search ON products_searchentry USING gin (vector)",
)
MYSQL = (
    "ALTER TABLE products_searchentry ADD FULLTEXT products_search_title (title)",
    "ALTER TABLE products_searchentry ADD FULLTEXT products_search_all (title, keywords, body)",
)
FORWARDS = {"sqlite": SQLITE, "postgresql": POSTGRESQL, "mysql": MYSQL}
BACKWARDS = {
    "sqlite": (
        "DROP TRIGGER products_search_insert",
        "DROP TRIGGER products_search_delete",
        "DROP TRIGGER products_search_update",
        "DROP TABLE products_search",
    ),
    "postgresql": ("ALTER TABLE products_searchentry DROP COLUMN vector",),
    "mysql": (
        "ALTER TABLE products_searchentry DROP INDEX products_search_title",
        "ALTER TABLE products_searchentry DROP INDEX products_search_all",
    ),
}


def forwards(apps, schema_editor):
    for statement in FORWARDS[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def backwards(apps, schema_editor):
    for statement in BACKWARDS[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    # atomic=False: MariaDB cannot undo DDL; the others still have the migration's own transaction.
    dependencies = [("products", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards, atomic=False)]
