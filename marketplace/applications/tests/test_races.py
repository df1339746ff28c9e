"""Two admins at one case, two windows of one applicant: one of them wins, nobody has two roles.

What rests on a lock alone has a control without it that must go wrong (not on SQLite: it locks all). The steps of
a submission have a second line, too: each is an UPDATE of the state before it.
"""

import pytest

from marketplace.accounts.models import CourierProfile, Role, SellerProfile, User
from marketplace.applications import services
from marketplace.applications.models import Application
from marketplace.common.errors import DomainError, InvalidTransition, StaleState
from marketplace.notifications.models import Notification
from marketplace.reviewing.models import Submission, SubmissionEvent
from marketplace.reviewing.services import assign
from marketplace.reviewing.services.steps import DecidedAlready
from marketplace.reviewing.shown import mark_of_assignment, mark_of_submission
from marketplace.reviewing.states import Decision

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def needs_row_locks(locks_rows) -> None:
    if not locks_rows:
        pytest.skip("SQLite's BEGIN IMMEDIATE locks everything")


def refusals(results: list) -> list[Exception]:
    return [result for result in results if isinstance(result, Exception)]


def decide_as_shown(application: Application, admins: list[User], race, applying) -> list:
    """Each of them has the same case open and sends another decision."""
    mark = mark_of_submission(applying.submission_of(application))
    decisions = [Decision.APPROVE, Decision.REJECT, Decision.ASK_FOR_CHANGES]
    return race(
        lambda pair: services.decide_application(
            application_id=application.pk,
            decision=pair[1],
            reason=f"By {pair[0].pk}",
            actor=pair[0],
            expected=mark,
        ),
        zip(admins, decisions, strict=False),
    )


def test_one_admin_decides_and_the_others_read_what(
    buyer, admin, superadmin, person, race, books_balance, applying
):
    for _round in range(3):
        shopper = person()
        application = applying.apply(shopper, applying.shop_wish(f"Shop of {shopper.pk}"))

        results = decide_as_shown(application, [admin, superadmin, person(Role.ADMIN)], race, applying)

        application.refresh_from_db()
        assert [type(error) for error in refusals(results)] == [DecidedAlready] * 2
        assert all(error.status == 409 for error in refusals(results))
        assert applying.submission_of(application).events.count() == 2
        assert Notification.objects.filter(recipient=shopper).count() == 1
        assert SellerProfile.objects.filter(pk=shopper.pk).exists() == application.is_approved


@pytest.mark.breaks_books
def test_control_without_locks_somebody_is_not_told_who_was_quicker(
    needs_row_locks, buyer, admin, superadmin, race, without_locks, applying
):
    """Both read that it waits: the state in the UPDATE refuses one of them, with no word of who was first."""
    application = applying.apply(buyer, applying.shop_wish())
    without_locks(rivals=2)

    results = decide_as_shown(application, [admin, superadmin], race, applying)

    assert [type(error) for error in refusals(results)] == [InvalidTransition]


@pytest.mark.breaks_books
def test_control_without_the_second_line_both_decide(
    needs_row_locks, buyer, admin, superadmin, race, without_locks, monkeypatch, applying
):
    def careless(row, to, *, steps, refuse, **changes):
        before, row.status = row.status, to
        type(row)._default_manager.filter(pk=row.pk).update(status=to, **changes)
        return before

    monkeypatch.setattr("marketplace.reviewing.services.steps.move", careless)
    monkeypatch.setattr("marketplace.applications.services.applying.move", careless)
    application = applying.apply(buyer, applying.shop_wish())
    without_locks(rivals=2)

    results = decide_as_shown(application, [admin, superadmin], race, applying)

    assert refusals(results) == []
    assert SubmissionEvent.objects.count() == 3


def test_it_is_taken_back_or_decided(person, admin, race, books_balance, applying):
    for _round in range(4):
        shopper = person()
        application = applying.apply(shopper, applying.courier_wish())

        results = race(
            lambda call: call(),
            [
                lambda row=application: applying.withdraw(row),
                lambda row=application: applying.decide(row, admin),
            ],
        )

        application.refresh_from_db()
        assert [isinstance(error, DomainError) for error in refusals(results)] == [True]
        assert CourierProfile.objects.filter(pk=shopper.pk).exists() == application.is_approved


def test_somebody_applies_once_from_many_windows(buyer, race, books_balance, applying):
    wishes = [
        applying.shop_wish(f"Shop {number}") if number % 2 else applying.courier_wish() for number in range(6)
    ]

    results = race(lambda wish: applying.apply(buyer, wish), wishes)

    assert len(refusals(results)) == 5
    assert all(isinstance(error, StaleState) for error in refusals(results))
    assert Application.objects.count() == Submission.objects.count() == 1


def test_a_double_click_is_one_application(buyer, race, books_balance, applying):
    key = applying.key_of(buyer, applying.shop_wish())

    results = race(lambda _n: services.apply(wish=applying.shop_wish(), form_key=key, actor=buyer), range(4))

    assert len({row.pk for row in results}) == 1
    assert Application.objects.count() == 1


def test_of_two_shops_that_look_alike_one_is_opened(
    buyer, stranger, admin, superadmin, race, books_balance, applying
):
    first, second = (
        applying.apply(buyer, applying.shop_wish("Beans")),
        applying.apply(stranger, applying.shop_wish("Bеаns")),
    )

    results = race(lambda pair: applying.decide(*pair), [(first, admin), (second, superadmin)])

    assert [error.field for error in refusals(results)] == ["shop_name"]
    assert SellerProfile.objects.count() == 1
    assert Application.objects.filter(status="pending").count() == 1


def test_one_admin_has_the_case(buyer, admin, superadmin, race, books_balance, applying):
    submission = applying.submission_of(applying.apply(buyer, applying.shop_wish()))
    mark = mark_of_assignment(submission)

    results = race(
        lambda actor: assign(submission_id=submission.pk, to_me=True, actor=actor, expected=mark),
        [admin, superadmin],
    )

    assert [type(error) for error in refusals(results)] == [StaleState]


def test_control_without_locks_two_admins_have_the_case(
    needs_row_locks, buyer, admin, superadmin, race, without_locks, applying
):
    submission = applying.submission_of(applying.apply(buyer, applying.shop_wish()))
    mark = mark_of_assignment(submission)
    without_locks(rivals=2)

    results = race(
        lambda actor: assign(submission_id=submission.pk, to_me=True, actor=actor, expected=mark),
        [admin, superadmin],
    )

    assert refusals(results) == []
