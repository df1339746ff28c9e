"""What somebody was told is marked as read by nobody else."""

import pytest
from django.core.exceptions import PermissionDenied

from marketplace.notifications.models import Notification
from marketplace.notifications.services import mark_all_read, mark_read, notify
from marketplace.wallet.notices import WALLET_TOPPED_UP


@pytest.fixture
def told(buyer):
    """`told("event")`: what the buyer was told."""

    def run(event: str, person=buyer) -> Notification:
        notify(recipient_id=person.pk, kind=WALLET_TOPPED_UP, subject=buyer, event_key=event, amount=500)
        return Notification.objects.get(recipient=person, event_key=event)

    return run


def unread(person) -> int:
    return Notification.objects.filter(recipient=person, read_at=None).count()


def test_one_is_marked_once_and_keeps_when_it_was(told, buyer):
    notification = told("event")

    first = mark_read(public_id=notification.public_id, actor=buyer)
    again = mark_read(public_id=notification.public_id, actor=buyer)

    assert first.read_at is not None
    assert again.read_at == first.read_at


def test_all_up_to_the_newest_that_was_seen_are_marked(told, buyer, stranger):
    told("first")
    seen = told("second")
    told("third")
    told("first", stranger)

    assert mark_all_read(newest=seen.public_id, actor=buyer) == 2
    assert (unread(buyer), unread(stranger)) == (1, 1)


def test_those_of_somebody_else_stay_as_they_are(told, buyer, stranger, admin):
    notification = told("event")
    told("event", stranger)

    for person in (stranger, admin):
        with pytest.raises(PermissionDenied):
            mark_read(public_id=notification.public_id, actor=person)
        assert mark_all_read(newest=notification.public_id, actor=person) == 0
    buyer.is_active = False
    with pytest.raises(PermissionDenied):
        mark_read(public_id=notification.public_id, actor=buyer)
    with pytest.raises(PermissionDenied):
        mark_all_read(newest=notification.public_id, actor=buyer)

    assert (unread(buyer), unread(stranger)) == (1, 1)
