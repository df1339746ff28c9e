"""Pictures of products. Drawing and storing happen before the transaction, never in it."""

from collections.abc import Callable, Collection, Sequence
from typing import IO

from django.utils.translation import gettext as _

from marketplace.common.authorisation import Actor, authorize
from marketplace.common.errors import Invalid
from marketplace.common.files import forgotten_on_failure, stored_whole
from marketplace.common.transactions import service
from marketplace.products import pictures
from marketplace.products.files import is_named, remove_files
from marketplace.products.models import Product, ProductImage, Variant

from .categories import clean_name
from .locked import edit_unseen
from .variants import COLUMNS

MAX_IMAGES = 8
MAX_ALT = 200


def add_image(
    *,
    product_id: int,
    file: IO[bytes],
    alt_text: str,
    actor: Actor,
    shows: Collection[int] = (),
    first: Callable[[], None] | None = None,
) -> ProductImage:
    """Add a picture after the others; the first one is on the card.

    What it shows may be said later (`describe_image`): a listing is not handed in before it is. `file` becomes new
    WebP pixels and the sizes that pages use (AVIF, WebP). `shows` are variants whose own picture it is; those of other
    listings are passed over. `first` is a step of whoever brings it, in the transaction
    that adds it and before its locks: what it raises adds nothing. Raises `Invalid` (fields "file", "alt_text"),
    `PermissionDenied`, `StaleState`, `Product.DoesNotExist`, and `CannotSave` where it cannot be kept; nothing is
    left of it then.
    """
    alt_text = clean_name(alt_text, MAX_ALT, field="alt_text") if alt_text.strip() else ""
    # Drawing takes long: who may not is refused before; what counts is asked again under the lock.
    authorize(actor, "products.edit_product", Product.objects.get(pk=product_id))
    content = pictures.rebuild(file)
    image = ProductImage(product_id=product_id, alt_text=alt_text)
    with stored_whole(remove_files, image.picture.field.generate_filename(image, content.name)):
        image.picture.save(content.name, content, save=False)
    with forgotten_on_failure(lambda _name: image.picture.delete(save=False), image.picture.name):
        return _attach(image=image, actor=actor, shows=shows, first=first)


@service
def _attach(
    *, image: ProductImage, actor: Actor, shows: Collection[int], first: Callable[[], None] | None
) -> ProductImage:
    if first is not None:
        first()
    product = edit_unseen(image.product_id, actor)
    number = product.images.count()
    if number >= MAX_IMAGES:
        raise Invalid(_("A product has %(number)d pictures at most.") % {"number": MAX_IMAGES}, field="file")
    image.position = number
    image.pk = None  # another try after a deadlock inserts again
    image.save(force_insert=True)
    if shows:
        Variant.objects.filter(product=product, pk__in=shows).update(image=image)
    set_cover(product)
    return image


@service
def describe_image(*, image_id: int, alt_text: str, actor: Actor) -> ProductImage:
    """Say what a picture shows. Raises `Invalid` (field "alt_text"), `PermissionDenied`, `StaleState`."""
    image = ProductImage.objects.get(pk=image_id)
    product = edit_unseen(image.product_id, actor)
    image.alt_text = clean_name(alt_text, MAX_ALT, field="alt_text")
    image.save(update_fields=["alt_text"])
    set_cover(product)
    return image


@service
def show_option(*, image_id: int, values: tuple[str, str], actor: Actor) -> int:
    """Make an image the own picture of all variants with this option value ("Colour", "Red"); returns how many.

    Raises `PermissionDenied`, `StaleState`, `ProductImage.DoesNotExist`.
    """
    product_id = ProductImage.objects.values_list("product_id", flat=True).get(pk=image_id)
    product = edit_unseen(product_id, actor)
    name, value = values
    if name not in product.option_names:
        return 0
    column = COLUMNS[product.option_names.index(name)]
    return Variant.objects.filter(product=product, **{column: value}).update(image=image_id)


def remove_image(*, image_id: int, actor: Actor) -> Product:
    """Take a picture away; its files follow once that is certain. Raises `PermissionDenied`."""
    image = ProductImage.objects.get(pk=image_id)
    product = _detach(image=image, actor=actor)
    if not is_named(image.picture.name):  # copies share files
        image.picture.delete(save=False)
    return product


@service
def _detach(*, image: ProductImage, actor: Actor) -> Product:
    product = edit_unseen(image.product_id, actor)
    ProductImage.objects.filter(pk=image.pk).delete()
    set_cover(product)
    return product


@service
def reorder_images(*, product_id: int, image_ids: Sequence[int], actor: Actor) -> Product:
    """Show a product's pictures in this order.

    Raises `PermissionDenied`, `Invalid` unless these are all of them.
    """
    product = edit_unseen(product_id, actor)
    images = {image.pk: image for image in product.images.all()}
    if sorted(images) != sorted(image_ids):
        raise Invalid(_("The pictures have changed in the meantime. Please look again."))
    for position, pk in enumerate(image_ids):
        images[pk].position = position
    ProductImage.objects.bulk_update(images.values(), ["position"])
    set_cover(product)
    return product


def set_cover(product: Product) -> None:
    """Copy the first picture's name onto the locked product, for its card."""
    first = product.images.order_by("position", "pk").first()
    product.cover_name = first.picture.name if first else ""
    product.cover_alt = first.alt_text if first else ""
    product.cover_width = first.width if first else 0
    product.cover_height = first.height if first else 0
    product.version += 1
    product.save(update_fields=["cover_name", "cover_alt", "cover_width", "cover_height", "version"])
