"""What a product of a file would change here: looked at twice, for the preview and when it is done."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.common.money import format_money
from marketplace.products.edit_states import EDIT_OPEN, STAGED
from marketplace.products.models import Product, StagedPicture, Variant
from marketplace.products.services import Changes, NewVariant
from marketplace.products.shopify import ImageDraft, ProductDraft, VariantDraft
from marketplace.products.states import ListingStatus
from marketplace.products.tree import category_tree

from .edits import plan_edit
from .looking_up import brand_for, category_for, said_of
from .models import ImportedProduct, ImportPicture, ImportRun
from .states import Outcome

OPEN_TO_CHANGE = (ListingStatus.DRAFT, ListingStatus.CHANGES_REQUESTED)


@dataclass
class Plan:
    """What would be done with a product of the file."""

    outcome: Outcome
    product: Product | None = None
    category_id: int | None = None
    brand_id: int | None = None
    refusal: str = ""
    words: list[str] = field(default_factory=list)
    """What changes, a sentence each."""
    remarks: list[str] = field(default_factory=list)
    """What of the file is left out, a sentence each."""
    prices: dict[int, int] = field(default_factory=dict)
    """New list prices by variant."""
    counts: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Pieces by variant: as many as there are, as many as were counted."""
    variants: Sequence[NewVariant] = ()
    """All variants anew; none where they stay as they are."""
    images: Sequence[ImageDraft] = ()
    """Pictures that are not there yet."""
    edit: Changes | None = None
    """What a listing that shoppers have seen shall say instead; it is handed in."""
    is_whole: bool = True
    """False where something waits for what is open here: the same file again is looked at again."""


def digest_of(draft: ProductDraft, run: ImportRun) -> str:
    """What the file says of a product, in a few letters: the same again changes nothing."""
    bare = replace(
        draft,
        lines=(),
        remarks=(),
        variants=tuple(replace(variant, line=0) for variant in draft.variants),
        images=tuple(replace(image, line=0) for image in draft.images),
    )
    return hashlib.sha256(f"{run.counts_stock}{bare!r}".encode()).hexdigest()


def plan(draft: ProductDraft, run: ImportRun) -> Plan:
    """What `draft` would change of the seller's goods. Writes nothing."""
    known = ImportedProduct.objects.filter(seller_id=run.seller_id, handle=draft.handle).first()
    if known and known.digest == digest_of(draft, run):
        return Plan(Outcome.SAME, known.product)
    product = known.product if known else _by_slug(draft.handle, run.seller_id)
    if product is None:
        return _new(draft, run)
    if product.status == ListingStatus.ARCHIVED:
        return Plan(Outcome.REFUSED, product, refusal=_("You have archived this listing here."))
    return _changed(draft, product, run)


def _by_slug(handle: str, seller_id: int) -> Product | None:
    """A product of our own export, which has its address for a handle."""
    return Product.objects.filter(seller_id=seller_id, slug=handle).first()


def _new(draft: ProductDraft, run: ImportRun) -> Plan:
    category_id = category_for(draft.category_names, category_tree()) or run.category_id
    if category_id is None:
        word = next(iter(draft.category_names), "")
        sentence = (
            _("There is no category “%(name)s” here, and none was chosen for such products.") % {"name": word}
            if word
            else _("It says no category, and none was chosen for such products.")
        )
        return Plan(Outcome.REFUSED, refusal=sentence)
    skus = [variant.sku for variant in draft.variants if variant.sku]
    taken = (
        Variant.objects.filter(seller_id=run.seller_id, sku__in=skus).values_list("sku", flat=True).first()
    )
    if taken:
        return Plan(
            Outcome.REFUSED, refusal=_("You use the SKU “%(sku)s” for another product.") % {"sku": taken}
        )
    return Plan(Outcome.MADE, category_id=category_id, brand_id=brand_for(draft.brand), images=draft.images)


def _changed(draft: ProductDraft, product: Product, run: ImportRun) -> Plan:
    found = Plan(Outcome.SAME, product)
    is_open = product.status in OPEN_TO_CHANGE
    rows = list(product.variants.filter(is_offered=True))
    if product.status in STAGED:
        _compare_prices(found, draft, {row.values: row for row in rows}, run)
        plan_edit(found, draft, product, images=_not_here(draft.images, product))
        if found.words:
            found.outcome = Outcome.CHANGED
        return found
    _compare_texts(found, draft, product)
    by_values = {row.values: row for row in rows}
    options = [[option.name, list(option.values)] for option in draft.options]
    if product.options == options and set(by_values) == {variant.values for variant in draft.variants}:
        _compare_variants(found, draft, by_values, run, is_open=is_open)
    elif is_open:
        found.variants = _as_new(draft.variants, by_values)
        found.words.append(
            ngettext(
                "Its options: %(number)d variant.", "Its options: %(number)d variants.", len(draft.variants)
            )
            % {"number": len(draft.variants)}
        )
    else:
        found.remarks.append(_("Its options differ here. Change them in the listing itself."))
    images = _not_here(draft.images, product)
    if images and is_open:
        found.images = images
        found.words.append(
            ngettext("%(number)d new picture.", "%(number)d new pictures.", len(images))
            % {"number": len(images)}
        )
    elif images:
        found.remarks.append(_("It has other pictures here. Change them in the listing itself."))
    if found.words:
        found.outcome = Outcome.CHANGED
    return found


def _compare_texts(found: Plan, draft: ProductDraft, product: Product) -> None:
    if (product.title, product.description) != (draft.title, draft.text):
        found.remarks.append(_("Its title or text differs here. Change it in the listing itself."))


def _compare_variants(
    found: Plan, draft: ProductDraft, rows: dict[tuple[str, ...], Variant], run: ImportRun, *, is_open: bool
) -> None:
    """Prices, pieces and numbers of variants that are there: prices at once, SKUs of what is not on offer yet."""
    _compare_prices(found, draft, rows, run)
    differs = any(
        said_of(variant) != (row.sku if variant.sku else "", row.barcode, row.weight_grams)
        for variant in draft.variants
        for row in (rows[variant.values],)
    )
    if differs and is_open:
        found.variants = _as_new(draft.variants, rows)
        found.words.append(_("SKUs, barcodes or weights."))
    elif differs:
        found.remarks.append(_("SKUs, barcodes or weights differ here. Change them in the listing itself."))


def _compare_prices(
    found: Plan, draft: ProductDraft, rows: dict[tuple[str, ...], Variant], run: ImportRun
) -> None:
    """Prices and pieces of those variants that are there: they change at once."""
    for variant in draft.variants:
        row = rows.get(variant.values)
        if row is None:
            continue
        if row.price != variant.price:
            found.prices[row.pk] = variant.price
            found.words.append(
                _("Price of %(what)s: %(before)s → %(after)s.")
                % {"what": row, "before": format_money(row.price), "after": format_money(variant.price)}
            )
        if run.counts_stock and variant.stock is not None and row.stock != variant.stock:
            found.counts[row.pk] = (row.stock, variant.stock)
            found.words.append(
                _("Stock of %(what)s: %(before)d → %(after)d.")
                % {"what": row, "before": row.stock, "after": variant.stock}
            )


def _as_new(variants: Sequence[VariantDraft], rows: dict[tuple[str, ...], Variant]) -> list[NewVariant]:
    return [as_new(variant, rows.get(variant.values)) for variant in variants]


def as_new(variant: VariantDraft, row: Variant | None = None) -> NewVariant:
    """A variant of the file as our services take one; `row` is the one that is there."""
    return NewVariant(
        price=variant.price,
        stock=variant.stock or 0,
        values=variant.values,
        sku=variant.sku or (row.sku if row else ""),
        barcode=variant.barcode,
        weight_grams=variant.grams or 0,
        pk=row.pk if row else None,
    )


def _not_here(images: Sequence[ImageDraft], product: Product) -> list[ImageDraft]:
    """The pictures that were not brought before, and are none of ours by their address."""
    brought = set(ImportPicture.objects.filter(product=product).values_list("ref", flat=True))
    names = product.images.values_list("picture", flat=True)
    staged = StagedPicture.objects.filter(edit__product=product, edit__status__in=EDIT_OPEN)
    ours = {PurePosixPath(name).name for name in (*names, *staged.values_list("picture", flat=True))}
    return [
        image
        for image in images
        if image.ref not in brought and PurePosixPath(urlsplit(image.ref).path).name not in ours
    ]
