"""What is bought is a variant: every product gets its first one, whose key is the product's own.

So what names a product where a variant is meant (stock moves, price history, lines of carts and orders) keeps its
number: those columns are renamed and point to the other table, and no row of theirs is written. Two INSERT … SELECT
and one UPDATE, however many products there are. Old code cannot sell on the new tables: stop the web processes before
(docs/production.md).
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

import marketplace.common.fields
import marketplace.common.ids
import marketplace.common.money

COLUMNS = (
    "product_id, seller_id, position, option1, option2, option3, sku, barcode, price, current_price,"
    " lowest_price_30d, stock, is_offered, weight_grams, size_class"
)


def give_each_product_its_variant(apps, schema_editor):
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT COUNT(*) FROM products_product), (SELECT COUNT(*) FROM products_variant)")
        products, variants = cursor.fetchone()
        if variants or not products:  # MariaDB goes on after a kill: a later step may have been done, too
            return
        cursor.execute(
            f"INSERT INTO products_variant (id, {COLUMNS}) SELECT id, id, seller_id, 0, '', '', '', sku, '', price,"
            " current_price, lowest_price_30d, stock, %s, 0, 'medium' FROM products_product",
            [True],
        )
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('products_variant', 'id'),"
                " GREATEST(1, (SELECT MAX(id) FROM products_variant)), EXISTS (SELECT 1 FROM products_variant))"
            )
        cursor.execute("UPDATE products_product SET price_to = current_price")


def no_way_back(apps, schema_editor):
    """There is no way back once a product has several variants, or one with a key of its own."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM products_variant WHERE id <> product_id")
        if cursor.fetchone()[0]:
            raise RuntimeError("There are products with several variants: the tables of before cannot hold them.")


def give_stock_and_sku_back(apps, schema_editor):
    """On the way back: the columns are there again, and stand on the product's one variant."""
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    with schema_editor.connection.cursor() as cursor:
        if is_postgresql:  # it changes no table that has a key to be checked at the end
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for column in ("stock", "sku"):
            cursor.execute(
                f"UPDATE products_product SET {column} ="
                f" (SELECT {column} FROM products_variant WHERE products_variant.id = products_product.id)"
            )
        if is_postgresql:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def variant_key(on_delete=django.db.models.deletion.PROTECT, **options):
    return models.ForeignKey(on_delete=on_delete, to="products.variant", **options)


class Migration(migrations.Migration):
    dependencies = [
        ("products", "0003_reductions_against_the_low"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Variant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("option1", marketplace.common.fields.LineField(blank=True, max_length=40)),
                ("option2", marketplace.common.fields.LineField(blank=True, max_length=40)),
                ("option3", marketplace.common.fields.LineField(blank=True, max_length=40)),
                (
                    "sku",
                    marketplace.common.fields.IdentifierField(
                        default=marketplace.common.ids.new_public_id, max_length=40, verbose_name="SKU"
                    ),
                ),
                (
                    "barcode",
                    marketplace.common.fields.IdentifierField(blank=True, max_length=14, verbose_name="barcode"),
                ),
                ("price", marketplace.common.money.MoneyField(verbose_name="price")),
                ("current_price", marketplace.common.money.MoneyField()),
                ("lowest_price_30d", marketplace.common.money.MoneyField(null=True)),
                ("stock", models.PositiveIntegerField(default=0, verbose_name="stock")),
                ("is_offered", models.BooleanField(default=True)),
                ("weight_grams", models.PositiveIntegerField(default=0, verbose_name="weight in grams")),
                (
                    "size_class",
                    models.CharField(
                        choices=[
                            ("small", "Fits a bag"),
                            ("medium", "One hand"),
                            ("large", "Two hands"),
                            ("bulky", "Needs a car"),
                        ],
                        default="medium",
                        max_length=8,
                        verbose_name="size",
                    ),
                ),
                (
                    "image",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="products.productimage",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="variants",
                        to="products.product",
                    ),
                ),
                (
                    "seller",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["position", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(("price__gte", 1), ("price__lte", 10**15)), name="products_variant_price_range"
                    ),
                    models.CheckConstraint(
                        condition=Q(("current_price__gte", 1), ("current_price__lte", 10**15)),
                        name="products_variant_current_price_range",
                    ),
                    models.CheckConstraint(
                        condition=Q(("current_price__lte", F("price"))),
                        name="products_variant_never_above_list_price",
                    ),
                    models.CheckConstraint(
                        condition=Q(("stock__gte", 0)), name="products_variant_stock_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=Q(("size_class__in", ["small", "medium", "large", "bulky"])),
                        name="products_variant_size_class_known",
                    ),
                    models.UniqueConstraint(
                        fields=("product", "option1", "option2", "option3"), name="products_variant_values_once"
                    ),
                    models.UniqueConstraint(fields=("seller", "sku"), name="products_variant_sku_once_a_seller"),
                ],
            },
        ),
        migrations.AddField("product", "price_to", marketplace.common.money.MoneyField(default=0), preserve_default=False),
        migrations.AddField("product", "options", models.JSONField(blank=True, default=list)),
        migrations.AddField(
            "discount", "variant", variant_key(models.CASCADE, null=True, related_name="discounts")
        ),
        migrations.RunPython(give_each_product_its_variant, migrations.RunPython.noop),
        migrations.AddConstraint(
            "product",
            models.CheckConstraint(
                condition=Q(("price_to__gte", F("current_price"))), name="products_product_from_is_not_above_to"
            ),
        ),
        migrations.RenameField("stockmove", "product", "variant"),
        migrations.AlterField("stockmove", "variant", variant_key(related_name="stock_moves")),
        migrations.RemoveIndex("pricechange", "products_pr_product_05ba43_idx"),
        migrations.RenameField("pricechange", "product", "variant"),
        migrations.AlterField("pricechange", "variant", variant_key(models.CASCADE, related_name="price_changes")),
        migrations.AddIndex(
            "pricechange", models.Index(fields=["variant", "at"], name="products_pr_variant_98bf45_idx")
        ),
        migrations.RemoveConstraint("product", "products_product_stock_not_negative"),
        migrations.RemoveConstraint("product", "products_product_sku_once_a_seller"),
        migrations.RunPython(migrations.RunPython.noop, give_stock_and_sku_back),
        migrations.RemoveField("product", "stock"),
        migrations.RemoveField("product", "sku"),
        # The first step of the way back: MariaDB takes none back that was gone.
        migrations.RunPython(migrations.RunPython.noop, no_way_back),
    ]
