"""What a seller reads of their reductions: which there are, and what one would do before it is saved."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.products.models import CategoryAncestor, Discount, Product, SaleEvent, SaleTarget, Variant
from marketplace.products.prices import (
    Window,
    announced_low,
    best_offer,
    lowest_before,
    percent_off,
    windows_of,
)
from marketplace.products.states import IN_THE_SHOP

MOST_SHOWN = 200
OVER_SHOWN = 20


@dataclass(frozen=True)
class Competitor:
    """Another reduction of the same time, and what a variant would cost by it (minor units)."""

    name: str
    """Of a sale event; "" for a discount."""
    price: int


@dataclass(frozen=True)
class PreviewRow:
    """What one variant would cost by a reduction that is not saved yet, in minor units."""

    title: str
    options: str
    list_price: int
    before: int
    """At the moment when it begins, without it."""
    becomes: int
    """With it: the better one counts, they never add up."""
    lowest_30d: int | None
    percent_shown: int | None
    """What its card says it is reduced by (Directive 98/6/EC, article 6a); None where it may say nothing."""
    competitor: Competitor | None

    @property
    def is_beaten(self) -> bool:
        """Whether another one is at least as good the whole time, so that this one changes nothing."""
        return self.becomes >= self.before


def preview_reduction(variants: Sequence[Variant], reduction: Window) -> list[PreviewRow]:
    """What `reduction` would make of these variants, whose products are at hand: three queries, however many."""
    now = clock.now()
    at = max(now, reduction.starts_at)
    ids = [variant.pk for variant in variants]
    windows = windows_of(ids, now)
    lowest = lowest_before(ids, now)
    events = {window.event_id for found in windows.values() for window in found if window.event_id}
    names = dict(SaleEvent.objects.filter(pk__in=events).values_list("pk", "name"))
    return [
        _preview(variant, reduction, windows.get(variant.pk, []), at, lowest.get(variant.pk), names)
        for variant in variants
    ]


def _preview(
    variant: Variant,
    reduction: Window,
    others: list[Window],
    at: datetime,
    lowest: int | None,
    names: dict[int, str],
) -> PreviewRow:
    before = best_offer(variant.price, others, at).price
    becomes = min(before, reduction.applied_to(variant.price))
    shown = announced_low(price=variant.price, current=becomes, lowest=lowest)
    same_time = [
        other
        for other in others
        if other.starts_at < reduction.ends_at and other.ends_at > reduction.starts_at
    ]
    best = min(same_time, key=lambda other: other.applied_to(variant.price), default=None)
    competitor = None
    if best is not None:
        competitor = Competitor(names.get(best.event_id or 0, ""), best.applied_to(variant.price))
    return PreviewRow(
        title=variant.product.title,
        options=variant.options_text,
        list_price=variant.price,
        before=before,
        becomes=becomes,
        lowest_30d=lowest,
        percent_shown=None if shown is None else percent_off(current=becomes, lowest=shown),
        competitor=competitor,
    )


def goods_to_reduce(
    seller: User, *, text: str = "", ids: Iterable[int] = (), event: SaleEvent | None = None
) -> list[Product]:
    """The seller's listings that are in the shop, the newest first, `MOST_SHOWN` at most: two queries.

    Those with `text` in the title or as the beginning of a SKU; of `ids` only those where they are given; for an
    `event` only those that it takes. Each has its offered variants at hand.
    """
    found = Product.objects.filter(seller=seller, status__in=IN_THE_SHOP)
    if chosen := set(ids):
        found = found.filter(pk__in=chosen)
    if text:
        sku = Variant.objects.filter(product=OuterRef("pk"), seller=seller, sku__startswith=text)
        found = found.filter(Q(title__icontains=text) | Exists(sku))
    if event is not None:
        found = found.filter(_taken_by(event))
    rows = list(found.order_by("-pk").defer("description")[:MOST_SHOWN])
    variants: dict[int, list[Variant]] = {row.pk: [] for row in rows}
    by_id = {row.pk: row for row in rows}
    for variant in Variant.objects.filter(product_id__in=variants, is_offered=True):
        variant.product = by_id[variant.product_id]
        variants[variant.product_id].append(variant)
    for row in rows:
        row.locked_variants = variants[row.pk]
    return rows


def _taken_by(event: SaleEvent) -> Q:
    allowed = SaleTarget.objects.filter(event=event, category__isnull=False).values("category_id")
    if not allowed.exists():
        return Q()
    return Q(category__in=CategoryAncestor.objects.filter(ancestor__in=allowed).values("category_id"))


@dataclass(frozen=True)
class Reductions:
    """A seller's reductions by what they are now, and the events that they can join."""

    running: list[Discount]
    coming: list[Discount]
    over: list[Discount]
    own_events: list[SaleEvent]
    open_events: list[SaleEvent]

    @property
    def has_discounts(self) -> bool:
        return bool(self.running or self.coming or self.over)


def reductions_of(seller: User) -> Reductions:
    """What the seller's page of sales shows: four queries. Events have `mine`: how many of their goods are in."""
    now = clock.now()
    own = Discount.objects.filter(product__seller=seller).select_related("product", "variant__product")
    current = list(own.filter(ends_at__gt=now).order_by("starts_at", "pk")[:MOST_SHOWN])
    mine = Count("targets", filter=Q(targets__product__seller=seller))
    return Reductions(
        running=[row for row in current if row.starts_at <= now],
        coming=[row for row in current if row.starts_at > now],
        over=list(own.filter(ends_at__lte=now).order_by("-ends_at", "-pk")[:OVER_SHOWN]),
        own_events=list(
            SaleEvent.objects.filter(seller=seller).annotate(mine=mine).order_by("-starts_at")[:OVER_SHOWN]
        ),
        open_events=list(
            SaleEvent.objects.filter(is_open=True, ends_at__gt=now).annotate(mine=mine).order_by("starts_at")
        ),
    )


def open_event(slug: str) -> SaleEvent | None:
    """The event of that address that sellers may join, or could until it began; None if there is none."""
    return SaleEvent.objects.filter(slug=slug, is_open=True).first()


def joined(event: SaleEvent, seller: User) -> set[int]:
    """Which of the seller's goods are in an event."""
    own = SaleTarget.objects.filter(event=event, product__seller=seller)
    return set(own.values_list("product_id", flat=True))


def sale_events() -> QuerySet[SaleEvent]:
    """Every event, the latest first, with `sellers` and `goods`: how many take part."""
    return SaleEvent.objects.annotate(
        goods=Count("targets__product", distinct=True),
        sellers=Count("targets__product__seller", distinct=True),
        owner=F("seller__seller_profile__shop_name"),
    ).order_by("-starts_at", "-pk")
