#!/usr/bin/env python3
"""The steps of .ci/to-variants, each in a process of its own, in the folder whose code it runs.

fill PRODUCTS ORDERS     the code of before variants: migrate, the demo, so many products, orders in every state
digest FILE              what orders, moves, prices, holds and the ledger say now; compared with FILE if it is there
upgrade WHAT             the new code: migrate to just before the variants ("before"), to these with a clock
                         ("variants"), or to the end ("all")
"""

import hashlib
import json
import os
import platform
import sys
import time
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.bench.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

BEFORE = "0003_reductions_against_the_low"  # which changes what is on sale
STEPS = (("products", "0004_variants"), ("orders", "0005_variants"))
KEPT = (
    *("products_stockmove", "products_pricechange", "products_discount", "products_productimage"),
    *("orders_cart", "orders_cartline", "orders_order", "orders_shipment", "orders_shipmentline"),
    *("orders_shipmentevent", "delivery_consignment", "delivery_delivery", "delivery_proof"),
    *(
        "wallet_hold",
        "wallet_transaction",
        "wallet_wallet",
        "points_pointsentry",
        "notifications_notification",
    ),
)
RENAMED = ("products_stockmove", "products_pricechange", "orders_cartline", "orders_shipmentline")
# Of a product: what became its variant's, under the names there.
MOVED = "id, seller_id, sku, price, current_price, lowest_price_30d, stock"
BUYERS, COURIERS = 40, 8
BY_SERVICES = 1500  # so many products come by the catalogue's import, the others are copies of them
STATES = (
    "cancelled",
    "partly cancelled",
    "claimed",
    "on its way",
    "delivered",
    "completed",
    "returned",
    "placed",
    "on its way back",
)
CARRIED = ("claimed", "on its way", "on its way back")  # a courier has at most five of these


# --- the code of before ---------------------------------------------------------------------------


def fill(products: int, orders: int) -> None:
    """A store of before variants. Pictures are named but not drawn: no migration looks at a file."""
    from site_config.bench.prepare import name_pictures
    from site_config.demo import crowd, world

    call_command("migrate", verbosity=0)
    if not world.is_complete():
        world.draw_all = lambda jobs, processes: iter(())
        world.build(progress=world._Silent(), processes=1)
        name_pictures()
    if missing := crowd.missing(min(products, BY_SERVICES)):
        crowd.fill(missing, progress=world._Silent())
    _sell(orders)
    _multiply(products)
    print(f"filled: {_counts()}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT status, COUNT(*) FROM orders_shipment GROUP BY status ORDER BY status")
        print(f"parcels: {dict(cursor.fetchall())}", flush=True)


def _sell(number: int) -> None:
    """Orders of two lines each, as many in each state of a parcel, and carts that wait."""
    from marketplace.accounts.models import Role
    from marketplace.common import clock, limits
    from marketplace.products.models import Product
    from site_config.acts import delivery, orders, people, wallet

    crowd = Product.objects.filter(sku__startswith="CROWD-", on_sale=False, stock__gt=20)
    goods = cycle(list(crowd.order_by("pk")[: min(number, BY_SERVICES // 3) + BUYERS]))
    buyers = [people.join(email=f"buyer-{one}@to.ecs", password=None, name="Bea") for one in range(BUYERS)]
    couriers = [
        people.join(email=f"courier-{one}@to.ecs", password=None, name="Cara", role=Role.DELIVERY)
        for one in range(COURIERS)
    ]
    for person in [*buyers, *couriers]:
        people.settle(person)
    for buyer in buyers:
        wallet.top_up(buyer, 10**10)
    left = dict.fromkeys(couriers, 4)  # how many more each keeps: a fifth goes through their hands
    with limits.unlimited():
        for turn, buyer in zip(range(number), cycle(buyers), strict=False):
            with clock.moved(timedelta(days=-2)):
                order = orders.buy(buyer, dict.fromkeys(islice(goods, 2), 2))
            state, courier = STATES[turn % len(STATES)], couriers[turn % COURIERS]
            for shipment in order.shipments.all():
                stays = state in CARRIED
                if stays and not left[courier]:
                    continue
                left[courier] -= stays
                _bring(delivery, shipment, courier, state)
        for buyer in buyers:
            orders.fill_cart(buyer, dict.fromkeys(islice(goods, 3), 1))


def _bring(delivery, shipment, courier, state: str) -> None:
    """Bring a parcel that is placed into another state."""
    match state:
        case "cancelled":
            delivery.cancel(shipment, reason="Found another")
        case "partly cancelled":
            delivery.cancel_pieces(shipment.lines.first())
        case "claimed":
            delivery.claim(shipment, courier)
        case "on its way":
            delivery.carry(shipment, courier)
        case "delivered" | "completed":
            delivery.prove(delivery.carry(shipment, courier))
            if state == "completed":
                delivery.complete(shipment)
        case "returned" | "on its way back":
            job = delivery.carry(shipment, courier)
            delivery.fail(job, "refused", note="Ordered twice")
            if state == "returned":
                delivery.prove(job)


def _multiply(wanted: int) -> None:
    """Copies of what was never sold nor reduced, with first moves, prices and pictures, until there are enough."""
    from marketplace.products.models import Product

    pure = Product.objects.filter(sku__startswith="CROWD-", on_sale=False, price_changes_at=None)
    pure = pure.exclude(stock_moves__kind="sold").exclude(
        pk__in=_ids("SELECT product_id FROM products_discount")
    )
    ids, there, top = (
        sorted(pure.values_list("pk", flat=True)),
        Product.objects.count(),
        max(_ids("SELECT id FROM products_product")),
    )
    for turn in range(1, 10**6):
        ids = ids[: wanted - there]
        if not ids:
            break
        by, there = turn * top, there + len(ids)
        only = f"({', '.join(map(str, ids))})"
        with transaction.atomic():
            _copy(
                "products_product",
                f"id IN {only}",
                id=f"id + {by}",
                slug=_joined("slug", turn),
                sku=_joined("sku", turn),
            )
            moved = f"product_id + {by}"
            _copy(
                "products_stockmove",
                f"product_id IN {only}",
                id=None,
                product_id=moved,
                key=_joined("key", turn),
            )
            _copy("products_searchentry", f"product_id IN {only}", product_id=moved)
            for table in ("products_pricechange", "products_productimage", "products_listingevent"):
                _copy(table, f"product_id IN {only}", id=None, product_id=moved)
    if connection.vendor == "postgresql":
        _ids(
            "SELECT setval(pg_get_serial_sequence('products_product', 'id'), (SELECT MAX(id) FROM products_product))"
        )
        _ids("ANALYZE products_product")


def _ids(statement: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [row[0] for row in cursor.fetchall()] if cursor.description else []


def _joined(column: str, turn: int) -> str:
    name = connection.ops.quote_name(column)
    return f"CONCAT({name}, '-{turn}')" if connection.vendor == "mysql" else f"{name} || '-{turn}'"


def _copy(table: str, which: str, **changed: str | None) -> None:
    """Insert rows of `table` again, with other values in some columns (None: the database numbers them)."""
    with connection.cursor() as cursor:
        names = [
            name for name in _columns(cursor, table) if changed.get(name, "") is not None and name != "vector"
        ]
        into = ", ".join(map(connection.ops.quote_name, names))
        values = ", ".join(changed.get(name) or connection.ops.quote_name(name) for name in names)
        cursor.execute(f"INSERT INTO {table} ({into}) SELECT {values} FROM {table} WHERE {which}")


# --- either code ----------------------------------------------------------------------------------


def _counts() -> dict[str, int]:
    with connection.cursor() as cursor:
        return {table: _one(cursor, f"SELECT COUNT(*) FROM {table}") for table in ("products_product", *KEPT)}


def _one(cursor, statement: str) -> object:
    cursor.execute(statement)
    return cursor.fetchone()[0]


def digest(path: Path) -> None:
    """Write what the rows say, or compare it with what was written before."""
    before = json.loads(path.read_text()) if path.exists() else None
    now = {}
    with connection.cursor() as cursor:
        is_after = "products_variant" in connection.introspection.table_names(cursor)
        for table in KEPT:
            columns = before[table]["columns"] if before else _columns(cursor, table)
            renamed = is_after and table in RENAMED
            names = ["variant_id" if renamed and name == "product_id" else name for name in columns]
            now[table] = _sum(cursor, table, names) | {"columns": columns}
        owner = "products_variant" if is_after else "products_product"
        names = MOVED.split(", ")
        now["what became the variants'"] = _sum(cursor, owner, names) | {"columns": names}
        if is_after:
            strange = _one(
                cursor, "SELECT COUNT(*) FROM products_variant WHERE id <> product_id OR NOT is_offered"
            )
            bare = _one(
                cursor,
                "SELECT COUNT(*) FROM products_product WHERE price_to <> current_price OR id NOT IN"
                " (SELECT product_id FROM products_variant)",
            )
            print(
                f"products without their variant or with another price: {bare}; strange variants: {strange}"
            )
            if bare or strange:
                sys.exit(1)
    if before is None:
        path.write_text(json.dumps(now))
        return
    if not is_after:  # the prices of before are those that 0003 has looked at
        moved = "what became the variants'"
        path.write_text(json.dumps(before | {moved: now.pop(moved)}))
    changed = [table for table in now if now[table] != before[table]]
    for table in changed:
        print(f"CHANGED: {table} {before[table]} -> {now[table]}")
    if changed:
        sys.exit(1)
    print(f"unchanged: {sum(one['rows'] for one in now.values())} rows of {len(now)} kinds")


def _columns(cursor, table: str) -> list[str]:
    return sorted(column.name for column in connection.introspection.get_table_description(cursor, table))


def _sum(cursor, table: str, columns: list[str]) -> dict:
    total, rows, last = hashlib.sha256(), 0, 0
    key = "user_id" if "id" not in columns else "id"
    names = ", ".join(map(connection.ops.quote_name, [key, *columns]))
    while True:
        cursor.execute(f"SELECT {names} FROM {table} WHERE {key} > %s ORDER BY {key} LIMIT 5000", [last])
        some = cursor.fetchall()
        if not some:
            return {"rows": rows, "sha256": total.hexdigest()}
        for row in some:
            total.update(repr(row[1:]).encode())
        rows, last = rows + len(some), some[-1][0]


# --- the new code ---------------------------------------------------------------------------------


def upgrade(what: str) -> None:
    """Migrate, and tell how long each of the two took."""
    if what == "all":
        began = time.monotonic()
        call_command("migrate", verbosity=0)
        print(f"all others: {time.monotonic() - began:.1f} s", flush=True)
        return
    if what == "before":
        call_command("migrate", "products", BEFORE, verbosity=0)
        return
    with connection.cursor() as cursor:
        version = _one(
            cursor, "SELECT sqlite_version()" if connection.vendor == "sqlite" else "SELECT version()"
        )
    load = os.getloadavg()[0]
    print(
        f"{connection.vendor} {version}; {os.cpu_count()} processors, {platform.machine()}; load {load:.1f}"
    )
    for app, name in STEPS:
        began = time.monotonic()
        call_command("migrate", app, name, verbosity=0)
        print(f"{app} {name}: {time.monotonic() - began:.1f} s", flush=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["fill", products, orders]:
            fill(int(products), int(orders))
        case ["digest", path]:
            digest(Path(path))
        case ["upgrade", what]:
            upgrade(what)
        case _:
            sys.exit(__doc__)
