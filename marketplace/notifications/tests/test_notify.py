import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.notifications.kinds import Kind
from marketplace.notifications.models import Notification
from marketplace.notifications.services import Notice, notify, notify_many
from marketplace.wallet.notices import WALLET_TOPPED_UP

NONSENSE = Kind("nonsense", "Nonsense", "alert", lambda extra: "Nonsense.")

pytestmark = pytest.mark.usefixtures("books_balance")


def test_one_event_tells_one_person_once(buyer, seller):
    for _ in range(2):
        notify(recipient_id=buyer.pk, kind=WALLET_TOPPED_UP, subject=buyer, event_key="event", amount=500)
    notify(recipient_id=seller.pk, kind=WALLET_TOPPED_UP, subject=buyer, event_key="event", amount=500)

    assert Notification.objects.filter(recipient=buyer).count() == 1
    assert Notification.objects.filter(recipient=seller).count() == 1
    notice = Notification.objects.get(recipient=buyer)
    assert (notice.content_object, notice.extra_data, notice.read_at) == (buyer, {"amount": 500}, None)


def test_many_notices_are_one_insert(buyer, seller):
    notices = [
        Notice(person.pk, WALLET_TOPPED_UP, buyer, f"event:{number}", {"amount": number})
        for person in (buyer, seller)
        for number in range(1, 11)
    ]
    notify(recipient_id=buyer.pk, kind=WALLET_TOPPED_UP, subject=buyer, event_key="warm", amount=1)

    with CaptureQueriesContext(connection) as queries:
        notify_many(notices)

    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 1
    assert Notification.objects.count() == 21


@pytest.mark.parametrize(
    "extra", [{}, {"amount": 1, "password": "secret"}, {"total": 1}], ids=["missing", "unknown", "both"]
)
def test_extra_data_is_what_the_kind_allows(buyer, extra):
    with pytest.raises(ValueError):
        notify(recipient_id=buyer.pk, kind=WALLET_TOPPED_UP, subject=buyer, event_key="event", **extra)

    assert not Notification.objects.exists()


def test_an_unknown_kind_is_refused(buyer):
    with pytest.raises(ValueError):
        notify(recipient_id=buyer.pk, kind=NONSENSE, subject=buyer, event_key="event")
