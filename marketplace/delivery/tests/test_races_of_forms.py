"""A form is sent while somebody changes what it was drawn for: the comparison is made once the shipment is locked.

The control compares what was read before the lock, and so does what nobody has read (not on SQLite: its BEGIN
IMMEDIATE lets no rival in between).
"""

import threading

import pytest
from django.db import connections

from marketplace.common import shown as marks
from marketplace.common.errors import StaleState
from marketplace.delivery.services import locks

from .drawn import STEPS, STORIES, Story, everything

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


class InBetween:
    """`lock_shipment`, before whose first call another connection does what the rival does."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.mark_before = ""
        self.after: list = []

    def __call__(self, shipment_id: int):
        if not self.mark_before:
            self.mark_before = self.story.fresh_mark()
            rival = threading.Thread(target=self._run)
            rival.start()
            rival.join(timeout=30)
            assert self.after, "the rival never came back"
        return locks.lock_shipment(shipment_id)

    def _run(self) -> None:
        try:
            self.story.rival()
            self.after = everything()
        finally:
            connections.close_all()


@pytest.fixture(params=STORIES.values(), ids=STORIES)
def raced(request, locks_rows, monkeypatch) -> InBetween:
    if not locks_rows:
        pytest.skip("SQLite's BEGIN IMMEDIATE locks everything")
    rival = InBetween(Story(request, request.param))
    for module in STEPS:
        monkeypatch.setattr(module, "lock_shipment", rival)
    return rival


def test_who_was_quicker_is_not_undone(raced):
    with pytest.raises(StaleState):
        raced.story.step(raced.story.mark)

    assert everything() == raced.after


def test_control_what_was_read_before_the_lock_is_no_comparison(raced, monkeypatch):
    def too_early(expected, shipment) -> None:
        marks.require_as_shown(expected, raced.mark_before)

    for module in STEPS:
        monkeypatch.setattr(module, "require_as_shown", too_early)

    raced.story.step(raced.story.mark)

    assert everything() != raced.after
