"""Where a parcel is, for whoever has its link: no name, no address, no price, no goods, nobody's words."""

from dataclasses import dataclass
from datetime import timedelta

from django.core.signing import BadSignature, TimestampSigner
from django.utils.translation import gettext as _

from marketplace.delivery.models import SHIPMENT, Attempt
from marketplace.delivery.services.jobs import consignment_key
from marketplace.delivery.states import AttemptOutcome
from marketplace.orders.models import Shipment, ShipmentEvent
from marketplace.orders.selectors import Step, steps_of
from marketplace.orders.states import TONES, ShipmentStatus

GOOD_FOR = timedelta(days=60)
_signer = TimestampSigner(salt="tracking")


@dataclass(frozen=True)
class TrackView:
    """A shipment as its tracking link shows it."""

    number: str
    label: str
    tone: str
    steps: list[Step]


def tracking_token(shipment: Shipment) -> str:
    """What opens the tracking page of a shipment to whoever has it, for 60 days from now."""
    return _signer.sign(shipment.number)


def shipment_by_token(token: str) -> Shipment | None:
    """The shipment that a token of ours opens; None for one that is forged or too old."""
    try:
        number = _signer.unsign(token, max_age=GOOD_FOR)
    except BadSignature:
        return None
    return Shipment.objects.filter(number=number).first()


def track_view(shipment: Shipment) -> TrackView:
    """What the page shows, in two queries."""
    events = list(ShipmentEvent.objects.filter(shipment=shipment).order_by("pk"))
    own = consignment_key(SHIPMENT, shipment.pk)
    failed = Attempt.objects.filter(consignment__key=own, outcome=AttemptOutcome.FAILED).order_by("pk")
    tries = [Step(_("A try at the door did not succeed"), "trouble", one.at) for one in failed]
    status = ShipmentStatus(shipment.status)
    return TrackView(
        number=shipment.number,
        label=str(status.label),
        tone=TONES[status],
        steps=steps_of(shipment, events, tries, say_why=False),
    )
