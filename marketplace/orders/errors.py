"""What a checkout meets between the page and the click."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext as _

from marketplace.common.errors import StaleState


class OwnGoods(StaleState):
    """Nobody buys from themselves."""

    code = "own_goods"

    def __init__(self) -> None:
        super().__init__(_("These are your own goods; you cannot buy them."))


class ProblemKind(models.TextChoices):
    """What is off; the page offers the way out that fits."""

    CART_CHANGED = "cart_changed"
    NOT_FOR_SALE = "not_for_sale"
    SOLD_OUT = "sold_out"
    SHORT = "short"
    PRICE_RISEN = "price_risen"
    TOTAL_RISEN = "total_risen"
    DELIVERY_RISEN = "delivery_risen"
    TOO_FAR = "too_far"
    COUPON = "coupon"


@dataclass(frozen=True)
class Problem:
    """One thing in the way of an order, as a sentence; `variant_id` is None if it is about all of it."""

    kind: ProblemKind
    sentence: str
    variant_id: int | None = None

    def __str__(self) -> str:
        return self.sentence
