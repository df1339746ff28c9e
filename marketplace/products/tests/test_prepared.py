"""A prepared query answers as the ORM's own does, whoever asks and with whatever."""

from datetime import datetime
from time import monotonic

import pytest
from django.db import NotSupportedError, connection, transaction
from django.db.models import F, Value

from marketplace.common.prepared import Prepared, PreparedByIds
from marketplace.products.models import Product, Variant

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

FIELDS = (
    "id",
    "slug",
    "title",
    "on_sale",
    "in_stock",
    "rating_average",
    "published_at",
    "options",
    "version",
)


def of_shop(seller_id: int, slug: str):
    found = Product.objects.filter(seller_id=seller_id).exclude(slug=slug)
    return found.order_by("pk").values(*FIELDS, shop=F("seller__seller_profile__shop_name"), shelf=Value(3))


@pytest.fixture
def shops(seller, other_seller, make_product):
    """Two shops of two products each."""

    return {owner: [make_product(seller=owner) for _ in range(2)] for owner in (seller, other_seller)}


def test_it_answers_as_the_query_itself(shops):
    ask = Prepared(of_shop, seller_id=int, slug=str)
    for owner, (first, second) in shops.items():
        for slug in (first.slug, second.slug, "' OR 1=1 --", "%s", "é\U0001f600"):
            assert ask(seller_id=owner.pk, slug=slug) == list(of_shop(owner.pk, slug))
    [row] = ask(seller_id=owner.pk, slug=first.slug)
    assert [type(row[name]) for name in ("on_sale", "options", "published_at")] == [bool, list, datetime]
    assert row["published_at"].tzinfo is not None
    assert row["shop"] == owner.seller_profile.shop_name


def test_it_is_built_once_and_is_one_statement(shops, django_assert_num_queries):
    built = []

    def build(product_id):
        built.append(product_id)
        return Variant.objects.filter(product_id=product_id).values("id", "stock")

    ask = Prepared(build, product_id=int)
    for listed in shops.values():
        for product in listed:
            expected = list(product.variants.values("id", "stock"))
            with django_assert_num_queries(1) as asked:
                assert ask(product_id=product.pk) == expected
            assert str(product.pk) in asked.captured_queries[0]["sql"]
    assert len(built) == 1


def test_a_union_keeps_its_holes_apart(shops):
    def both(first, second):
        rows = [
            Product.objects.filter(pk=pk).values("id", place=Value(place))
            for place, pk in enumerate((first, second))
        ]
        return rows[0].union(rows[1], all=True)

    ask = Prepared(both, first=int, second=int)
    (pot, pan), _other = shops.values()
    assert sorted(ask(first=pot.pk, second=pan.pk), key=lambda row: row["place"]) == [
        {"id": pot.pk, "place": 0},
        {"id": pan.pk, "place": 1},
    ]


def test_a_hole_that_the_query_never_asks_for_is_no_query():
    ask = Prepared(
        lambda product_id, slug: Product.objects.filter(pk=product_id).values("id"), product_id=int, slug=str
    )
    with pytest.raises(ValueError, match="slug"):
        ask(product_id=1, slug="x")


def test_rows_by_their_keys_are_one_statement_however_many(shops, django_assert_num_queries):
    ask = PreparedByIds(lambda ids: Product.objects.filter(pk__in=ids).values("id", "title"))
    there = {product.pk: product.title for listed in shops.values() for product in listed}
    for number in range(1, len(there) + 1):
        wanted = list(there)[:number]
        with django_assert_num_queries(1):
            rows = ask([*wanted, wanted[0], 10**9])
        assert {row["id"]: row["title"] for row in rows} == {pk: there[pk] for pk in wanted}
        assert len(rows) == number
    with django_assert_num_queries(0):
        assert ask([]) == []


def test_what_never_changes_is_asked_for_as_it_is_written(shops):
    """PostgreSQL gets only the holes as parameters; the rest stands in the statement, whatever signs it has."""
    odd = "100 % 'real' \\ %s \U0001f600"
    seller, [product, _] = next(iter(shops.items()))
    Product.objects.filter(pk=product.pk).update(title=odd)

    def build(seller_id):
        found = Product.objects.filter(seller_id=seller_id, title=odd, on_sale=product.on_sale)
        return found.values("id", said=Value(odd), number=Value(7))

    ask = Prepared(build, seller_id=int)
    assert ask(seller_id=seller.pk) == list(build(seller.pk))
    [row] = ask(seller_id=seller.pk)
    assert (row["id"], row["said"], row["number"]) == (product.pk, odd, 7)


def kept() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE NOT from_sql")
        return [statement for (statement,) in cursor.fetchall()]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="other databases keep no plans for us")
class TestKeptPlans:
    def test_a_plan_is_kept_once_whatever_the_numbers_sizes(self, shops):
        ask = Prepared(lambda pk: Product.objects.filter(pk=pk).values("id", mine=Value("once")), pk=int)
        for pk in (1, 70_000, 5_000_000_000):
            ask(pk=pk)
        assert len([one for one in kept() if "'once'" in one]) == 1

    def test_none_is_kept_where_it_would_have_to_know_the_value(self, shops):
        before = len(kept())
        Prepared(of_shop, keeps_plan=False, seller_id=int, slug=str)(seller_id=1, slug="x")
        assert len(kept()) == before

    def test_none_is_kept_behind_a_pooler(self, shops, monkeypatch):
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "prepare_threshold", None)
        before = len(kept())
        Prepared(of_shop, seller_id=int, slug=str)(seller_id=1, slug="x")
        assert len(kept()) == before

    def test_a_plan_of_columns_of_before_ends_with_its_connection(self, shops, monkeypatch):
        monkeypatch.setattr(connection, "close_at", None)
        ask = Prepared(lambda pk: Product.objects.filter(pk=pk).values("title", "version"), pk=int)
        ask(pk=1)
        with transaction.atomic():
            for change in (
                "SET CONSTRAINTS ALL IMMEDIATE",
                "ALTER TABLE products_product ALTER COLUMN version TYPE numeric(12)",
            ):
                connection.connection.pgconn.exec_(
                    change.encode()
                )  # as another process would, unseen by psycopg
            with pytest.raises(NotSupportedError), transaction.atomic():
                ask(pk=1)
            assert connection.close_at <= monotonic()
            transaction.set_rollback(True)
