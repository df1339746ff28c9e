"""Discounts, sale events and the sweep that makes prices follow them."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from marketplace.common import clock, idempotency
from marketplace.common.authorisation import Actor, authorize
from marketplace.common.errors import Invalid
from marketplace.common.money import BASIS_POINTS
from marketplace.common.transactions import service
from marketplace.products.locking import lock_products
from marketplace.products.models import Category, Discount, Product, SaleEvent, SaleTarget
from marketplace.products.prices import reprice

from .categories import clean_name, free_slug
from .locked import edit_own

BATCH = 500
SETTLED_AFTER = timedelta(minutes=1)  # longer than any transaction may take


def check_window(starts_at: datetime, ends_at: datetime) -> None:
    """Raise `Invalid` unless a reduction can last from `starts_at` up to `ends_at`."""
    if ends_at <= starts_at:
        raise Invalid(_("It must end after it begins."), field="ends_at")


def check_percent(percent_bps: int) -> None:
    """Raise `Invalid` unless a reduction can be so many hundredths of a percent."""
    if not 0 < percent_bps < BASIS_POINTS:
        raise Invalid(_("The percentage is more than 0 and less than 100."), field="percent_bps")


def create_discount(
    *,
    product_id: int,
    variant_id: int | None = None,
    percent_bps: int | None = None,
    amount: int | None = None,
    starts_at: datetime,
    ends_at: datetime,
    actor: Actor,
) -> Discount:
    """Lower the price of a product, or of one of its variants, as `create_discounts` does. Returns its discount."""
    (discount,) = create_discounts(
        goods=[(product_id, variant_id)],
        percent_bps=percent_bps,
        amount=amount,
        starts_at=starts_at,
        ends_at=ends_at,
        actor=actor,
    )
    return discount


@service
def create_discounts(
    *,
    goods: Sequence[tuple[int, int | None]],
    percent_bps: int | None = None,
    amount: int | None = None,
    starts_at: datetime,
    ends_at: datetime,
    actor: Actor,
    form_key: str | None = None,
) -> list[Discount]:
    """Lower prices from `starts_at` up to `ends_at`: by 1/100 percents or by minor units.

    `goods` are products (id, None) and single variants of them (id, variant's id). A discount never stacks with
    an event: the better one counts. The same `form_key` (action "reduce") again changes nothing and returns nothing.
    Raises `Invalid` with the field that is wrong, `PermissionDenied`, `Product.DoesNotExist`, `KeyReused`.
    """
    if form_key is not None and idempotency.begin(
        form_key=form_key,
        user_id=actor.pk,
        action="reduce",
        payload=[sorted(map(str, goods)), percent_bps, amount, starts_at, ends_at],
        result=str(len(goods)),
    ):
        return []
    check_window(starts_at, ends_at)
    if (percent_bps is None) == (amount is None):
        raise Invalid(_("Give a percentage or an amount, not both."), field="percent_bps")
    if percent_bps is not None:
        check_percent(percent_bps)
    if not goods:
        raise Invalid(_("Choose at least one listing."), field="goods")
    products = lock_products({product_id for product_id, _variant in goods})
    discounts = []
    for product_id, variant_id in goods:
        product = products.get(product_id)
        if product is None:
            raise Product.DoesNotExist(f"Product {product_id}")
        authorize(actor, "products.edit_product", product)
        meant = [row for row in product.locked_variants if variant_id in (None, row.pk)]
        if not meant:
            raise Invalid(_("One of these variants is not there any more."), field="goods")
        if amount is not None and not 0 < amount < min(row.price for row in meant):
            raise Invalid(
                _("The amount is less than the price of “%(title)s”.") % {"title": product.title}
                if len(goods) > 1
                else _("The amount is less than the price."),
                field="amount",
            )
        discounts.append(
            Discount.objects.create(
                product=product,
                variant_id=variant_id,
                percent_bps=percent_bps,
                amount=amount,
                starts_at=starts_at,
                ends_at=ends_at,
            )
        )
    reprice(products.values(), clock.now())
    return discounts


@service
def end_discount(*, discount_id: int, actor: Actor) -> Product:
    """End a discount now. Returns its product. Raises `Discount.DoesNotExist`, `PermissionDenied`."""
    product_id = Discount.objects.values_list("product_id", flat=True).get(pk=discount_id)
    product, now = edit_own(product_id, actor), clock.now()
    Discount.objects.filter(pk=discount_id, starts_at__gte=now).delete()
    Discount.objects.filter(pk=discount_id, ends_at__gt=now).update(ends_at=now)
    reprice([product], now)
    return product


def create_sale_event(
    *,
    name: str,
    percent_bps: int,
    starts_at: datetime,
    ends_at: datetime,
    product_ids: Iterable[int] = (),
    category_ids: Iterable[int] = (),
    actor: Actor,
) -> SaleEvent:
    """A percentage off products and whole categories from `starts_at` up to `ends_at`.

    Staff's. Its products are told in batches, each its own transaction; what a crash leaves undone, or was
    listed at this very moment, the price sweep tells a minute later. Raises `PermissionDenied`, `Invalid`.
    """
    event = _create_event(
        name=name,
        percent_bps=percent_bps,
        starts_at=starts_at,
        ends_at=ends_at,
        product_ids=sorted(set(product_ids)),
        category_ids=sorted(set(category_ids)),
        actor=actor,
    )
    _spread(event.pk, clock.now())
    return event


@service
def _create_event(
    *,
    name: str,
    percent_bps: int,
    starts_at: datetime,
    ends_at: datetime,
    product_ids: Sequence[int],
    category_ids: Sequence[int],
    actor: Actor,
) -> SaleEvent:
    authorize(actor, "products.create_sale_event")
    check_window(starts_at, ends_at)
    if not product_ids and not category_ids:
        raise Invalid(_("Choose products or categories."), field="category_ids")
    if Product.objects.filter(pk__in=product_ids).count() != len(product_ids):
        raise Invalid(_("One of these products does not exist."), field="product_ids")
    return create_event(
        name=name,
        percent_bps=percent_bps,
        starts_at=starts_at,
        ends_at=ends_at,
        product_ids=product_ids,
        category_ids=category_ids,
    )


def create_event(
    *,
    name: str,
    percent_bps: int,
    starts_at: datetime,
    ends_at: datetime,
    product_ids: Sequence[int] = (),
    category_ids: Sequence[int] = (),
    seller_id: int | None = None,
    is_open: bool = False,
    slug: str = "",
) -> SaleEvent:
    """Write an event with its targets. An inner step: the caller knows the window and that the products may be in it.

    Raises `Invalid` with the field that is wrong.
    """
    check_percent(percent_bps)
    if Category.objects.filter(pk__in=category_ids).count() != len(category_ids):
        raise Invalid(_("One of these categories does not exist."), field="category_ids")
    name = clean_name(name, 80)
    event = SaleEvent.objects.create(
        name=name,
        slug=slug or free_slug(SaleEvent, name),
        seller_id=seller_id,
        is_open=is_open,
        percent_bps=percent_bps,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    SaleTarget.objects.bulk_create(
        [SaleTarget(event=event, product_id=pk) for pk in product_ids]
        + [SaleTarget(event=event, category_id=pk) for pk in category_ids],
        batch_size=1000,
    )
    return event


def _covered_by(event_id: int) -> QuerySet[Product]:
    """The products of an event, its categories with everything beneath them unless it is open to sellers."""
    categories = Category.objects.filter(
        ancestry__ancestor__sale_targets__event_id=event_id,
        ancestry__ancestor__sale_targets__event__is_open=False,
    )
    products = SaleTarget.objects.filter(event_id=event_id, product__isnull=False).values("product_id")
    return Product.objects.filter(Q(category__in=categories.values("pk")) | Q(pk__in=products))


def _spread(event_id: int, now: datetime) -> int:
    """Reprice every product of an event in batches by primary key; returns how many. Safe to repeat."""
    done, last = 0, 0
    while ids := list(
        _covered_by(event_id).filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]
    ):
        _reprice_batch(ids=ids, now=now)
        done, last = done + len(ids), ids[-1]
    return done


@service
def _reprice_batch(*, ids: Sequence[int], now: datetime) -> None:
    reprice(lock_products(ids).values(), now)


def refresh_prices(now: datetime) -> int:
    """Sweep: bring every price that a window's edge has changed by `now` up to date; returns how many.

    In batches of their own, so that a hundred thousand products hold no lock for long.
    """
    done = 0
    settled = SaleEvent.objects.filter(spread_at=None, created_at__lte=now - SETTLED_AFTER)
    for event_id in settled.order_by("pk").values_list("pk", flat=True):
        done += _spread(event_id, now)
        SaleEvent.objects.filter(pk=event_id).update(spread_at=now)
    while ids := list(
        Product.objects.filter(price_changes_at__lte=now)
        .order_by("price_changes_at", "pk")
        .values_list("pk", flat=True)[:BATCH]
    ):
        _reprice_batch(ids=ids, now=now)
        done += len(ids)
    return done
