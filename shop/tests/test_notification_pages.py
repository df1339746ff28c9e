import html
import re

import pytest
from django.urls import reverse

from marketplace.common.idempotency import new_form_key
from marketplace.common.ids import new_public_id
from marketplace.delivery.services import cancel_shipment
from marketplace.notifications.models import Notification
from marketplace.notifications.selectors import unread_count
from marketplace.notifications.services import Notice, notify_many
from marketplace.orders.notices import SHIPMENT_CANCELLED
from marketplace.wallet.models import Wallet
from marketplace.wallet.notices import WALLET_TOPPED_UP

pytestmark = pytest.mark.usefixtures("books_balance")

INBOX = "/notifications/"


def tell(person, count=1, start=1):
    wallet, _is_new = Wallet.objects.get_or_create(owner=person)
    notify_many(
        [
            Notice(person.pk, WALLET_TOPPED_UP, wallet, f"event:{number}", {"amount": number * 100})
            for number in range(start, start + count)
        ]
    )


def pay_in(browser, person):
    form_key = new_form_key(user_id=person.pk, action="top_up")
    started = browser.post(reverse("shop:wallet_top_up"), {"form_key": form_key, "amount": "50"})
    browser.post(started["Location"], {"decision": "approved"})


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
    pay_in(bea, buyer)
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


@pytest.mark.every_database
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


@pytest.mark.every_database
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


def test_who_looks_too_often_waits(bea, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"notifications": (2, 60)}

    answers = [bea.get(INBOX) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert "That was too often" in page(answers[-1])


@pytest.mark.parametrize("after", ["\x00", "9" * 50, "😀", "abc", "0"])
def test_garbage_in_the_address_is_ignored(bea, buyer, after):
    tell(buyer)

    assert bea.get(INBOX, {"after": after}).status_code == 200


def test_the_inbox_costs_the_same_however_full_it_is(bea, buyer, django_assert_max_num_queries):
    tell(buyer, 25)
    bea.get(INBOX)

    with django_assert_max_num_queries(6):
        bea.get(INBOX)


@pytest.fixture
def told_of_a_cancelled_shipment(placed, admin):
    """Both sides of a shipment that the store cancelled, with a reason that is no markup."""
    shipment = placed()
    cancel_shipment(shipment_id=shipment.pk, actor=admin, reason="<b>gone</b>")
    return shipment


@pytest.mark.every_database
def test_a_notification_says_its_sentence_and_leads_to_its_readers_page(
    as_person, buyer, seller, told_of_a_cancelled_shipment
):
    """All kinds: the domains' test_notices.py; all pages: marketplace/web/tests/test_subjects.py."""
    shipment = told_of_a_cancelled_shipment
    pages = {buyer: f"/orders/{shipment.order.number}/", seller: f"/seller/parcels/{shipment.number}/"}
    for person, link in pages.items():
        browser = as_person(person)
        shown = page(browser.get(INBOX))
        mine = Notification.objects.get(recipient=person, kind=SHIPMENT_CANCELLED.name)
        opened = browser.post(reverse("shop:notification_open", args=[mine.public_id]))

        assert "was cancelled" in shown or "were cancelled" in shown
        assert "<b>gone" not in shown
        assert opened["Location"] == link


@pytest.mark.every_database
def test_what_is_no_more_leads_back_to_the_inbox(bea, buyer):
    tell(buyer)
    Notification.objects.update(object_id=4_711)

    opened = bea.post(reverse("shop:notification_open", args=[Notification.objects.get().public_id]))

    assert opened["Location"] == INBOX
