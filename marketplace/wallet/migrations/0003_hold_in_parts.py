"""An open hold may be captured in parts: two CHECKs of it are replaced by looser ones.

MariaDB keeps what was done of a migration that broke off, so this one can be run again from anywhere: what is
gone already is passed over, and each CHECK is dropped, in its old form or its new one, before it is added.
"""

import django.db.models.expressions
from django.db import migrations, models


class DropConstraint(migrations.RemoveConstraint):
    """RemoveConstraint that passes over what is gone, where a database does not undo its DDL."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        connection = schema_editor.connection
        if not connection.features.can_rollback_ddl:
            table = from_state.apps.get_model(app_label, self.model_name)._meta.db_table
            with connection.cursor() as cursor:
                if self.name not in connection.introspection.get_constraints(cursor, table):
                    return
        super().database_forwards(app_label, schema_editor, from_state, to_state)


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("wallet", "0002_ledger_is_append_only"),
    ]

    operations = [
        DropConstraint(model_name="hold", name="wallet_hold_open_has_key"),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('open_key__isnull', False), ('resolved_at__isnull', True), ('status', 'open')), models.Q(models.Q(('status', 'open'), _negated=True), ('open_key__isnull', True), ('resolved_at__isnull', False)), _connector='OR'), name='wallet_hold_open_has_key'),
        ),
        DropConstraint(model_name="hold", name="wallet_hold_closed_adds_up"),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('released__lt', django.db.models.expressions.CombinedExpression(models.F('amount'), '-', models.F('captured'))), ('status', 'open')), models.Q(('captured', 0), ('released', models.F('amount')), ('status', 'released')), models.Q(('captured__gte', 1), ('status', 'captured'), ('captured', django.db.models.expressions.CombinedExpression(models.F('amount'), '-', models.F('released')))), _connector='OR'), name='wallet_hold_closed_adds_up'),
        ),
    ]
