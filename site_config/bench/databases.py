"""The bench's own PostgreSQL databases: made, filled, and dropped at the end."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.conf import settings

PREFIX = "ecs_bench"
LOCAL = "postgres://postgres@127.0.0.1/postgres"


def address(server: str, name: str) -> str:
    """`server`'s URL with another database in it."""
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


def admin(server: str) -> psycopg.Connection:
    return psycopg.connect(
        address(server, "postgres").replace("postgres://", "postgresql://"), autocommit=True
    )


@dataclass
class Database:
    """One filled database, and what the bench asks for in it."""

    name: str
    url: str
    facts: dict

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.url.replace("postgres://", "postgresql://"), autocommit=True)


def fill(server: str, *, products: int, buyers: int) -> Database:
    """The database with so many products; made if it is not there, otherwise brought up to date."""
    name = f"{PREFIX}_{products}"
    with admin(server) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(f'CREATE DATABASE "{name}"')
    url = address(server, name)
    environ = {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "site_config.bench.settings",
        "DEBUG": "false",
    }
    command = [sys.executable, "-m", "site_config.bench.prepare", str(products), str(buyers)]
    answer = subprocess.run(  # noqa: S603  our own program
        command, cwd=settings.BASE_DIR, env=environ, stdout=subprocess.PIPE, check=True
    )
    return Database(name, url, json.loads(answer.stdout))


def copy(server: str, source: Database, name: str) -> Database:
    """A second database with the same rows; nobody may be connected to the first."""
    with admin(server) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source.name}"')
    return Database(name, address(server, name), source.facts)


def drop(server: str, name: str) -> None:
    with admin(server) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def backends(server: str, name: str) -> list[int]:
    """The processes of PostgreSQL that serve a database right now."""
    with admin(server) as connection:
        rows = connection.execute("SELECT pid FROM pg_stat_activity WHERE datname = %s", [name])
        return [pid for (pid,) in rows]


def refill_carts(connection: psycopg.Connection, facts: dict, turn: int) -> None:
    """Give every buyer a cart with three lines of two sellers, another choice each `turn`."""
    users = [person["user"] for person in facts["people"]]
    connection.execute(
        "DELETE FROM orders_cartline WHERE cart_id IN (SELECT id FROM orders_cart WHERE user_id = ANY(%s))",
        [users],
    )
    connection.execute(
        "INSERT INTO orders_cart (user_id, created_at, updated_at)"
        " SELECT id, now(), now() FROM unnest(%s::bigint[]) AS id ON CONFLICT DO NOTHING",
        [users],
    )
    carts = dict(connection.execute("SELECT user_id, id FROM orders_cart WHERE user_id = ANY(%s)", [users]))
    lines = [
        (carts[user], product)
        for number, user in enumerate(users)
        for product in choose(facts["for_carts"], number + turn * 7919)[0]
    ]
    connection.execute(
        "INSERT INTO orders_cartline (cart_id, variant_id, quantity, price_seen, added_at)"
        " SELECT cart, product, 1, current_price, now() FROM unnest(%s::bigint[], %s::bigint[])"
        " WITH ORDINALITY AS wanted(cart, product, number) JOIN products_variant ON id = product ORDER BY number",
        [[cart for cart, _product in lines], [product for _cart, product in lines]],
    )


def choose(for_carts: list[list[int]], number: int) -> tuple[list[int], list[int]]:
    """Two products of one seller and one of another: (products, sellers)."""
    by_seller: dict[int, list[int]] = {}
    for product, seller in for_carts:
        by_seller.setdefault(seller, []).append(product)
    shops = [seller for seller, products in sorted(by_seller.items()) if len(products) > 1]
    first, second = shops[number % len(shops)], shops[(number // len(shops) + number + 1) % len(shops)]
    if first == second:
        second = shops[(number + 1) % len(shops)]
    mine, theirs = by_seller[first], by_seller[second]
    at = number * 2 % (len(mine) - 1)
    return [mine[at], mine[at + 1], theirs[number % len(theirs)]], [first, second]


def prepare_plain(connection: psycopg.Connection, facts: dict, *, carts: int) -> int:
    """Buyers 1…`carts` for pgbench, made out of thin air; returns the content type it writes."""
    connection.execute("CREATE SEQUENCE IF NOT EXISTS bench_line START 1000000000")
    connection.execute("DROP TABLE IF EXISTS bench_cart")
    connection.execute(
        "CREATE TABLE bench_cart (b int PRIMARY KEY, user_id bigint, cart_id bigint, wallet_id bigint,"
        " p1 bigint, p2 bigint, p3 bigint, s1 bigint, s2 bigint)"
    )
    connection.execute(
        "INSERT INTO accounts_user (password, is_superuser, email, role, is_active, date_joined)"
        " SELECT '!', false, 'plain-' || b || '@bench.ecs', 'user', true, now() FROM generate_series(1, %s) AS b"
        " ON CONFLICT DO NOTHING",
        [carts],
    )
    ids = [
        pk
        for (pk,) in connection.execute(
            "SELECT id FROM accounts_user WHERE email LIKE 'plain-%%@bench.ecs' ORDER BY id LIMIT %s", [carts]
        )
    ]
    connection.execute(
        "INSERT INTO accounts_profile"
        " (user_id, name, phone, location_lat, location_lng, location_address, access_notes, time_zone)"
        " SELECT id, 'Bench', '1', 52.5, 13.4, 'Torstraße 1', '', '' FROM unnest(%s::bigint[]) AS id"
        " ON CONFLICT DO NOTHING",
        [ids],
    )
    connection.execute(
        "INSERT INTO wallet_wallet (owner_id, balance, held_balance, created_at)"
        " SELECT id, 100000000000, 0, now() FROM unnest(%s::bigint[]) AS id ON CONFLICT DO NOTHING",
        [ids],
    )
    connection.execute(
        "INSERT INTO orders_cart (user_id, created_at, updated_at)"
        " SELECT id, now(), now() FROM unnest(%s::bigint[]) AS id ON CONFLICT DO NOTHING",
        [ids],
    )
    wallets = dict(
        connection.execute("SELECT owner_id, id FROM wallet_wallet WHERE owner_id = ANY(%s)", [ids])
    )
    cart_ids = dict(connection.execute("SELECT user_id, id FROM orders_cart WHERE user_id = ANY(%s)", [ids]))
    with connection.cursor() as cursor, cursor.copy("COPY bench_cart FROM STDIN") as rows:
        for number, user in enumerate(ids):
            (p1, p2, p3), (s1, s2) = choose(facts["for_carts"], number)
            rows.write_row((number + 1, user, cart_ids[user], wallets[user], p1, p2, p3, s1, s2))
    connection.execute("ANALYZE")
    row = connection.execute(
        "SELECT id FROM django_content_type WHERE app_label = 'orders' AND model = 'shipment'"
    ).fetchone()
    return row[0]


def refill_plain(connection: psycopg.Connection) -> None:
    """Three lines in every cart of the plain buyers."""
    connection.execute("DELETE FROM orders_cartline WHERE cart_id IN (SELECT cart_id FROM bench_cart)")
    connection.execute(
        "INSERT INTO orders_cartline (cart_id, variant_id, quantity, price_seen, added_at)"
        " SELECT cart_id, product, 1, 1000, now() FROM bench_cart, unnest(ARRAY[p1, p2, p3]) AS product"
    )
