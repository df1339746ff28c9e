"""What the back office reads of shops: who sells, who may not, who is away, and what of theirs is under way."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from marketplace.accounts.models import SellerProfile, User
from marketplace.accounts.selectors import closed_shops
from marketplace.accounts.shown import mark_of_suspension
from marketplace.common import clock
from marketplace.common.cleaning import clean_line, fold
from marketplace.common.counts import Count, count_up_to
from marketplace.common.cursors import read_cursor, write_cursor
from marketplace.orders.models import Shipment
from marketplace.orders.states import FINAL
from marketplace.products.selectors import count_live_of
from marketplace.wallet.models import ReserveChange, Wallet
from marketplace.wallet.reserves import ReserveTerms, last_change, reserved, terms_of
from marketplace.wallet.shown import mark_of_reserve

PAGE_SIZE = 25
MOST_COUNTED = 99


@dataclass(frozen=True)
class ShopPage:
    """Some shops, the newest first, and the cursor of the next page ("": the last)."""

    rows: list[SellerProfile]
    next_after: str


@dataclass(frozen=True)
class ShopCase:
    """One shop as staff read it."""

    shop: SellerProfile
    is_away: bool
    listings: Count
    under_way: Count
    reserve: ReserveTerms
    reserve_mark: str
    reserve_change: ReserveChange | None
    reserve_held: int
    """What is kept back of its sales right now, in minor units."""

    @property
    def mark(self) -> str:
        """What the forms that suspend it and lift that are drawn for."""
        return mark_of_suspension(self.shop)


def shops_for(user: User) -> QuerySet[SellerProfile]:
    """The shops whose case this person may read: all of them for staff, else none."""
    shops = SellerProfile.objects.select_related("user__profile")
    return shops if user.is_store_staff else shops.none()


def shops_page(
    user: User, *, search: str = "", closed: bool = False, after: str = "", size: int = PAGE_SIZE
) -> ShopPage:
    """Shops by name or their seller's e-mail address, `size` after the cursor: one query."""
    found = shops_for(user)
    if closed:
        found = found.filter(pk__in=closed_shops(clock.now()).values("pk"))
    if text := clean_line(search):
        found = found.filter(Q(name_key__contains=fold(text)) | Q(user__email__contains=fold(text)))
    match read_cursor(after):
        case [int() as pk]:
            found = found.filter(pk__lt=pk)
    rows = list(found.order_by("-pk")[: size + 1])
    return ShopPage(rows[:size], write_cursor(rows[size - 1].pk) if len(rows) > size else "")


def shop_case(user: User, slug: str) -> ShopCase | None:
    """One shop; None where there is none or this person may not read it."""
    shop = shops_for(user).filter(slug=slug).first()
    if shop is None:
        return None
    wallet = Wallet.objects.filter(owner_id=shop.pk).first()
    under_way = Shipment.objects.filter(seller=shop.pk).exclude(status__in=FINAL)
    return ShopCase(
        shop,
        shop.is_away(clock.now()),
        count_live_of(shop.pk),
        count_up_to(under_way, MOST_COUNTED),
        terms_of(wallet),
        mark_of_reserve(wallet),
        last_change(shop.pk),
        reserved(shop.pk),
    )
