"""Sale events that sellers take part in: the store opens one and they put goods in, or they run one of their own."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from marketplace.common import clock, idempotency
from marketplace.common.authorisation import Actor, authorize
from marketplace.common.errors import Invalid, StaleState
from marketplace.common.ids import new_public_id
from marketplace.common.locking import lock_row
from marketplace.common.transactions import service
from marketplace.products.locking import lock_products
from marketplace.products.models import CategoryAncestor, Product, SaleEvent, SaleTarget
from marketplace.products.prices import reprice
from marketplace.products.states import IN_THE_SHOP

from .sales import check_window, create_event

LONGEST = timedelta(days=60)
MOST_AT_ONCE = 500


def require_open(event: SaleEvent, now: datetime) -> None:
    """Raise `StaleState` unless sellers may still put goods into `event` and take them out."""
    if event.starts_at <= now:
        raise StaleState(_("“%(name)s” has begun: what takes part stays as it is.") % {"name": event.name})


@service
def open_sale_event(
    *,
    name: str,
    percent_bps: int,
    starts_at: datetime,
    ends_at: datetime,
    category_ids: Sequence[int] = (),
    actor: Actor,
    form_key: str | None = None,
) -> SaleEvent:
    """Open an event that sellers may join until it starts, with goods of these categories, or of any.

    Staff's. The same `form_key` (action "open_sale_event") again returns the first one. Raises `PermissionDenied`,
    `Invalid` with the field that is wrong, `KeyReused`.
    """
    slug = new_public_id()
    payload = [name, percent_bps, starts_at, ends_at, sorted(category_ids)]
    if done := _begun(form_key, "open_sale_event", payload, slug, actor):
        return SaleEvent.objects.get(slug=done)
    authorize(actor, "products.create_sale_event")
    if starts_at <= clock.now():
        raise Invalid(_("Sellers can join until it begins: that is in the past."), field="starts_at")
    _check_own_window(starts_at, ends_at)
    return create_event(
        name=name,
        percent_bps=percent_bps,
        starts_at=starts_at,
        ends_at=ends_at,
        category_ids=sorted(set(category_ids)),
        is_open=True,
        slug=slug,
    )


@service
def run_own_event(
    *,
    name: str,
    percent_bps: int,
    starts_at: datetime,
    ends_at: datetime,
    product_ids: Sequence[int],
    actor: Actor,
    form_key: str | None = None,
) -> SaleEvent:
    """A seller's own event with goods of theirs. The same `form_key` (action "reduce") again returns the first one.

    Raises `PermissionDenied`, `Invalid` with the field that is wrong, `KeyReused`.
    """
    slug = new_public_id()
    payload = [name, percent_bps, starts_at, ends_at, sorted(product_ids)]
    if done := _begun(form_key, "reduce", payload, slug, actor):
        return SaleEvent.objects.get(slug=done)
    authorize(actor, "products.run_sale_event")
    _check_own_window(starts_at, ends_at)
    products = _own_goods(product_ids, actor)
    event = create_event(
        name=name,
        percent_bps=percent_bps,
        starts_at=starts_at,
        ends_at=ends_at,
        product_ids=sorted(products),
        seller_id=actor.pk,
        slug=slug,
    )
    reprice(products.values(), clock.now())
    return event


@service
def take_part(*, event_id: int, put_in: Sequence[int], take_out: Sequence[int] = (), actor: Actor) -> int:
    """Put a seller's goods into an event that is open, and take others out; returns how many are in it now.

    What is in or out already stays so. Raises `StaleState` once it has begun, `Invalid` (field "goods") for
    what it does not take, `PermissionDenied` for somebody else's, `SaleEvent.DoesNotExist`.
    """
    event = lock_row(SaleEvent, event_id)
    if not event.is_open:
        raise SaleEvent.DoesNotExist(f"SaleEvent {event_id} is not open to sellers")
    authorize(actor, "products.run_sale_event")
    require_open(event, clock.now())
    products = _own_goods([*put_in, *take_out], actor)
    _check_categories(event, [products[pk] for pk in put_in])
    targets = SaleTarget.objects.filter(event=event)
    targets.filter(product_id__in=set(take_out) - set(put_in)).delete()
    there = set(targets.filter(product_id__in=put_in).values_list("product_id", flat=True))
    SaleTarget.objects.bulk_create(
        [SaleTarget(event=event, product_id=pk) for pk in sorted(set(put_in) - there)]
    )
    reprice(products.values(), clock.now())
    return targets.filter(product__seller_id=actor.pk).count()


@service
def end_sale_event(*, event_id: int, actor: Actor) -> SaleEvent:
    """End an event now, or call it off before it begins: its seller's own, or any by staff.

    Repeating it changes nothing. Raises `PermissionDenied`, `SaleEvent.DoesNotExist`. What it covers is repriced
    at once where it has goods of its own, and by the next turn of the price sweep where it has categories.
    """
    event = lock_row(SaleEvent, event_id)
    authorize(actor, "products.end_sale_event", event)
    now = clock.now()
    if event.ends_at <= now:
        return event
    # A window has a length: what is called off before it began is one that never was.
    event.starts_at, event.ends_at = min(event.starts_at, now - timedelta(microseconds=1)), now
    event.spread_at = None
    event.save(update_fields=["starts_at", "ends_at", "spread_at"])
    ids = SaleTarget.objects.filter(event=event, product__isnull=False).values_list("product_id", flat=True)
    reprice(lock_products(ids).values(), now)
    return event


def _begun(form_key: str | None, action: str, payload: list[object], slug: str, actor: Actor) -> str | None:
    """Take the form's key, if it has one; the address of what it made before, if it did."""
    if form_key is None:
        return None
    return idempotency.begin(form_key=form_key, user_id=actor.pk, action=action, payload=payload, result=slug)


def _own_goods(product_ids: Sequence[int], actor: Actor) -> dict[int, Product]:
    """These products, locked, if they are all of `actor` and in the shop."""
    wanted = sorted(set(product_ids))
    if not wanted:
        raise Invalid(_("Choose at least one listing."), field="goods")
    if len(wanted) > MOST_AT_ONCE:
        raise Invalid(_("At most %(most)d listings at once, please.") % {"most": MOST_AT_ONCE}, field="goods")
    products = lock_products(wanted)
    for product in products.values():
        authorize(actor, "products.edit_product", product)
    if len(products) != len(wanted) or any(row.status not in IN_THE_SHOP for row in products.values()):
        raise Invalid(_("One of these listings is not in the shop any more."), field="goods")
    return products


def _check_categories(event: SaleEvent, products: Iterable[Product]) -> None:
    allowed = SaleTarget.objects.filter(event=event, category__isnull=False).values("category_id")
    if not allowed.exists():
        return
    within = set(
        CategoryAncestor.objects.filter(ancestor_id__in=allowed).values_list("category_id", flat=True)
    )
    for product in products:
        if product.category_id not in within:
            raise Invalid(
                _("“%(title)s” is in no category of this event.") % {"title": product.title}, field="goods"
            )


def _check_own_window(starts_at: datetime, ends_at: datetime) -> None:
    check_window(starts_at, ends_at)
    if ends_at <= clock.now():
        raise Invalid(_("This is over already."), field="ends_at")
    if ends_at - starts_at > LONGEST:
        raise Invalid(_("A reduction lasts %(days)d days at most.") % {"days": LONGEST.days}, field="ends_at")
