"""Storage that is full or read-only: pages are read, forms are a 503 and may be sent again."""

import gc
import time
from datetime import timedelta

import pytest
from django.db import connection

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.orders.models import Order
from marketplace.web import session_age
from shop.tests.test_checkout import URL, filled_in, form_key_of
from site_config.sqlite3.base import _is_whole

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.every_database]


@pytest.fixture
def shopper(client, buyer, fund):
    client.force_login(buyer)
    session = client.session
    session[session_age.SINCE] = session[session_age.SEEN] = round(clock.now().timestamp())
    session.save()
    return fund(buyer, 10_000)


@pytest.fixture
def lamp(goods, seller):
    return goods(seller, title="Lamp", price=2500, stock=5)


@pytest.mark.parametrize("path", ["/", "/cart/", "/accounts/login/"])
def test_a_visitor_reads(client, read_only, path):
    with read_only():
        assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/", "/orders/", "/wallet/"])
def test_who_is_signed_in_reads_although_their_visit_cannot_be_noted(
    client, shopper, read_only, time_machine, path
):
    time_machine.move_to(clock.now() + timedelta(days=2))

    with read_only():
        assert client.get(path).status_code == 200


def test_a_form_whose_session_cannot_be_kept_is_a_503(client, shopper, read_only, time_machine):
    time_machine.move_to(clock.now() + timedelta(days=2))

    client.raise_request_exception = False  # as a server does
    with read_only():
        answer = client.post("/no-such-page/")

    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0


def test_a_form_may_be_sent_again_with_the_same_key(client, shopper, lamp, fill_cart, read_only):
    fill_cart(shopper, {lamp: 1})
    form = filled_in(client)

    with read_only():
        answer = client.post(URL, form)
        assert answer.status_code == 503
        assert int(answer["Retry-After"]) > 0
        assert form_key_of(answer) == form["form_key"]
        assert not Order.objects.exists()

    for _turn in range(2):
        assert client.post(URL, form).status_code == 303
    assert Order.objects.count() == 1


def test_a_sign_in_that_cannot_be_kept_is_a_503(client, shopper, read_only):
    shopper.set_password("a long pass phrase")
    shopper.save(update_fields=["password"])
    client.logout()
    typed = {"login": shopper.email, "password": "a long pass phrase"}

    with read_only():
        assert client.post("/accounts/login/", typed).status_code == 503
    assert client.post("/accounts/login/", typed).status_code == 302


def test_a_sign_up_that_cannot_be_kept_is_a_503(client, read_only):
    typed = {"email": "new@example.org", "password1": "a long pass phrase", "password2": "a long pass phrase"}
    typed |= {"role": "user", "name": "New"}

    with read_only():
        assert client.post("/accounts/signup/", typed).status_code == 503
    assert not User.objects.exists()


def leave() -> None:
    """As the last writer leaves: all is in the file itself. A thread of an earlier test may be just about to."""
    for _turn in range(100):
        gc.collect()  # what was dropped without being closed still reads
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            [is_busy, *_pages] = cursor.fetchone()
        if not is_busy:
            break
        time.sleep(0.05)
    connection.close()


@pytest.mark.parametrize("path", ["/", "/cart/", "/orders/"])
def test_pages_are_read_from_a_sqlite_on_a_full_disk(client, shopper, lamp, full_disk, path):
    """Nobody has it open, so there is no room for the files that SQLite makes when it opens one."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL and MariaDB read on by themselves")
    leave()

    with full_disk(1):
        assert client.get(path).status_code == 200
        assert client.get("/healthz").status_code == 200
        connection.close()

    assert client.get(path).status_code == 200


def test_writing_there_is_a_503_and_works_once_there_is_room(client, shopper, lamp, fill_cart, full_disk):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL and MariaDB read on by themselves")
    fill_cart(shopper, {lamp: 1})
    form = filled_in(client)
    leave()

    with full_disk(1):
        answer = client.post(URL, form)
        assert answer.status_code == 503
        assert form_key_of(answer) == form["form_key"]
        connection.close()

    assert client.post(URL, form).status_code == 303
    assert Order.objects.count() == 1


def test_what_is_still_in_the_log_is_not_passed_over(tmp_path):
    database, log = tmp_path / "a.sqlite3", tmp_path / "a.sqlite3-wal"
    database.touch()
    assert _is_whole(database)

    log.write_bytes(b"rows")
    assert not _is_whole(database)
