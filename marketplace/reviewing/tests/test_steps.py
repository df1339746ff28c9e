"""What happens to a submission: who may decide, once, about what they read, and about nobody they are tied to."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from marketplace.accounts.models import Role, User
from marketplace.applications.reviewed import SELLER_APPLICATION
from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import Invalid, InvalidTransition, StaleState
from marketplace.common.transactions import service
from marketplace.delivery.services import cancel_shipment
from marketplace.reviewing.conflicts import ConflictOfInterest, are_tied
from marketplace.reviewing.models import Submission, SubmissionEvent
from marketplace.reviewing.services import assign, steps
from marketplace.reviewing.services.steps import DecidedAlready
from marketplace.reviewing.shown import mark_of_assignment, mark_of_submission
from marketplace.reviewing.states import NEXT, OPEN, Decision, SubmissionStatus

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

APPROVED, REJECTED, CHANGES = (
    SubmissionStatus(decision.value)
    for decision in (Decision.APPROVE, Decision.REJECT, Decision.ASK_FOR_CHANGES)
)


def everything() -> list[list[dict]]:
    return [list(model.objects.order_by("pk").values()) for model in (Submission, SubmissionEvent)]


@service
def hand_in(person) -> Submission:
    """The person's own row is the subject: what it is makes no difference here."""
    return steps.submit(subject=person, kind=SELLER_APPLICATION, submitter_id=person.pk)


@service
def decide(submission, decision, actor, *, reason="Because", expected=None, facts=(), parties=()):
    locked = steps.lock_submission(submission.pk)
    return steps.decide(
        locked,
        decision=decision,
        reason=reason,
        actor=actor,
        expected=expected,
        facts=facts,
        parties=parties,
    )


@service
def again(submission, actor) -> Submission:
    return steps.submit_again(steps.lock_submission(submission.pk), actor=actor)


@service
def take_back(submission, actor) -> Submission:
    return steps.withdraw(steps.lock_submission(submission.pk), actor=actor)


def in_state(status, person, admin) -> Submission:
    submission = hand_in(person)
    if status == SubmissionStatus.WITHDRAWN:
        return take_back(submission, person)
    if status != SubmissionStatus.SUBMITTED:
        return decide(submission, status, admin)[0]
    return submission


class TestDeciding:
    @pytest.mark.parametrize("decision", Decision)
    def test_is_written_down(self, buyer, admin, decision):
        submission, is_new = decide(hand_in(buyer), decision, admin, reason=" Because ")

        submission.refresh_from_db()
        assert is_new
        assert (submission.status, submission.reason) == (decision.value, "Because")
        assert (submission.decided_by, submission.is_open) == (admin, decision is Decision.ASK_FOR_CHANGES)
        assert (submission.open_key is not None) == submission.is_open
        assert list(submission.events.values_list("from_status", "to_status", "actor", "reason")) == [
            ("", "submitted", buyer.pk, ""),
            ("submitted", decision.value, admin.pk, "Because"),
        ]

    @pytest.mark.parametrize("decision", [Decision.REJECT, Decision.ASK_FOR_CHANGES])
    def test_a_refusal_says_why(self, buyer, admin, decision):
        submission = hand_in(buyer)
        before = everything()

        for reason in ("", " \n", "x" * 301):
            with pytest.raises(Invalid) as refusal:
                decide(submission, decision, admin, reason=reason)
            assert refusal.value.field == "reason"

        assert everything() == before

    def test_an_approval_need_not(self, buyer, admin):
        assert decide(hand_in(buyer), Decision.APPROVE, admin, reason="")[0].reason == ""

    @pytest.mark.parametrize("word", ["", "submitted", "withdrawn", "burn"])
    def test_another_word_is_no_decision(self, buyer, admin, word):
        submission = hand_in(buyer)
        before = everything()

        with pytest.raises(Invalid) as refusal:
            decide(submission, word, admin)

        assert refusal.value.field == "decision"
        assert everything() == before

    def test_the_second_one_reads_the_first(self, buyer, admin, superadmin):
        submission = hand_in(buyer)
        decide(submission, Decision.REJECT, admin, reason="No such goods here")
        before = everything()

        for decision in Decision:
            with pytest.raises(DecidedAlready) as refusal:
                decide(submission, decision, superadmin)
            assert str(refusal.value) == "Ada has decided already: Rejected. Reason: No such goods here"
            assert (refusal.value.status, refusal.value.code) == (409, "decided_already")

        assert everything() == before

    @pytest.mark.parametrize("decision", Decision)
    def test_the_same_ones_second_click_is_done_already(self, buyer, admin, decision):
        submission = hand_in(buyer)
        mark = mark_of_submission(submission)
        decide(submission, decision, admin, expected=mark)
        before = everything()

        assert decide(submission, decision, admin, expected=mark)[1] is False
        with pytest.raises(DecidedAlready):
            decide(submission, decision, admin, reason="Another one", expected=mark)

        assert everything() == before

    def test_rests_on_what_was_read(self, buyer, admin):
        submission = hand_in(buyer)
        mark = mark_of_submission(submission)
        decide(submission, Decision.ASK_FOR_CHANGES, admin, expected=mark)
        submission = again(submission, buyer)
        before = everything()

        for expected in (mark, "", mark_of_submission(submission, "version 2")):
            with pytest.raises(StaleState):
                decide(submission, Decision.APPROVE, admin, expected=expected)
        with pytest.raises(StaleState):
            decide(
                submission, Decision.APPROVE, admin, expected=mark_of_submission(submission), facts=["v. 3"]
            )

        assert everything() == before
        fresh = mark_of_submission(submission, "v. 3")
        assert decide(submission, Decision.APPROVE, admin, expected=fresh, facts=["v. 3"])[1]


class TestWhoDecides:
    def test_staff_and_nobody_else(self, buyer, seller, courier, stranger):
        submission = hand_in(buyer)
        before = everything()

        for actor in (buyer, seller, courier, stranger):
            with pytest.raises(PermissionDenied):
                decide(submission, Decision.APPROVE, actor)
            with pytest.raises(PermissionDenied):
                assign(submission_id=submission.pk, to_me=True, actor=actor)

        assert everything() == before

    def test_nobody_about_their_own(self, admin, superadmin):
        submission = hand_in(admin)
        before = everything()

        with pytest.raises(ConflictOfInterest):
            decide(submission, Decision.APPROVE, admin)
        with pytest.raises(ConflictOfInterest):
            assign(submission_id=submission.pk, to_me=True, actor=admin)

        assert everything() == before
        assert decide(submission, Decision.APPROVE, superadmin)[1]

    def test_nor_about_what_they_are_a_party_to(self, buyer, admin):
        submission = hand_in(buyer)

        with pytest.raises(ConflictOfInterest):
            decide(submission, Decision.APPROVE, admin, parties=[admin.pk])

    @pytest.mark.parametrize(
        ("mine", "theirs"),
        [
            ("buyer", "seller"),
            ("seller", "buyer"),
            ("buyer", "courier"),
            ("courier", "buyer"),
            ("seller", "courier"),
            ("courier", "seller"),
        ],
    )
    def test_nor_about_somebody_they_have_a_parcel_with(self, mine, theirs, request, superadmin, claimed):
        """Who works here may have bought, sold or carried before; once it is over, they may decide."""
        job = claimed()
        people = {name: request.getfixturevalue(name) for name in ("buyer", "seller", "courier")}
        submission = hand_in(people[theirs])
        User.objects.filter(pk=people[mine].pk).update(role=Role.ADMIN)
        colleague = User.objects.get(pk=people[mine].pk)
        before = everything()

        with pytest.raises(ConflictOfInterest) as refusal:
            decide(submission, Decision.APPROVE, colleague)

        assert "an order, a parcel or money with each other" in str(refusal.value)
        assert everything() == before
        cancel_shipment(shipment_id=job.shipment_id, actor=superadmin, reason="Closed")
        assert decide(submission, Decision.APPROVE, colleague)[1]

    def test_people_of_different_parcels_are_not_tied(self, buyer, stranger, seller, placed):
        placed()

        assert are_tied(buyer.pk, seller.pk)
        assert not are_tied(buyer.pk, stranger.pk)
        assert not are_tied(stranger.pk, seller.pk)


class TestHandingIn:
    def test_one_is_open_a_subject(self, buyer, admin):
        submission = hand_in(buyer)
        for _again in range(2):
            with pytest.raises(StaleState):
                hand_in(buyer)
            decide(submission, Decision.ASK_FOR_CHANGES, admin)

        again(submission, buyer)
        decide(submission, Decision.REJECT, admin)
        assert hand_in(buyer).pk != submission.pk

    def test_again_after_changes_it_waits_anew(self, buyer, admin):
        submission = decide(hand_in(buyer), Decision.ASK_FOR_CHANGES, admin)[0]
        asked_at = submission.decided_at

        submission = again(submission, buyer)

        submission.refresh_from_db()
        assert (submission.round, submission.status, submission.reason) == (2, "submitted", "")
        assert (submission.decided_by, submission.decided_at) == (None, None)
        assert submission.submitted_at >= asked_at
        assert submission.assigned_to == admin, "who asked for it looks at it again"
        assert submission.events.count() == 3

    def test_only_by_who_had_sent_it(self, buyer, admin, stranger):
        submission = decide(hand_in(buyer), Decision.ASK_FOR_CHANGES, admin)[0]
        before = everything()

        for actor in (admin, stranger):
            for step in (again, take_back):
                with pytest.raises(PermissionDenied):
                    step(submission, actor)

        assert everything() == before

    def test_taking_it_back_twice_is_once(self, buyer):
        submission = hand_in(buyer)
        take_back(submission, buyer)
        before = everything()

        take_back(submission, buyer)

        assert everything() == before


@pytest.mark.parametrize("status", SubmissionStatus)
@pytest.mark.parametrize("to", SubmissionStatus)
def test_a_step_that_is_not_in_the_table_is_refused(status, to, buyer, admin):
    submission = in_state(status, buyer, admin)
    if to in NEXT[status]:
        keys = {} if to in OPEN else {"open_key": None}
        decided = (
            {}
            if to in (SubmissionStatus.SUBMITTED, SubmissionStatus.WITHDRAWN)
            else {"decided_at": submission.submitted_at, "reason": "Because"}
        )
        undone = {"decided_at": None} if not decided else {}
        with transaction.atomic():
            step = service(steps.advance)(submission, to, SYSTEM, **keys, **decided, **undone)
        assert step.status == to
        return
    before = everything()

    with pytest.raises(InvalidTransition):
        service(steps.advance)(submission, to, SYSTEM)

    assert everything() == before
    assert submission.status == status


class TestAssigning:
    def test_a_case_is_somebodys_and_nobodys_again(self, buyer, admin):
        submission = hand_in(buyer)

        for _again in range(2):
            assert assign(submission_id=submission.pk, to_me=True, actor=admin).assigned_to == admin
        for _again in range(2):
            assert assign(submission_id=submission.pk, to_me=False, actor=admin).assigned_to is None

    def test_a_colleagues_case_is_taken_over_knowingly(self, buyer, admin, superadmin):
        submission = hand_in(buyer)
        free = mark_of_assignment(submission)
        submission = assign(submission_id=submission.pk, to_me=True, actor=admin, expected=free)
        before = everything()

        with pytest.raises(StaleState):
            assign(submission_id=submission.pk, to_me=True, actor=superadmin, expected=free)

        assert everything() == before
        mark = mark_of_assignment(submission)
        taken = assign(submission_id=submission.pk, to_me=True, actor=superadmin, expected=mark)
        assert taken.assigned_to == superadmin

    def test_what_is_decided_is_nobodys_to_take(self, buyer, admin, superadmin):
        submission = decide(hand_in(buyer), Decision.APPROVE, admin)[0]

        with pytest.raises(StaleState):
            assign(submission_id=submission.pk, to_me=True, actor=superadmin)
