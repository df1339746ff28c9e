"""Photos of doors and parcels: who may see them."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.db.models.fields.files import FieldFile

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.delivery.models import Attempt, Proof

COURIER_SEES_FOR = timedelta(days=30)


@dataclass(frozen=True)
class VisiblePhotos:
    """The tries and the proofs whose photo somebody may see."""

    attempts: QuerySet[Attempt]
    proofs: QuerySet[Proof]


def visible_photos(user: User) -> VisiblePhotos:
    """Those of what one sends or receives, the courier's own of the last 30 days, staff's all."""
    attempts = Attempt.objects.exclude(photo="")
    proofs = Proof.objects.exclude(photo="")
    if user.is_store_staff:
        return VisiblePhotos(attempts, proofs)
    party = Q(consignment__sender=user) | Q(consignment__receiver=user)
    since = clock.now() - COURIER_SEES_FOR
    return VisiblePhotos(
        attempts.filter(party | Q(delivery__courier=user, at__gte=since)),
        proofs.filter(party | Q(delivery__courier=user, used_at__gte=since)),
    )


def photo_by_id(user: User, public_id: str) -> FieldFile | None:
    """The photo with this public name, if `user` may see it."""
    photos = visible_photos(user)
    row = (
        photos.attempts.filter(public_id=public_id).first()
        or photos.proofs.filter(public_id=public_id).first()
    )
    return row.photo if row else None
