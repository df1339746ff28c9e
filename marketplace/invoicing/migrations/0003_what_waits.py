from django.db import migrations
from django.db.models import Q


def note_what_does_not_wait(apps, schema_editor):
    """What an invoice counts already, and what took nothing, waits for none. Safe to repeat."""
    Settlement = apps.get_model("orders", "Settlement")
    lines = apps.get_model("invoicing", "InvoiceLine").objects.values("settlement_id")
    Settlement.objects.filter(Q(fee=0, delivery=0) | Q(pk__in=lines)).update(waits_for_invoice=None)


class Migration(migrations.Migration):

    dependencies = [
        ("invoicing", "0002_delivery_that_sellers_paid"),
        ("orders", "0012_what_waits_for_its_invoice"),
    ]

    operations = [migrations.RunPython(note_what_does_not_wait, migrations.RunPython.noop)]
