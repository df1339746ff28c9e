"""Words by which sellers find their own listings, along an index."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from marketplace.products.search.own import own_words_of

BATCH = 500


def write_words(apps, schema_editor):
    """For every listing that is there."""
    Product, Variant = apps.get_model("products", "Product"), apps.get_model("products", "Variant")
    OwnWord = apps.get_model("products", "OwnWord")
    if OwnWord.objects.exists():  # MariaDB goes on after a kill: all of them came at once
        return
    rows, last = Product.objects.order_by("pk").values_list("pk", "seller_id", "title"), 0
    while some := list(rows.filter(pk__gt=last)[:BATCH]):
        last = some[-1][0]
        skus = {pk: [] for pk, _seller, _title in some}
        for pk, sku in Variant.objects.filter(product_id__in=list(skus)).values_list("product_id", "sku"):
            skus[pk].append(sku)
        OwnWord.objects.bulk_create(
            (
                OwnWord(product_id=pk, seller_id=seller, word=word)
                for pk, seller, title in some
                for word in sorted(own_words_of(title, skus[pk]))
            ),
            batch_size=500,
        )


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("products", "0012_options_of_one_variant"),
    ]

    operations = [
        migrations.CreateModel(
            name="OwnWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.CharField(max_length=40)),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="own_words",
                        to="products.product",
                    ),
                ),
                (
                    "seller",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["seller", "word", "product"],
                        name="product_own_word",
                        opclasses=["int8_ops", "varchar_pattern_ops", "int8_ops"],
                    )
                ],
            },
        ),
        migrations.RunPython(write_words, migrations.RunPython.noop, elidable=True),
    ]
