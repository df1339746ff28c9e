"""Many at once on one listing's edit: begun twice, decided twice; begun, or handed in, while it is archived."""

from threading import Event

import pytest

from marketplace.accounts.models import Role
from marketplace.common.errors import StaleState
from marketplace.products import services
from marketplace.products.models import ListingEdit, ListingVersion, Product
from marketplace.products.services import Move, offering, review
from marketplace.products.shown import mark_of_listing
from marketplace.reviewing.models import Submission
from marketplace.reviewing.services.steps import DecidedAlready

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def needs_row_locks(locks_rows):
    if not locks_rows:
        pytest.skip("SQLite's BEGIN IMMEDIATE locks everything")


class TestTwoWhoBeginAtOnce:
    def begin_both(self, product, seller, race):
        return race(lambda _: services.begin_edit(product_id=product.pk, actor=seller), range(2))

    def test_have_one_edit(self, shirt, seller, race, books_balance):
        first, second = self.begin_both(shirt, seller, race)

        assert first == second == ListingEdit.objects.get()
        assert first.pictures.count() == 2

    def test_control_without_the_listings_lock_one_of_them_breaks(
        self, shirt, seller, race, needs_row_locks, without_locks
    ):
        without_locks(2)

        results = self.begin_both(shirt, seller, race)

        assert sum(isinstance(result, ListingEdit) for result in results) == 1


class TestTwoAdminsWhoDecideAtOnce:
    def decide_both(self, submission, person, race):
        rivals = [(person(Role.ADMIN), "approved"), (person(Role.ADMIN), "rejected")]
        return race(
            lambda rival: services.decide_edit(
                submission_id=submission.pk, decision=rival[1], reason="Because", actor=rival[0]
            ),
            rivals,
        )

    def test_one_has_decided_and_the_other_reads_what(self, shirt, hand_in_edit, person, race, books_balance):
        results = self.decide_both(hand_in_edit(shirt, title="Good shirt"), person, race)

        assert sorted(type(result) for result in results if isinstance(result, Exception)) == [DecidedAlready]
        edit = ListingEdit.objects.get()
        assert Product.objects.get().content_number == (2 if edit.status == "confirmed" else 1)
        assert ListingVersion.objects.count() == (edit.status == "confirmed")

    @pytest.mark.breaks_books
    def test_control_without_locks_the_other_does_not(
        self, shirt, hand_in_edit, person, race, needs_row_locks, without_locks
    ):
        submission = hand_in_edit(shirt, title="Good shirt")
        without_locks(2)

        results = self.decide_both(submission, person, race)

        assert not any(isinstance(result, DecidedAlready) for result in results)


class TestAnEditThatIsBegunWhileItsListingIsArchived:
    def archive_and_begin(self, product, seller, race, monkeypatch):
        """Archiving has looked for edits and found none; then one is begun; then it goes on."""
        has_looked, is_begun, lock = Event(), Event(), offering.lock_under_review

        def look_then_wait(product_ids):
            found = lock(product_ids)
            has_looked.set()
            is_begun.wait(timeout=10)
            return found

        def begin():
            has_looked.wait(timeout=10)
            services.begin_edit(product_id=product.pk, actor=seller)
            is_begun.set()

        monkeypatch.setattr(offering, "lock_under_review", look_then_wait)
        archive = lambda: services.move_listing(product_id=product.pk, move=Move.ARCHIVE, actor=seller)  # noqa: E731
        archived, _begun = race(lambda action: action(), [archive, begin])
        return archived

    def test_refuses_to_archive_it_unseen(
        self, shirt, seller, race, needs_row_locks, monkeypatch, books_balance
    ):
        archived = self.archive_and_begin(shirt, seller, race, monkeypatch)

        assert isinstance(archived, StaleState)
        assert (Product.objects.get().status, ListingEdit.objects.get().status) == ("live", "draft")

    @pytest.mark.breaks_books
    def test_control_without_a_second_look_it_stays_open(
        self, shirt, seller, race, needs_row_locks, monkeypatch
    ):
        monkeypatch.setattr(services.edit_steps.UnderReview, "begun_since", lambda self, ids: set())

        self.archive_and_begin(shirt, seller, race, monkeypatch)

        assert (Product.objects.get().status, ListingEdit.objects.get().status) == ("archived", "draft")


class TestAListingThatIsHandedInWhileItIsTakenAway:
    """Archiving, or taking back, has looked for a submission and found none; then one is handed in; then it goes on."""

    @pytest.fixture
    def draft(self, make_product, seller, show):
        made = make_product(status="draft", description="Of brass.")
        show(made, alt_text="A lamp")
        return made

    def take_away_and_hand_in(self, draft, seller, race, monkeypatch, away, place, name):
        has_looked, is_in, lock = Event(), Event(), getattr(place, name)

        def look_then_wait(product_ids):
            found = lock(product_ids)
            if not has_looked.is_set():
                has_looked.set()
                is_in.wait(timeout=10)
            return found

        def hand_in():
            has_looked.wait(timeout=10)
            monkeypatch.setattr(place, name, lock)
            services.submit(product_id=draft.pk, actor=seller)
            is_in.set()

        monkeypatch.setattr(place, name, look_then_wait)
        taken, handed_in = race(lambda action: action(), [away, hand_in])
        assert handed_in is None
        return taken

    def archive(self, draft, seller, race, monkeypatch):
        away = lambda: services.move_listing(product_id=draft.pk, move=Move.ARCHIVE, actor=seller)  # noqa: E731
        return self.take_away_and_hand_in(
            draft, seller, race, monkeypatch, away, offering, "lock_under_review"
        )

    def archive_with_others(self, draft, seller, race, monkeypatch):
        marks = {draft.pk: mark_of_listing(draft.pk, "pending")}
        away = lambda: services.move_listings(marks=marks, move=Move.ARCHIVE, actor=seller)  # noqa: E731
        return self.take_away_and_hand_in(
            draft, seller, race, monkeypatch, away, offering, "lock_under_review"
        )

    def take_back(self, draft, seller, race, monkeypatch):
        away = lambda: services.withdraw(product_id=draft.pk, actor=seller)  # noqa: E731
        return self.take_away_and_hand_in(draft, seller, race, monkeypatch, away, review, "lock_submissions")

    @pytest.mark.parametrize("way", ["archive", "archive_with_others", "take_back"])
    def test_waits_for_its_decision_as_it_was_handed_in(
        self, draft, seller, race, needs_row_locks, monkeypatch, books_balance, way
    ):
        taken = getattr(self, way)(draft, seller, race, monkeypatch)

        assert isinstance(taken, StaleState) or [why for _row, why in taken.refused]
        assert (Product.objects.get().status, Submission.objects.get().status) == ("pending", "submitted")

    @pytest.mark.breaks_books
    @pytest.mark.parametrize("way", ["archive", "archive_with_others", "take_back"])
    def test_control_without_a_second_look_nobody_can_decide_it(
        self, draft, seller, race, needs_row_locks, monkeypatch, way
    ):
        monkeypatch.setattr(services.edit_steps, "handed_in_since", lambda ids, submissions: set())
        monkeypatch.setattr(review, "handed_in_since", lambda ids, submissions: set())

        getattr(self, way)(draft, seller, race, monkeypatch)

        assert Product.objects.get().status in ("archived", "draft")
        assert Submission.objects.get().is_open
