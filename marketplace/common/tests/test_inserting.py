from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import IntegrityError, connection
from django.forms.models import model_to_dict
from django.test.utils import CaptureQueriesContext

from marketplace.accounts.models import Profile, User
from marketplace.common.inserting import insert
from marketplace.common.models import FormKey, RateWindow
from marketplace.notifications.models import Notification
from marketplace.orders.notices import ORDER_CREATED
from marketplace.wallet.models import StoreWallet, Transaction, TransactionKind, Wallet

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, 30, 15, 123456, tzinfo=UTC)


def _windows(number: int) -> list[RateWindow]:
    return [RateWindow(key=f"w{index:05d}", count=index, ends_at=NOW) for index in range(number)]


def _content(row) -> dict:
    """Every column of a row as the database has it now, but for its key."""
    fields = [field.attname for field in row._meta.concrete_fields if not field.primary_key]
    return type(row).objects.values(*fields).get(pk=row.pk)


def _transaction(wallet: Wallet, key: str) -> Transaction:
    journal = UUID("12345678123456781234567812345678")
    return Transaction(wallet=wallet, kind=TransactionKind.TOP_UP, balance_delta=-5, journal=journal, key=key)


def test_what_is_written_is_what_bulk_create_writes():
    wallet = Wallet.objects.create(code=StoreWallet.CASH)
    ours, theirs = _transaction(wallet, "ours"), _transaction(wallet, "theirs")
    ours.created_at = theirs.created_at = NOW

    insert([ours])
    Transaction.objects.bulk_create([theirs])
    theirs.refresh_from_db()

    assert _content(ours) | {"key": "theirs"} == _content(theirs)
    assert _content(ours)["created_at"] == NOW


def test_defaults_decimals_and_json_arrive():
    user = User.objects.create(email="someone@example.org")
    Profile.objects.filter(user=user).delete()
    insert([Profile(user=user, location_lat=Decimal("52.520008"), location_lng=Decimal("-13.404954"))])
    event = {"recipient": user, "kind": ORDER_CREATED.name, "content_type_id": 1, "object_id": 7}
    insert([Notification(**event, extra_data={"number": "é%s"}, event_key="order:7")])

    profile, notification = Profile.objects.get(user=user), Notification.objects.get()
    assert (profile.location_lat, profile.location_lng) == (Decimal("52.520008"), Decimal("-13.404954"))
    assert notification.extra_data == {"number": "é%s"}
    assert len(notification.public_id) == 12 and notification.created_at and not notification.is_read


def test_rows_are_as_after_saving_them():
    [fees, cash] = rows = insert([Wallet(code=StoreWallet.FEES), Wallet(code=StoreWallet.CASH)])

    if connection.features.can_return_rows_from_bulk_insert:
        assert [model_to_dict(row) for row in rows] == [
            model_to_dict(Wallet.objects.get(code=code)) for code in (StoreWallet.FEES, StoreWallet.CASH)
        ]
    assert not fees._state.adding and cash._state.db == "default"


def test_many_rows_take_one_statement_within_the_databases_limit_and_lose_none():
    with CaptureQueriesContext(
        connection,
    ) as few:
        insert(_windows(20))
    RateWindow.objects.all().delete()

    insert(_windows(1000))

    assert len(few) == 1
    assert list(RateWindow.objects.order_by("key").values_list("count", flat=True)) == list(range(1000))


def test_nothing_is_asked_for_no_rows(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert insert([]) == []


def test_what_is_there_stays_where_conflicts_are_ignored():
    first, *rest = _windows(3)
    insert([first])

    insert([RateWindow(key=first.key, count=99, ends_at=NOW), *rest], ignore_conflicts=True)

    assert list(RateWindow.objects.order_by("key").values_list("count", flat=True)) == [0, 1, 2]


def test_a_conflict_is_refused_otherwise():
    key = FormKey(key="k", nonce="n", action="a", input_sha256="", result="", created_at=NOW)
    insert([key])

    with pytest.raises(IntegrityError):
        insert([key])
