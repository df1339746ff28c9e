"""A courier's job carries a consignment (docs/decisions/0014-consignments.md). First of three: room for it.

Three migrations, because MariaDB commits each change of a table by itself: what was done stays done if the
next one does not get through. The rows (0005) can be filled again at any time; the tables' own changes (this one
and 0006) PostgreSQL and SQLite take back whole; on MariaDB the next `migrate` goes on (site_config/resuming.py).
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import marketplace.common.clock
import marketplace.common.ids


def person():
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
    )


def carried(related_name):
    return models.ForeignKey(
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name=related_name,
        to="delivery.consignment",
    )


def its_shipment(related_name):
    return models.ForeignKey(
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name=related_name,
        to="orders.shipment",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0003_name_jobs_that_were_taken_back"),
        ("orders", "0003_couriers_and_settlement"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Consignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "number",
                    models.CharField(
                        default=marketplace.common.ids.new_public_id, editable=False, max_length=12, unique=True
                    ),
                ),
                ("key", models.CharField(max_length=40, unique=True)),
                ("kind", models.CharField(max_length=20)),
                ("opened_at", models.DateTimeField(default=marketplace.common.clock.now)),
                ("receiver", person()),
                ("sender", person()),
                (
                    "shipment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consignments",
                        to="orders.shipment",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("sender", models.F("receiver")), _negated=True),
                        name="delivery_consignment_goes_somewhere",
                    )
                ],
            },
        ),
        migrations.AddField("delivery", "consignment", carried("deliveries")),
        migrations.AddField("attempt", "consignment", carried("attempts")),
        migrations.AddField("proof", "consignment", carried("proofs")),
        # So that all of it can be undone with its rows.
        migrations.AlterField("delivery", "shipment", its_shipment("deliveries")),
        migrations.AlterField("attempt", "shipment", its_shipment("attempts")),
        migrations.AlterField("proof", "shipment", its_shipment("proofs")),
    ]
