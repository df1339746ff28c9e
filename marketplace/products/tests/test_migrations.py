"""What a migration makes of the rows that are there."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from marketplace.common.idempotency import new_form_key
from marketplace.delivery.services import cancel_line
from marketplace.products.models import Product, Variant

REDUCTIONS = import_module("marketplace.products.migrations.0003_reductions_against_the_low")
VARIANTS = import_module("marketplace.products.migrations.0004_variants")
BEFORE_VARIANTS = [("products", "0003_reductions_against_the_low"), ("orders", "0004_defaults_for_old_code")]


def test_what_was_on_sale_by_its_list_price_alone_is_it_no_longer(make_product):
    """Priced 20.00 on the list: 15.00 after 15.00 and 15.00 after 15.10 are no reductions, after 18.00 it is one."""
    wanted = {1500: (False, None), 1510: (False, None), 1516: (True, 1516), 1800: (True, 1800)}
    products = {lowest: make_product(price=2000) for lowest in wanted}
    for lowest, product in products.items():
        Product.objects.filter(pk=product.pk).update(
            current_price=1500, on_sale=True, lowest_price_30d=lowest, version=7
        )

    REDUCTIONS.forget_what_is_no_reduction(apps, None)

    for lowest, product in products.items():
        product.refresh_from_db()
        assert (product.on_sale, product.lowest_price_30d) == wanted[lowest]
        assert product.version == (7 if product.on_sale else 8)


def name_variants_as_their_products() -> None:
    """Give each variant its product's key, as the migration does."""
    tables = ("products_stockmove", "products_pricechange", "orders_cartline", "orders_shipmentline")
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "mysql":
            cursor.execute("SET foreign_key_checks = 0")
        for pk, product_id in Variant.objects.values_list("pk", "product_id"):
            for table in tables:
                cursor.execute(f"UPDATE {table} SET variant_id = %s WHERE variant_id = %s", [product_id, pk])
            cursor.execute("UPDATE products_variant SET id = %s WHERE id = %s", [product_id, pk])
        if connection.vendor == "mysql":
            cursor.execute("SET foreign_key_checks = 1")


def columns() -> dict[str, list[str]]:
    """The columns of every table of the store."""
    tables = connection.introspection
    with connection.cursor() as cursor:
        return {
            model._meta.db_table: sorted(
                column.name for column in tables.get_table_description(cursor, model._meta.db_table)
            )
            for model in apps.get_models()
        }


def test_the_tables_have_the_columns_of_the_models_and_no_other(db):
    expected = {
        model._meta.db_table: sorted(field.column for field in model._meta.local_concrete_fields)
        for model in apps.get_models()
    }
    if connection.vendor == "postgresql":
        expected["products_searchentry"].append("vector")  # its own, generated, and no field of a model

    assert columns() == expected


def rows(*tables: str) -> dict[str, list[dict]]:
    """All rows of these tables, without what the migration adds, a variant called by its product's old name."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")
            names = [
                "product_id" if column[0] == "variant_id" else column[0] for column in cursor.description
            ]
            found[table] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
            for row in found[table]:
                row.pop("options", None)
                row.pop("listing_number", None)
                for name in [name for name in row if name.startswith(COMES_LATER)]:
                    assert row.pop(name) in ("", None, 0)
    return found


COMES_LATER = (
    *("pick_up_", "delivery_", "courier_share", "rates_id", "back_by_seller"),
    *("coupon_", "tax", "is_small_business"),
)
KEPT = (
    *("products_stockmove", "products_pricechange", "orders_cartline", "orders_order", "orders_shipment"),
    *("orders_shipmentline", "wallet_hold", "wallet_transaction", "wallet_wallet"),
)


@pytest.mark.every_database
@pytest.mark.costly("takes the tables back to those of before variants, and forth", seconds=120)
@pytest.mark.django_db(transaction=True)
class TestEveryProductGetsItsVariant:
    @pytest.fixture
    def there_again(self, variants_apart):
        """Afterwards the tables are as they are now, whatever happened."""
        yield
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
        variants_apart()

    def test_and_no_order_move_or_hold_changes(
        self, there_again, goods, buyer, fund, fill_cart, check_out, change, make_product, books_balance
    ):
        lamp, chair = goods(title="Lamp", price=2500, stock=5), goods(title="Chair", price=700, stock=1)
        make_product(title="Draft", status="draft", stock=3)
        change(lamp, price=2000)
        fill_cart(fund(buyer, 20_000), {lamp: 3, chair: 1})
        line = check_out(buyer).shipments.get().lines.get(title="Lamp")
        key = new_form_key(user_id=buyer.pk, action="cancel_line", subject=line.pk)
        cancel_line(line_id=line.pk, quantity=1, actor=buyer, form_key=key)
        fill_cart(buyer, {lamp: 2})
        name_variants_as_their_products()
        variants = list(Variant.objects.order_by("pk").values())
        products = list(Product.objects.order_by("pk").values())
        kept = rows(*KEPT)

        MigrationExecutor(connection).migrate(BEFORE_VARIANTS)

        old = rows("products_product")["products_product"]
        assert [(row["id"], row["stock"], row["sku"]) for row in old] == [
            (variant["id"], variant["stock"], variant["sku"]) for variant in variants
        ]
        assert rows(*KEPT) == kept

        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
        for _again in range(2):  # MariaDB goes on after a kill
            assert list(Variant.objects.order_by("pk").values()) == variants
            assert list(Product.objects.order_by("pk").values()) == products
            assert rows(*KEPT) == kept
            with connection.schema_editor() as editor:
                VARIANTS.give_each_product_its_variant(apps, editor)

        assert make_product(title="New").variants.get().pk > max(variant["id"] for variant in variants)
        fill_cart(buyer, {lamp: 1})
        check_out(buyer)

    def test_there_is_no_way_back_once_one_has_several(self, there_again, make_product):
        """Refused at its first step: MariaDB would keep whatever was done before."""
        before = columns()
        made = make_product()
        name_variants_as_their_products()
        Variant.objects.create(
            product=made, seller=made.seller, option1="S", price=1000, current_price=1000, is_offered=False
        )

        with pytest.raises(RuntimeError, match="several variants"):
            MigrationExecutor(connection).migrate(BEFORE_VARIANTS)
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
        assert columns() == before
