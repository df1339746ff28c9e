"""Listings in every state but the shop window. Days ago, all of it.

One is still being written, one waits, one was sent back, one was turned down; one was taken in and is paused, one
archived. One is suspended: nothing suspends a listing yet, so the store makes it so.
"""

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from marketplace.accounts.models import User
from marketplace.common.authorisation import SYSTEM
from marketplace.products.models import Product
from marketplace.products.services import (
    Changes,
    Move,
    add_image,
    duplicate_listing,
    edit_listing,
    move_listing,
)
from marketplace.products.states import ListingStatus
from marketplace.reviewing.states import Decision
from site_config.acts import form_key, products

from . import studio
from .goods import kitchen
from .people import ADMIN

Entry = tuple[float, Callable[[], object]]


@dataclass(frozen=True)
class Wanted:
    """A listing to be, like one that its seller has: how it is called, when it was written and handed in (if it was),
    the answer, and what its seller did with it the day after."""

    like: str
    title: str
    ago: float
    decision: str = ""
    reason: str = ""
    then: Move | None = None
    handed_in: bool = True


WANTED = [
    Wanted("Raspberry Stoneware Teapot, 1.2 l", "Raspberry Stoneware Teapot, 0.6 l", 0.8),
    Wanted(
        "Cast-Iron Skillet, 26 cm",
        "Cast-Iron Skillet, Seconds",
        2.4,
        Decision.ASK_FOR_CHANGES,
        "Please say what is wrong with the seconds: scratches, colour, or how flat they are.",
    ),
    Wanted(
        "Cook's Knife, 20 cm",
        "Cook's Knife, a famous brand's, copied",
        4.1,
        Decision.REJECT,
        "Copies of somebody else's goods are not sold here.",
    ),
    Wanted("Cook's Knife, 20 cm", "Cook's Knife, 16 cm", 0.2, handed_in=False),
    Wanted("Morning Cup with Saucer", "Evening Cup with Saucer", 7.2, Decision.APPROVE, then=Move.PAUSE),
    Wanted("Serving Spoon, Mirror Polished", "Salad Servers", 9.6, Decision.APPROVE, then=Move.ARCHIVE),
]
SUSPENDED = Wanted("Everyday Dinner Set, One Place", "Party Dinner Set, Six Places", 11.3)


def diary(people: Mapping[str, int]) -> Iterator[Entry]:
    """What happened: each was written and handed in, and most were answered half a day later."""
    for wanted in WANTED:
        yield wanted.ago, lambda one=wanted: _write(one)
        if wanted.decision:
            yield wanted.ago - 0.5, lambda one=wanted: _answer(one, User.objects.get(pk=people[ADMIN.email]))
        if wanted.then:
            yield wanted.ago - 1.5, lambda one=wanted: _move(one)
    yield SUSPENDED.ago, _suspended


def _write(wanted: Wanted) -> None:
    source = Product.objects.select_related("seller").get(title=wanted.like)
    if Product.objects.filter(seller=source.seller_id, title=wanted.title).exists():
        return
    draft = duplicate_listing(
        product_id=source.pk,
        actor=source.seller,
        form_key=form_key(source.seller, "listing_duplicate", source.pk),
    )
    edit_listing(product_id=draft.pk, changes=Changes(title=wanted.title), actor=source.seller)
    if wanted.handed_in:
        products.hand_in(Product.objects.select_related("seller").get(pk=draft.pk))


def _answer(wanted: Wanted, admin: User) -> None:
    product = Product.objects.filter(title=wanted.title, status="pending").first()
    if product is not None:
        products.decide(products.submission_of(product), admin, wanted.decision, wanted.reason)


def _move(wanted: Wanted) -> None:
    product = Product.objects.filter(title=wanted.title, status=ListingStatus.LIVE).first()
    if product is not None and wanted.then:
        move_listing(product_id=product.pk, move=wanted.then, actor=product.seller)


def _suspended() -> None:
    like = Product.objects.select_related("seller", "category", "brand").get(title=SUSPENDED.like)
    if Product.objects.filter(seller=like.seller_id, title=SUSPENDED.title).exists():
        return
    product = products.offer(
        like.seller,
        like.category,
        title=SUSPENDED.title,
        brand=like.brand,
        description=like.description,
        price=like.price * 5,
        stock=0,
        status=ListingStatus.SUSPENDED,
    )
    item = next(item for item in kitchen.ITEMS if item.title == SUSPENDED.like)
    picture = studio.photograph(
        item.cutout, product=product.title, palette=kitchen.PALETTE, shot=studio.TOGETHER
    )
    add_image(product_id=product.pk, file=io.BytesIO(picture), alt_text=item.shows, actor=SYSTEM)
