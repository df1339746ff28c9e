"""One product of a file is listed, or changed, by the products' own services as its seller. Inner steps."""

from marketplace.importing.models import ImportedProduct, ImportLine, ImportPicture, ImportRun
from marketplace.importing.plans import Plan, as_new, digest_of
from marketplace.importing.states import Outcome
from marketplace.products.models import Product
from marketplace.products.services import begin_edit, change_price, count_stock, create_product, set_variants
from marketplace.products.shopify import ProductDraft


def make(run: ImportRun, line: ImportLine, draft: ProductDraft, found: Plan) -> None:
    """Do what `found` says, under the lock of `run`, and note it on `line` (not saved here).

    Raises `Invalid` where a service refuses: then nothing of it may stay.
    """
    line.product = found.product
    if found.outcome == Outcome.REFUSED:
        return
    if found.outcome == Outcome.MADE:
        line.product = _list(run, draft, found)
        line.hands_in = draft.status == "active"
    elif found.product is not None:
        _change(run, draft, found, found.product)
        line.hands_in = found.edit is not None
    if line.product is not None and found.is_whole:
        _remember(run, draft, line.product)
    if line.product is not None:
        _name_pictures(run, draft, line.product, found)


def _list(run: ImportRun, draft: ProductDraft, found: Plan) -> Product:
    assert found.category_id, "a plan to make one has a category"
    return create_product(
        seller_id=run.seller_id,
        category_id=found.category_id,
        brand_id=found.brand_id,
        title=draft.title,
        description=draft.text,
        options=[(option.name, option.values) for option in draft.options],
        variants=[as_new(variant) for variant in draft.variants],
        actor=run.seller,
    )


def _change(run: ImportRun, draft: ProductDraft, found: Plan, product: Product) -> None:
    if found.edit is not None:
        begin_edit(product_id=product.pk, changes=found.edit, actor=run.seller)
    if found.variants:
        set_variants(
            product_id=product.pk,
            options=[(option.name, option.values) for option in draft.options],
            variants=found.variants,
            actor=run.seller,
        )
    else:
        for variant_id, price in sorted(found.prices.items()):
            change_price(variant_id=variant_id, price=price, actor=run.seller)
    for variant_id, (before, counted) in sorted(found.counts.items()):
        count_stock(variant_id=variant_id, counted=counted, expected=before, actor=run.seller)


def _remember(run: ImportRun, draft: ProductDraft, product: Product) -> None:
    mine = ImportedProduct.objects.filter(product=product)
    digest = digest_of(draft, run)
    if not mine.update(digest=digest):
        ImportedProduct.objects.create(
            seller_id=run.seller_id, handle=draft.handle, product=product, digest=digest
        )


def _name_pictures(run: ImportRun, draft: ProductDraft, product: Product, found: Plan) -> None:
    if not found.images:
        return
    ids = {row.values: row.pk for row in product.variants.filter(is_offered=True)}
    shows: dict[str, list[int]] = {}
    for variant in draft.variants:
        if variant.image_ref and variant.values in ids:
            shows.setdefault(variant.image_ref, []).append(ids[variant.values])
    ImportPicture.objects.bulk_create(
        ImportPicture(
            run=run,
            product=product,
            ref=image.ref,
            alt=image.alt or product.title,
            line=image.line,
            variant_ids=shows.get(image.ref, []),
        )
        for image in found.images
    )
