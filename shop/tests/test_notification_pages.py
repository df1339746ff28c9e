import html
import re

import pytest
from django.urls import reverse

from marketplace.common.ids import new_public_id
from marketplace.notifications.models import Kind, Notification
from marketplace.notifications.selectors import unread_count
from marketplace.notifications.services import Notice, notify_many

pytestmark = pytest.mark.usefixtures("books_balance")

INBOX = "/notifications/"


@pytest.fixture
def bea(client, buyer):
    client.force_login(buyer)
    return client


def tell(person, count=1, start=1):
    notify_many(
        [
            Notice(person.pk, Kind.WALLET_TOPPED_UP, person, f"event:{number}", {"amount": number * 100})
            for number in range(start, start + count)
        ]
    )


def page(response):
    return response.content.decode()


def next_page(shown):
    return html.unescape(re.search(r'href="([^"]+)"[^>]*data-testid="more"', shown)[1])


def test_an_empty_inbox_says_so(bea):
    assert "Nothing new" in page(bea.get(INBOX))


def test_the_inbox_tells_what_happened_and_what_is_new(bea, buyer, stranger):
    tell(buyer, 2)
    tell(stranger, 1, start=77)
    Notification.objects.filter(recipient=buyer).order_by("pk")[:1]

    shown = page(bea.get(INBOX))

    assert "€1.00 arrived in your wallet." in shown
    assert shown.count("notice unread") == 2
    assert "€77.00" not in shown


@pytest.mark.every_database
def test_opening_one_marks_it_read_and_goes_to_what_it_is_about(bea, buyer):
    tell(buyer)
    notification = Notification.objects.get()
    path = reverse("shop:notification_open", args=[notification.public_id])

    for _ in range(2):
        assert bea.post(path)["Location"] == reverse("shop:wallet")

    first_read = Notification.objects.get().read_at
    assert first_read
    bea.post(path)
    assert Notification.objects.get().read_at == first_read
    assert unread_count(buyer.pk) == 0


def test_somebody_elses_notification_is_not_there(bea, stranger):
    tell(stranger)
    notification = Notification.objects.get()

    assert bea.post(reverse("shop:notification_open", args=[notification.public_id])).status_code == 404
    assert bea.post(reverse("shop:notification_open", args=[new_public_id()])).status_code == 404
    assert not Notification.objects.get().is_read


def test_all_that_was_seen_is_marked_and_nothing_that_came_after(bea, buyer, stranger):
    tell(buyer, 3)
    tell(stranger, 1, start=50)
    newest = Notification.objects.filter(recipient=buyer).latest("pk").public_id
    tell(buyer, 1, start=9)

    bea.post("/notifications/read-all/", {"newest": newest})

    assert unread_count(buyer.pk) == 1
    assert unread_count(stranger.pk) == 1


@pytest.mark.parametrize("newest", ["", "\x00", "9" * 50, "😀", "abc"])
def test_garbage_marks_nothing(bea, buyer, newest):
    tell(buyer)

    assert bea.post("/notifications/read-all/", {"newest": newest}).status_code == 303
    assert unread_count(buyer.pk) == 1


def test_a_mark_of_somebody_else_marks_nothing(bea, buyer, stranger):
    tell(buyer)
    tell(stranger, 1, start=2)

    bea.post("/notifications/read-all/", {"newest": Notification.objects.get(recipient=stranger).public_id})

    assert unread_count(buyer.pk) == 1


def test_the_inbox_goes_on_below_its_last_line(bea, buyer):
    tell(buyer, 25)

    first = page(bea.get(INBOX))
    more = next_page(first)
    part = page(bea.get(more, headers={"HX-Request": "true"}))

    assert (first.count('data-testid="notification"'), part.count('data-testid="notification"')) == (20, 5)
    assert "€6.00" in first
    assert "€5.00" in part
    assert "<html" not in part


@pytest.mark.parametrize("after", ["\x00", "9" * 50, "😀", "abc", "0"])
def test_garbage_in_the_address_is_ignored(bea, buyer, after):
    tell(buyer)

    assert bea.get(INBOX, {"after": after}).status_code == 200


def test_the_inbox_costs_the_same_however_full_it_is(bea, buyer, django_assert_max_num_queries):
    tell(buyer, 25)
    bea.get(INBOX)

    with django_assert_max_num_queries(6):
        bea.get(INBOX)


NUMBER = "abc123abc123"
OF_EACH_SORT = [
    (Kind.ORDER_CREATED, {"number": NUMBER, "total": 4_200, "shipments": 2}, f"/orders/{NUMBER}/"),
    (Kind.SALE_MADE, {"number": NUMBER, "total": 4_200, "pieces": 2}, "/seller/"),
    (Kind.WALLET_TOPPED_UP, {"amount": 4_200}, "/wallet/"),
    (
        Kind.SHIPMENT_CANCELLED,
        {"number": NUMBER, "amount": 4_200, "reason": "<b>gone</b>"},
        f"/orders/{NUMBER}/",
    ),
    (Kind.SHIPMENT_CANCELLED, {"number": NUMBER, "amount": 4_200, "seller": True}, "/seller/"),
]


@pytest.mark.parametrize(("kind", "extra", "link"), OF_EACH_SORT)
def test_a_notification_says_its_sentence_and_leads_to_its_page(bea, buyer, kind, extra, link):
    """All kinds: marketplace/notifications/tests/test_kinds.py."""
    notify_many([Notice(buyer.pk, kind, buyer, "event", extra)])

    shown = page(bea.get(INBOX))
    opened = bea.post(reverse("shop:notification_open", args=[Notification.objects.get().public_id]))

    assert "€42.00" in shown
    assert "<b>gone" not in shown
    assert opened["Location"] == link
