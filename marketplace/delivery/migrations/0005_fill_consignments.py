"""Second of three: every shipment that a courier ever had gets its consignment.

It takes the shipment's primary key for its own. So the keys of live jobs and current proofs stay as they are,
and so do the PINs and QR codes that buyers hold, which are made from it (proofs.py). In batches, each its own
transaction; run again, it goes on where it stopped.
"""

from django.core.management.color import no_style
from django.db import migrations, transaction
from django.db.models import F

BATCH = 500
POINTING = ("Delivery", "Attempt", "Proof")


def fill(apps, schema_editor):
    alias = schema_editor.connection.alias
    Delivery, Consignment = apps.get_model("delivery", "Delivery"), apps.get_model("delivery", "Consignment")
    jobs = Delivery.objects.using(alias)
    for ids in _batches(jobs.order_by("shipment_id").values_list("shipment_id", flat=True).distinct()):
        with transaction.atomic(alias):
            _open(apps, alias, Consignment, ids)
            for name in POINTING:
                rows = apps.get_model("delivery", name).objects.using(alias)
                rows.filter(shipment_id__in=ids, consignment=None).update(consignment_id=F("shipment_id"))
    # PostgreSQL counts on from the highest that it gave itself.
    for sql in schema_editor.connection.ops.sequence_reset_sql(no_style(), [Consignment]):
        schema_editor.execute(sql, params=None)


def _open(apps, alias, Consignment, ids):
    known = set(Consignment.objects.using(alias).filter(pk__in=ids).values_list("pk", flat=True))
    shipments = apps.get_model("orders", "Shipment").objects.using(alias).filter(pk__in=set(ids) - known)
    Consignment.objects.using(alias).bulk_create(
        Consignment(
            pk=shipment.pk,
            number=shipment.number,
            key=f"shipment:{shipment.pk}",
            kind="shipment",
            shipment=shipment,
            sender_id=shipment.seller_id,
            receiver_id=shipment.order.buyer_id,
            opened_at=shipment.claimed_at or shipment.placed_at,
        )
        for shipment in shipments.select_related("order").order_by("pk")
    )


def empty(apps, schema_editor):
    """Undo: everything points at its shipment again. Not once a new one was opened, whose keys are its own."""
    alias = schema_editor.connection.alias
    consignments = apps.get_model("delivery", "Consignment").objects.using(alias)
    if consignments.exclude(kind="shipment", pk=F("shipment_id")).exists():
        raise RuntimeError("there are new consignments: this cannot be undone any more")
    for ids in _batches(consignments.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic(alias):
            for name in POINTING:
                rows = apps.get_model("delivery", name).objects.using(alias).filter(consignment__in=ids)
                rows.update(shipment_id=F("consignment_id"), consignment=None)
            consignments.filter(pk__in=ids).delete()


def _batches(ids):
    ids = list(ids)
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("delivery", "0004_consignments")]
    operations = [migrations.RunPython(fill, empty, atomic=False)]
