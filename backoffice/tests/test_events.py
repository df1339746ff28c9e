"""Staff open sale events to sellers, and end them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from marketplace.accounts.models import Role
from marketplace.common import clock
from marketplace.common.idempotency import new_form_key
from marketplace.products import services
from marketplace.products.models import SaleEvent, SaleTarget

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def admin(person, client, time_machine):
    time_machine.move_to(NOON, tick=False)
    admin = person(Role.ADMIN)
    client.force_login(admin)
    return admin


def filled_in(admin, **changes):
    return {
        "form_key": new_form_key(user_id=admin.pk, action="open_sale_event"),
        "name": "Spring",
        "percent_bps": "20",
        "starts_at": "2026-05-06T00:00",
        "ends_at": "2026-05-09T00:00",
    } | changes


@pytest.mark.every_database
def test_an_event_is_opened_once_for_some_categories(client, admin, category):
    form = filled_in(admin, category_ids=[category.pk])

    answers = [client.post(reverse("backoffice:events"), form).status_code for _ in range(2)]

    event = SaleEvent.objects.get()
    assert answers == [303, 303]
    assert (event.is_open, event.percent_bps, event.seller_id) == (True, 2000, None)
    assert [target.category_id for target in SaleTarget.objects.all()] == [category.pk]
    assert "Open to sellers" in client.get(reverse("backoffice:events")).content.decode()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "This field is required."),
        ({"starts_at": "2026-05-01T00:00"}, "that is in the past"),
        ({"ends_at": "2026-05-05T00:00"}, "It must end after it begins."),
        ({"ends_at": "2026-09-05T00:00"}, "lasts 60 days at most"),
        ({"percent_bps": "0"}, "more than 0 and less than 100"),
        ({"category_ids": ["7777"]}, "7777 is not one of the available choices"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(client, admin, category, changes, sentence):
    page = client.post(reverse("backoffice:events"), filled_in(admin, **changes))
    words = page.content.decode()

    assert page.status_code == 422
    assert sentence in words
    assert ('value="Spring"' in words) is ("name" not in changes)
    assert not SaleEvent.objects.exists()


def test_ending_it_gives_everything_its_price_back(client, admin, seller, product, time_machine):
    event = services.open_sale_event(
        name="Spring", percent_bps=2000, starts_at=NOON + DAY, ends_at=NOON + 3 * DAY, actor=admin
    )
    services.take_part(event_id=event.pk, put_in=[product.pk], actor=seller)
    time_machine.move_to(NOON + 2 * DAY, tick=False)
    services.refresh_prices(clock.now())

    answer = client.post(reverse("backoffice:event_end", args=[event.slug]))

    product.refresh_from_db()
    assert (answer.status_code, product.current_price) == (303, 1999)
    assert client.post(reverse("backoffice:event_end", args=["nothing-like-it"])).status_code == 404


@pytest.mark.parametrize("number", [1, 12])
@pytest.mark.every_database
def test_the_page_asks_no_more_for_more_events(client, admin, django_assert_max_num_queries, number):
    for turn in range(number):
        services.open_sale_event(
            name=f"Event {turn}", percent_bps=2000, starts_at=NOON + DAY, ends_at=NOON + 3 * DAY, actor=admin
        )

    with django_assert_max_num_queries(8):
        page = client.get(reverse("backoffice:events")).content.decode()

    assert page.count('data-testid="event-row"') == number
