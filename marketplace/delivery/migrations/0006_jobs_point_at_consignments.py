"""Last of three: what pointed at a shipment points at its consignment alone."""

import django.db.models.deletion
from django.db import migrations, models


def carried(related_name):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name=related_name, to="delivery.consignment"
    )


class Migration(migrations.Migration):
    dependencies = [("delivery", "0005_fill_consignments")]
    operations = [
        migrations.RemoveConstraint("attempt", "delivery_attempt_number_once"),
        migrations.RemoveConstraint("proof", "delivery_proof_issue_once"),
        migrations.RemoveConstraint("delivery", "delivery_delivery_courier_is_no_party"),
        migrations.RenameField("delivery", "buyer", "receiver"),
        migrations.RenameField("delivery", "seller", "sender"),
        migrations.RemoveField("delivery", "shipment"),
        migrations.RemoveField("attempt", "shipment"),
        migrations.RemoveField("proof", "shipment"),
        migrations.AlterField("delivery", "consignment", carried("deliveries")),
        migrations.AlterField("attempt", "consignment", carried("attempts")),
        migrations.AlterField("proof", "consignment", carried("proofs")),
        migrations.AddConstraint(
            "attempt",
            models.UniqueConstraint(fields=("consignment", "number"), name="delivery_attempt_number_once"),
        ),
        migrations.AddConstraint(
            "proof",
            models.UniqueConstraint(
                fields=("consignment", "purpose", "issue"), name="delivery_proof_issue_once"
            ),
        ),
        migrations.AddConstraint(
            "delivery",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("courier", models.F("receiver")), _negated=True),
                    models.Q(("courier", models.F("sender")), _negated=True),
                ),
                name="delivery_delivery_courier_is_no_party",
            ),
        ),
    ]
