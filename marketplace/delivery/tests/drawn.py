"""What can be done with a parcel by a form, and what a rival does to the parcel after the form was drawn.

Each rival leaves the step possible: without a comparison it would be done to what nobody has read.
"""

import io
from collections.abc import Callable

from PIL import Image

from marketplace.common.idempotency import new_form_key
from marketplace.delivery import services
from marketplace.delivery.models import Attempt, Courier, Delivery, Proof, ProofTry
from marketplace.delivery.services import cancelling, completing, proofs, reassigning, stepping_in
from marketplace.delivery.shown import mark_of
from marketplace.orders.models import Shipment, ShipmentEvent
from marketplace.wallet.models import Transaction

STEPS = (cancelling, completing, proofs, reassigning, stepping_in)


def photo() -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (20, 20)).save(file, "JPEG")
    file.seek(0)
    return file


def everything() -> list:
    """All that one of the steps could write."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Shipment, ShipmentEvent, Delivery, Attempt, Proof, ProofTry, Courier, Transaction)
    ]


class Story:
    """A parcel in the state that a page showed, the `rival` that changes it, and the `step` that the page offers.

    `mark` is what the page was drawn for; `step(mark)` sends its form.
    """

    def __init__(self, request, tell: "Callable[[Story], tuple[Callable, Callable]]") -> None:
        self.fixture = request.getfixturevalue
        self.admin = self.fixture("admin")
        self.rival, self.step = tell(self)
        self.mark = self.fresh_mark()

    def fresh_mark(self) -> str:
        return mark_of(self.job.shipment_id)

    def by_staff(self, call: Callable, **given) -> Callable:
        return lambda expected: call(
            shipment_id=self.job.shipment_id, actor=self.admin, expected=expected, **given
        )

    def send_back(self) -> None:
        services.send_back(shipment_id=self.job.shipment_id, actor=self.admin, reason="Recalled")

    def hand_over(self) -> None:
        other = self.fixture("other_courier")
        services.reassign(
            shipment_id=self.job.shipment_id, actor=self.admin, courier_id=other.pk, reason="Flat tyre"
        )

    def key(self, user, action: str, subject: int) -> str:
        return new_form_key(user_id=user.pk, action=action, subject=subject)


def _bypass(story: Story):
    story.job = story.fixture("on_its_way")()
    key = story.key(story.admin, "bypass_proof", story.job.shipment_id)
    return story.send_back, lambda expected: services.bypass_proof(
        shipment_id=story.job.shipment_id,
        actor=story.admin,
        reason="Seen",
        photo=photo(),
        form_key=key,
        expected=expected,
    )


def _reissue(story: Story):
    story.job = story.fixture("on_its_way")()

    def rival() -> None:
        story.send_back()
        Proof.objects.update(issued_by=None)  # or it counts as a double click of the admin's

    return rival, story.by_staff(services.reissue_proof)


def _send_back(story: Story):
    story.job = story.fixture("on_its_way")()
    return story.hand_over, story.by_staff(services.send_back, reason="Recalled")


def _reassign(story: Story):
    story.job = story.fixture("on_its_way")()
    third = story.fixture("person")("delivery")
    return story.hand_over, story.by_staff(services.reassign, courier_id=third.pk, reason="They asked")


def _take_back(story: Story):
    story.job = story.fixture("claimed")()
    return story.hand_over, story.by_staff(services.reassign, reason="They asked")


def _void(story: Story):
    story.job = story.fixture("on_its_way")()
    attempt = story.fixture("fail")(story.job, "absent")
    return story.hand_over, lambda expected: services.void_attempt(
        attempt_id=attempt.pk, actor=story.admin, reason="At home", expected=expected
    )


def _cancel(story: Story):
    story.job = story.fixture("claimed")()
    return story.hand_over, story.by_staff(services.cancel_shipment, reason="Recalled")


def _cancel_line(story: Story):
    story.job = story.fixture("claimed")()
    buyer, line = story.job.shipment.order.buyer, story.job.shipment.lines.get()
    return story.hand_over, lambda expected: services.cancel_line(
        line_id=line.pk,
        quantity=1,
        actor=buyer,
        form_key=story.key(buyer, "cancel_line", line.pk),
        expected=expected,
    )


def _complete(story: Story):
    """Nothing leaves it possible to complete what was not delivered when the page was drawn, but the delivery."""
    story.job = story.fixture("on_its_way")()
    return lambda: story.fixture("confirm")(story.job), story.by_staff(
        services.complete_shipment, reason="They told us"
    )


STORIES = {
    "bypass": _bypass,
    "reissue": _reissue,
    "send back": _send_back,
    "reassign": _reassign,
    "take back": _take_back,
    "void": _void,
    "cancel": _cancel,
    "cancel a line": _cancel_line,
    "complete": _complete,
}
