"""Lines of carts and orders name a variant. A product's first one has its product's key: only the names change."""

import django.db.models.deletion
from django.db import migrations, models

import marketplace.common.fields


def no_way_back(apps, schema_editor):
    """As in products 0004, and before a column of lines is called after products again."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM products_variant WHERE id <> product_id")
        if cursor.fetchone()[0]:
            raise RuntimeError("There are products with several variants: the tables of before cannot hold them.")


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0004_defaults_for_old_code"),
        ("products", "0004_variants"),
    ]

    operations = [
        migrations.RemoveConstraint("cartline", "orders_cartline_product_once"),
        migrations.RenameField("cartline", "product", "variant"),
        migrations.AlterField(
            "cartline",
            "variant",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="products.variant"
            ),
        ),
        migrations.AddConstraint(
            "cartline",
            models.UniqueConstraint(fields=("cart", "variant"), name="orders_cartline_variant_once"),
        ),
        migrations.RemoveConstraint("shipmentline", "orders_shipmentline_product_once"),
        migrations.RenameField("shipmentline", "product", "variant"),
        migrations.AlterField(
            "shipmentline",
            "variant",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="products.variant"
            ),
        ),
        migrations.AddConstraint(
            "shipmentline",
            models.UniqueConstraint(fields=("shipment", "variant"), name="orders_shipmentline_variant_once"),
        ),
        migrations.AddField(
            "shipmentline",
            "options",
            marketplace.common.fields.LineField(blank=True, db_default="", max_length=225),
        ),
        migrations.RunPython(migrations.RunPython.noop, no_way_back),
    ]
