"""Sellers list goods, on shelves and of brands that the store has put up."""

import io
from collections.abc import Sequence
from datetime import timedelta

from PIL import Image

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.common.authorisation import SYSTEM
from marketplace.products import services
from marketplace.products.models import Brand, Category, Discount, ListingEdit, Product, ProductImage, Variant
from marketplace.products.states import BrandStatus, ListingStatus
from marketplace.reviewing.models import Submission
from marketplace.reviewing.selectors import submissions_about
from marketplace.reviewing.shown import mark_of_submission
from marketplace.reviewing.states import Decision


def put_up_shelf(name: str, *, parent: Category | None = None, icon: str = "") -> Category:
    """A category, in another one or at the top."""
    return services.create_category(
        name=name, parent_id=parent.pk if parent else None, icon=icon, actor=SYSTEM
    )


def take_in_brand(name: str, *, about: str = "", status: str = BrandStatus.APPROVED) -> Brand:
    """A brand that goods may be of."""
    return services.create_brand(name=name, about=about, status=status, actor=SYSTEM)


def offer(
    seller: User,
    category: Category,
    *,
    title: str,
    brand: Brand | None = None,
    description: str = "",
    price: int = 1_000,
    stock: int = 10,
    sku: str | None = None,
    options: services.Options = (),
    variants: Sequence[services.NewVariant] = (),
    status: str = ListingStatus.LIVE,
) -> Product:
    """List something for `price` minor units a piece, or in `variants`: live, unless `status` says otherwise.

    A draft is its seller's doing; whatever else a listing begins as, the store has made it.
    """
    return services.create_product(
        seller_id=seller.pk,
        category_id=category.pk,
        brand_id=brand.pk if brand else None,
        title=title,
        description=description,
        price=price,
        stock=stock,
        sku=sku,
        options=options,
        variants=variants,
        status=status,
        actor=seller if status == ListingStatus.DRAFT else SYSTEM,
    )


def variant(product: Product, *values: str) -> Variant:
    """The variant of a product with these option values; without any, the only one there is. As it is now."""
    found = Variant.objects.filter(product=product).select_related("product__seller")
    for column, value in zip(("option1", "option2", "option3"), values, strict=False):
        found = found.filter(**{column: value})
    return found.get()


def count(product: Product, stock: int, *values: str) -> Variant:
    """Its seller counted, and there are so many of it now."""
    there = variant(product, *values)
    return services.count_stock(
        variant_id=there.pk, counted=stock, expected=there.stock, actor=there.product.seller
    )


def put_on_sale(product: Product) -> Product:
    """A draft's way to the shop window, by the store's own door."""
    return services.publish(product_id=product.pk, actor=SYSTEM)


def hand_in(product: Product) -> Submission:
    """Its seller has said what was missing, and hands it in for review."""
    if not product.description:
        services.edit_listing(
            product_id=product.pk,
            changes=services.Changes(description="Made to be used every day."),
            actor=product.seller,
        )
    if not product.images.exists():
        show(product, alt_text=f"{product.title}, seen from the side", size=(600, 600))
    services.submit(product_id=product.pk, actor=product.seller)
    return submission_of(product)


def submission_of(product: Product) -> Submission:
    """What an admin decides about it, or has decided."""
    return submissions_about([product])[product.pk]


def decide(
    submission: Submission, admin: User, decision: str = Decision.APPROVE, reason: str = ""
) -> Product:
    """An admin decides about what was handed in."""
    return services.decide_listing(
        submission_id=submission.pk,
        decision=decision,
        reason=reason,
        actor=admin,
        expected=mark_of_submission(submission),
    )


def reduce(product: Product, *, percent: int, began: timedelta, lasts: timedelta) -> Discount:
    """A discount that began so long ago and lasts so long from then."""
    begin = clock.now() - began
    return services.create_discount(
        product_id=product.pk,
        percent_bps=percent * 100,
        starts_at=begin,
        ends_at=begin + lasts,
        actor=product.seller,
    )


def picture_file(
    kind: str = "PNG", size: tuple[int, int] = (640, 640), colour: object = (200, 120, 40), **options: object
) -> io.BytesIO:
    """A picture as a phone sends it, of plain pixels."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, format=kind, **options)
    file.seek(0)
    return file


def show(product: Product, *, alt_text: str, size: tuple[int, int] = (900, 900)) -> ProductImage:
    """Add a picture to a listing."""
    file = picture_file("JPEG", size)
    return services.add_image(product_id=product.pk, file=file, alt_text=alt_text, actor=SYSTEM)


def hand_in_edit(product: Product, *, shows: str = "", **changes: object) -> Submission:
    """Its seller changes what a listing says that shoppers have seen (`changes` are those of `services.Changes`), with
    a picture more of what it `shows`, and hands that in. One without any picture gets one first."""
    if not shows and not product.images.exists():
        show(product, alt_text=f"{product.title}, seen from the side", size=(600, 600))
    edit = services.begin_edit(product_id=product.pk, actor=product.seller)
    services.change_edit(edit_id=edit.pk, changes=services.Changes(**changes), actor=product.seller)
    if shows:
        file = picture_file("JPEG", (900, 900))
        services.stage_picture(edit_id=edit.pk, file=file, alt_text=shows, actor=product.seller)
    services.submit_edit(edit_id=edit.pk, actor=product.seller)
    return submissions_about([edit])[edit.pk]


def decide_edit(
    submission: Submission, admin: User, decision: str = Decision.APPROVE, reason: str = ""
) -> ListingEdit:
    """An admin decides about the edit of a listing."""
    return services.decide_edit(
        submission_id=submission.pk,
        decision=decision,
        reason=reason,
        actor=admin,
        expected=mark_of_submission(submission),
    )
