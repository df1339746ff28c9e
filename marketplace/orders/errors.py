"""What a checkout meets between the page and the click."""

from dataclasses import dataclass

from django.db import models


class ProblemKind(models.TextChoices):
    """What is off; the page offers the way out that fits."""

    CART_CHANGED = "cart_changed"
    NOT_FOR_SALE = "not_for_sale"
    SOLD_OUT = "sold_out"
    SHORT = "short"
    PRICE_RISEN = "price_risen"
    TOTAL_RISEN = "total_risen"


@dataclass(frozen=True)
class Problem:
    """One thing in the way of an order, as a sentence; `product_id` is None if it is about all of it."""

    kind: ProblemKind
    sentence: str
    product_id: int | None = None

    def __str__(self) -> str:
        return self.sentence
