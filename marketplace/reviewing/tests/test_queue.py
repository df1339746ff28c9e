"""The queue: what waits, the longest first, however much that is."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from marketplace.accounts.models import User
from marketplace.reviewing.models import Submission
from marketplace.reviewing.selectors import (
    Queue,
    next_in_queue,
    queue_counts,
    queue_page,
    submission_for,
    waiting,
)

# The rows are there to be counted: they have no history.
pytestmark = [pytest.mark.django_db, pytest.mark.every_database, pytest.mark.breaks_books]

BEGAN = datetime(2026, 11, 1, tzinfo=UTC)


def fill(submitter: User, number: int, *, kinds=("seller_application",), **given: object) -> list[Submission]:
    """So many submissions a minute apart, with some that are decided among them."""
    content_type = ContentType.objects.get_for_model(User)
    first = Submission.objects.count()
    rows = [
        Submission(
            kind=kinds[index % len(kinds)],
            content_type=content_type,
            object_id=first + index,
            submitter=submitter,
            open_key=f"test:{first + index}",
            submitted_at=BEGAN + timedelta(minutes=index // 2),
            created_at=BEGAN,
            **given,
        )
        for index in range(number)
    ]
    Submission.objects.bulk_create(rows, batch_size=1_000)
    return list(Submission.objects.order_by("submitted_at", "pk"))


def test_it_is_walked_page_by_page_longest_waiting_first(buyer, admin, django_assert_num_queries):
    rows = fill(buyer, 12)
    Submission.objects.filter(pk=rows[4].pk).update(status="approved", open_key=None)

    seen, after = [], ""
    while after or not seen:
        with django_assert_num_queries(1):
            page = queue_page(admin, Queue(), after=after, size=5)
            seen += [(row.pk, str(row.submitter.profile), row.assigned_to) for row in page.rows]
        after = page.next_after

    assert seen == [(row.pk, "Bea", None) for row in rows if row.pk != rows[4].pk]


@pytest.mark.parametrize("after", ["", "nonsense", "WzEsMl0", "WzQ2MTE2ODYwMTg0MjczODc5MDMsMl0"])
def test_a_forged_cursor_shows_a_page_of_it(buyer, admin, after):
    fill(buyer, 3)

    assert len(queue_page(admin, Queue(), after=after).rows) in (0, 3)


def test_it_is_asked_for_one_kind_or_ones_own(buyer, admin, superadmin):
    rows = fill(buyer, 6, kinds=("seller_application", "courier_application"))
    Submission.objects.filter(pk__in=[rows[0].pk, rows[1].pk]).update(assigned_to=admin)

    def ids(asked):
        return [row.pk for row in queue_page(admin, asked).rows]

    assert ids(Queue("seller_application")) == [rows[0].pk, rows[2].pk, rows[4].pk]
    assert ids(Queue(is_mine=True)) == [rows[0].pk, rows[1].pk]
    assert ids(Queue("courier_application", is_mine=True)) == [rows[1].pk]
    assert [count.number for count in queue_counts(admin, Queue())] == [6, 2]
    assert [count.number for count in queue_counts(superadmin, Queue("seller_application"))] == [3, 0]
    assert waiting(admin).count.number == 6
    assert waiting(admin).oldest == rows[0].submitted_at


def test_the_next_case_is_nobody_elses_nor_ones_own_thing(buyer, admin, superadmin):
    rows = fill(buyer, 5)
    Submission.objects.filter(pk=rows[2].pk).update(assigned_to=superadmin)
    Submission.objects.filter(pk=rows[3].pk).update(submitter=admin)

    assert next_in_queue(admin, Queue(), rows[1]) == rows[4]
    assert next_in_queue(admin, Queue(), rows[4]) == rows[0]
    Submission.objects.exclude(pk__in=[rows[2].pk, rows[3].pk]).update(status="approved", open_key=None)
    assert next_in_queue(admin, Queue(), rows[0]) is None


def test_it_is_for_staff(buyer, seller, courier, admin):
    row = fill(buyer, 1)[0]

    for user in (buyer, seller, courier):
        assert queue_page(user, Queue()).rows == []
        assert submission_for(user, row.public_id) is None
        assert waiting(user).count.number == 0
    assert submission_for(admin, row.public_id) == row
    assert submission_for(admin, "nothing") is None


@pytest.mark.skipif(connection.vendor != "postgresql", reason="asks PostgreSQL how it reads")
def test_a_page_far_down_of_many_is_read_by_an_index(buyer, admin):
    rows = fill(buyer, 20_000, kinds=("seller_application", "courier_application"))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE reviewing_submission")
    from marketplace.reviewing.selectors import _cursor

    for asked in (Queue(), Queue("seller_application"), Queue(is_mine=True)):
        captured = []

        def capture(execute, sql, params, many, context, captured=captured):
            captured.append((sql, params))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(capture):
            queue_page(admin, asked, after=_cursor(rows[15_000]))
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {captured[0][0]}", captured[0][1])
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert "Seq Scan on reviewing_submission" not in plan
        assert "Sort Key: reviewing_submission.submitted_at" not in plan or asked.is_mine
