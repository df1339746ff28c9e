"""What is compared of one variant's options, for filters that one and the same variant must meet (decisions/0020)."""

from types import SimpleNamespace

from django.db import migrations, models

from marketplace.products.option_keys import keys_of, keys_of_variant

BATCH = 500


def write_keys(apps, schema_editor):
    """Both columns of what has options; what has none has none to write."""
    Product, Variant = apps.get_model("products", "Product"), apps.get_model("products", "Variant")
    with_options = Product.objects.exclude(option_keys="").only("id", "options").order_by("pk")
    last = 0
    while products := list(with_options.filter(pk__gt=last)[:BATCH]):
        last = products[-1].pk
        of = {product.pk: [] for product in products}
        rows = list(Variant.objects.filter(product_id__in=list(of)).order_by("position", "pk"))
        for row in rows:
            of[row.product_id].append(row)
        for product in products:
            for row in of[product.pk]:
                row.option_keys = keys_of_variant(product.options, _values(row))
            seen = [
                SimpleNamespace(
                    values=_values(row),
                    is_offered=row.is_offered,
                    stock=row.stock,
                    current_price=row.current_price,
                )
                for row in of[product.pk]
            ]
            product.option_keys = keys_of(product.options, seen)
        Variant.objects.bulk_update(rows, ["option_keys"], batch_size=100)
        Product.objects.bulk_update(products, ["option_keys"], batch_size=100)


def _values(row):
    return tuple(value for value in (row.option1, row.option2, row.option3) if value)


class Migration(migrations.Migration):
    dependencies = [
        ("products", "0011_staged_edits"),
    ]

    operations = [
        migrations.AddField(
            model_name="variant",
            name="option_keys",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=2000),
        ),
        migrations.RunPython(write_keys, migrations.RunPython.noop, elidable=True),
    ]
