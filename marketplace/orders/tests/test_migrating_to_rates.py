"""A store as it was before delivery had a price: its orders in every state keep their holds, balances and ends."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from marketplace.orders.models import Shipment
from marketplace.orders.states import ShipmentStatus
from marketplace.rates.services import Rates, publish_rates
from marketplace.wallet.models import Hold
from marketplace.wallet.selectors import wallet_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.every_database,
    pytest.mark.costly("takes a store with orders back to the tables before rates, and forth", seconds=60),
]

BEFORE = [
    ("orders", "0007_pick_up_places"),
    ("delivery", "0006_jobs_point_at_consignments"),
    ("wallet", "0004_providers_keys_letter_by_letter"),
    ("rates", None),
]
# What of each table was there before; the rest is new columns.
TABLES = {
    "wallet_wallet": "id, balance, held_balance",
    "wallet_hold": "id, kind, amount, captured, released, status, open_key",
    "wallet_transaction": "id, kind, balance_delta, held_delta",
    "orders_order": "id, total",
    "orders_shipment": "id, status, total, commission_bps",
    "orders_settlement": "id, gross, fee, net",
    "delivery_delivery": "id, status, fee",
}
NEW_COLUMNS = (
    "delivery_agreed, delivery_price, delivery_by_seller, delivery_full, delivery_back, delivery_metres,"
    " courier_share, back_by_seller, delivery_extra"
)


def rows(**tables: str) -> dict[str, list[tuple]]:
    found = {}
    with connection.cursor() as cursor:
        for table, columns in tables.items():
            cursor.execute(f"SELECT {columns} FROM {table} ORDER BY id")
            found[table] = [tuple(row) for row in cursor.fetchall()]
    return found


@pytest.fixture
def parcels(placed, person, delivery, couriers, settings):
    """State → a shipment that has come as far as that in a store without rates."""
    settings.COURIER_FEE, settings.COMMISSION_BPS = 200, 1_000
    found = {}

    def sold(state: str) -> Shipment:
        found[state] = placed(price=1_000)
        return found[state]

    sold("placed")
    delivery.claim(sold("claimed"), couriers["claimed"])
    delivery.carry(sold("carried"), couriers["carried"])
    delivery.prove(delivery.carry(sold("delivered"), couriers["delivered"]))
    delivery.prove(delivery.carry(sold("completed"), couriers["completed"]))
    delivery.complete(found["completed"])
    delivery.cancel(sold("cancelled"))
    for state in ("returning", "returned"):
        job = delivery.carry(sold(state), couriers[state])
        delivery.fail(job, "refused")
    job.refresh_from_db()
    delivery.prove(job)
    return {state: Shipment.objects.get(pk=shipment.pk) for state, shipment in found.items()}


@pytest.fixture
def couriers(person):
    names = ("claimed", "carried", "delivered", "completed", "returning", "returned")
    return {name: person("delivery", name=name) for name in names}


@pytest.fixture
def migrated(parcels):
    """The same rows, taken to before and up again: what was in the tables of then, and now."""
    graph = MigrationExecutor(connection).loader.graph
    newest = [node for node in graph.leaf_nodes() if node[0] in {app for app, _name in BEFORE}]
    try:
        MigrationExecutor(connection).migrate(BEFORE)
        before = rows(**TABLES)
        with connection.cursor() as cursor:
            columns = {
                column.name
                for column in connection.introspection.get_table_description(cursor, "orders_shipment")
            }
        assert not columns & set(NEW_COLUMNS.split(", "))
    finally:
        MigrationExecutor(connection).migrate(newest)
    return before, rows(**TABLES)


def test_every_hold_and_balance_stays_as_it_was(books_balance, parcels, migrated):
    before, after = migrated
    states = {shipment.status for shipment in parcels.values()}
    assert states == set(ShipmentStatus)

    assert before == after
    assert {value for row in rows(orders_shipment=NEW_COLUMNS)["orders_shipment"] for value in row} == {0}


def test_and_what_was_under_way_ends_as_it_would_have(
    books_balance, parcels, migrated, couriers, seller, buyer, admin, delivery
):
    """Also where the store has rates by then."""
    publish_rates(rates=Rates(base=290, store_bps=1_000), actor=admin, expected_version=0)
    money = wallet_of(seller.pk).balance

    job = delivery.live_job_of(parcels["carried"])
    delivery.prove(job)
    for state in ("carried", "delivered"):
        delivery.complete(parcels[state])
    delivery.cancel(parcels["placed"])
    delivery.prove(delivery.live_job_of(parcels["returning"]))

    assert wallet_of(seller.pk).balance == money + 2 * 900
    assert wallet_of(couriers["carried"].pk).balance == 200
    assert not Hold.objects.filter(kind="earning").exists()
    assert wallet_of(buyer.pk).held_balance == 1_000  # of the one that is claimed
