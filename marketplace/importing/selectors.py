"""What is read of imports, and a whole shop as a file."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from marketplace.accounts.models import User
from marketplace.products.models import Product
from marketplace.products.shopify import ImageDraft, OptionDraft, ProductDraft, VariantDraft
from marketplace.products.shopify.drafts import Status
from marketplace.products.states import ListingStatus
from marketplace.products.tree import category_tree

from .models import ImportedProduct, ImportLine, ImportPicture, ImportRun
from .states import Outcome, PictureStatus

BATCH = 100
SHOWN = 50
_ON_OFFER = (ListingStatus.LIVE, ListingStatus.PENDING, ListingStatus.CHANGES_REQUESTED)


def imports_of(user: User) -> QuerySet[ImportRun]:
    """A seller's own imports, the newest first."""
    return ImportRun.objects.filter(seller_id=user.pk).order_by("-created_at", "-pk")


@dataclass(frozen=True)
class ImportPage:
    """What a seller reads of one import."""

    run: ImportRun
    counts: dict[str, int]
    lines: list[ImportLine]
    """The first of what is left out or remarked, then of what changes."""
    pictures: dict[str, int]
    missing: list[ImportPicture]

    @property
    def has_report(self) -> bool:
        """Whether anything was left out."""
        return bool(self.missing) or any(line.remarks for line in self.lines)

    @property
    def can_try_pictures(self) -> bool:
        return self.run.is_done and bool(self.missing)

    @property
    def percent(self) -> int:
        """How much of it is done."""
        done, of = self.run.place, self.run.products
        waiting, all_pictures = self.pictures["waiting"], sum(self.pictures.values())
        if self.run.is_done:
            return 100
        return 99 * (done + all_pictures - waiting) // max(1, of + all_pictures)


def import_page(run: ImportRun) -> ImportPage:
    """An import with its counts and the first of its products: four queries."""
    counts = dict.fromkeys(Outcome.values, 0) | dict(
        run.lines.values_list("outcome").annotate(Count("pk")).order_by()
    )
    pictures = dict.fromkeys(PictureStatus.values, 0) | dict(
        run.named_pictures.values_list("status").annotate(Count("pk")).order_by()
    )
    lines = [*told_lines(run)[:SHOWN], *_quiet_lines(run)[:SHOWN]]
    missing = list(run.named_pictures.filter(status=PictureStatus.MISSING).select_related("product")[:SHOWN])
    return ImportPage(run, counts, lines, pictures, missing)


def told_lines(run: ImportRun) -> QuerySet[ImportLine]:
    """The products that are left out, or of which something is."""
    return run.lines.filter(Q(outcome=Outcome.REFUSED) | ~Q(remarks=[])).order_by("place")


def _quiet_lines(run: ImportRun) -> QuerySet[ImportLine]:
    wanted = (Outcome.MADE, Outcome.CHANGED)
    return run.lines.filter(outcome__in=wanted, remarks=[]).order_by("place")


def report_rows(run: ImportRun) -> Iterator[list[str]]:
    """Every row of the file that was left out, or of which something was: line, row, product, column and why."""
    for line in told_lines(run).iterator(chunk_size=500):
        for at, row, column, why in line.remarks:
            yield [
                str(at or ""),
                str(row or ""),
                line.handle,
                line.title,
                line.get_outcome_display(),
                column,
                why,
            ]
    missing = run.named_pictures.filter(status=PictureStatus.MISSING).select_related("product")
    for picture in missing.iterator(chunk_size=500):
        yield [str(picture.line), "", "", picture.product.title, "", picture.ref, picture.why]


def shop_drafts(seller_id: int) -> Iterator[ProductDraft]:
    """Everything that a seller lists, but what is archived, a few at a time: it reads like another shop's export."""
    mine = Product.objects.filter(seller_id=seller_id).exclude(status=ListingStatus.ARCHIVED).order_by("pk")
    last = 0
    while batch := list(
        mine.filter(pk__gt=last).select_related("brand").prefetch_related("variants__image", "images")[:BATCH]
    ):
        last = batch[-1].pk
        handles = dict(ImportedProduct.objects.filter(product__in=batch).values_list("product_id", "handle"))
        for product in batch:
            yield draft_of(product, handles.get(product.pk, product.slug))


def draft_of(product: Product, handle: str) -> ProductDraft:
    """A product as a file says it. Its variants, their pictures, its pictures and brand are read already."""
    node = category_tree().by_id[product.category_id]
    status: Status = "active" if product.status in _ON_OFFER else "draft"
    return ProductDraft(
        handle=handle,
        title=product.title,
        text=product.description,
        brand=product.brand.name if product.brand else "",
        type=" > ".join(each.name for each in node.path),
        status=status,
        options=tuple(OptionDraft(name, tuple(values)) for name, values in product.options),
        variants=tuple(
            VariantDraft(
                values=row.values,
                price=row.price,
                sku=row.sku,
                barcode=row.barcode,
                stock=row.stock,
                grams=row.weight_grams or None,
                image_ref=_address(row.image.picture.url) if row.image else "",
            )
            for row in product.variants.all()
            if row.is_offered
        ),
        images=tuple(
            ImageDraft(_address(image.picture.url), image.alt_text) for image in product.images.all()
        ),
    )


def _address(url: str) -> str:
    """Where others find a picture of ours."""
    return url if "://" in url else f"{settings.SITE_URL}{url}"
