"""A form that was drawn for one state does nothing to another (docs/reliability.md M24).

Each step is asked for what a page showed before a rival changed it, in a way that leaves the step possible: without
the comparison it would be done to what nobody has read. That is the control.
"""

from datetime import timedelta

import pytest

from marketplace.common import clock
from marketplace.common import shown as marks
from marketplace.common.errors import StaleState
from marketplace.common.idempotency import new_form_key
from marketplace.delivery import services
from marketplace.delivery.models import Attempt, Courier, ProofTry
from marketplace.delivery.shown import mark_of, mark_of_suspension, mark_of_try, mark_of_way
from marketplace.orders.models import Shipment

from .drawn import STEPS, STORIES, Story, everything

pytestmark = pytest.mark.every_database


@pytest.fixture(params=STORIES.values(), ids=STORIES)
def story(request) -> Story:
    return Story(request, request.param)


def test_what_was_drawn_before_a_change_does_nothing(story):
    story.rival()
    before = everything()

    for mark in (story.mark, ""):  # a form that does not say what it was drawn for is stale, too
        with pytest.raises(StaleState, match="has changed since the page was drawn"):
            story.step(mark)

    assert everything() == before


def test_control_without_the_comparison_it_is_done_to_what_nobody_read(story, monkeypatch):
    for module in STEPS:
        monkeypatch.setattr(module, "require_as_shown", lambda expected, shipment: None)
    story.rival()
    before = everything()

    story.step(story.mark)

    assert everything() != before


def test_what_still_is_as_it_was_drawn_is_done(story):
    story.rival()
    before = everything()

    story.step(story.fresh_mark())

    assert everything() != before


def test_a_mark_of_another_parcel_fits_nothing(on_its_way, admin):
    one, other = on_its_way(), on_its_way()

    with pytest.raises(StaleState):
        services.send_back(
            shipment_id=one.shipment_id, actor=admin, reason="Recalled", expected=mark_of(other.shipment_id)
        )


def test_what_is_done_already_stays_a_success(on_its_way, admin):
    """A double click: the second was drawn for what the first has changed."""
    job = on_its_way()
    mark = mark_of(job.shipment_id)
    for _ in range(2):
        services.send_back(shipment_id=job.shipment_id, actor=admin, reason="Recalled", expected=mark)

    assert Shipment.objects.get(pk=job.shipment_id).status == "returning"


# --- what is not a shipment's ---------------------------------------------------------------------


def give(job, code: dict, expected: str | None):
    key = new_form_key(user_id=job.courier_id, action="confirm_delivery", subject=job.pk)
    return services.confirm_delivery(
        delivery_id=job.pk, actor=job.courier, place=None, form_key=key, expected=expected, **code
    )


def test_a_code_for_the_buyers_door_is_no_wrong_try_of_the_sellers(on_its_way, admin, pin_of):
    job = on_its_way()
    mark, pin = mark_of_way(job.pk, job.status), pin_of(job.shipment)
    services.send_back(shipment_id=job.shipment_id, actor=admin, reason="Recalled")

    with pytest.raises(StaleState):
        give(job, {"pin": pin}, mark)
    assert not ProofTry.objects.exists()

    give(job, {"pin": pin}, None)  # the control
    assert ProofTry.objects.filter(right=False).count() == 1


def test_a_new_pin_leaves_the_couriers_form_good(on_its_way, pin_of):
    """Buyers make one at the door, while the courier has the page open."""
    job = on_its_way()
    mark = mark_of_way(job.pk, job.status)
    services.reissue_proof(shipment_id=job.shipment_id, actor=job.shipment.order.buyer)

    assert give(job, {"pin": pin_of(job.shipment)}, mark).result == "confirmed"


def test_a_try_that_was_to_stay_does_not_send_it_back(on_its_way, fail):
    """The page said "try 2 of 3, it stays with you"; another tab has written that one down meanwhile."""
    job = on_its_way()
    fail(job, "absent")
    mark = mark_of_try(job.pk, job.status, 1)
    fail(job, "absent")

    def fail_again(expected: str | None) -> Attempt:
        key = new_form_key(user_id=job.courier_id, action="fail_attempt", subject=job.pk)
        return services.fail_attempt(
            delivery_id=job.pk, actor=job.courier, reason="absent", form_key=key, expected=expected
        )

    with pytest.raises(StaleState):
        fail_again(mark)
    job.refresh_from_db()
    assert (job.status, Attempt.objects.count()) == ("carrying", 2)

    fail_again(None)  # the control
    job.refresh_from_db()
    assert job.status == "returning"


def test_a_later_suspension_is_not_lifted_by_a_form_for_the_one_before(courier, admin):
    Courier.objects.create(pk=courier.pk, claims_suspended_at=clock.now() - timedelta(days=1))
    before = Courier.objects.get(pk=courier.pk)
    mark = mark_of_suspension(before.pk, before.claims_suspended_at)
    Courier.objects.filter(pk=courier.pk).update(claims_suspended_at=clock.now())

    with pytest.raises(StaleState):
        services.lift_suspension(courier_id=courier.pk, actor=admin, expected=mark)
    assert Courier.objects.get(pk=courier.pk).claims_suspended_at

    services.lift_suspension(courier_id=courier.pk, actor=admin)  # the control
    assert not Courier.objects.get(pk=courier.pk).claims_suspended_at


def test_a_mark_tells_no_numbers(on_its_way):
    mark = mark_of(on_its_way().shipment_id)

    assert len(mark) == 24
    assert mark != marks.mark_of("shipment")
