"""Pictures of products. Drawing and storing happen before the transaction, never in it."""

from collections.abc import Sequence
from typing import IO

from django.utils.translation import gettext as _

from marketplace.common.authorisation import Actor, authorize
from marketplace.common.errors import Invalid
from marketplace.common.files import forgotten_on_failure
from marketplace.common.transactions import service
from marketplace.products import pictures
from marketplace.products.models import Product, ProductImage

from .categories import clean_name
from .listings import edit_own

MAX_IMAGES = 8


def add_image(*, product_id: int, file: IO[bytes], alt_text: str, actor: Actor) -> ProductImage:
    """Add a picture after the others; the first one is on the card.

    `file` becomes new WebP pixels and the sizes that pages use (AVIF, WebP). Raises `Invalid`
    with the field ("file" or "alt_text"), `PermissionDenied`, `Product.DoesNotExist`.
    """
    alt_text = clean_name(alt_text, 200, field="alt_text")
    # Drawing takes long: who may not is refused before; what counts is asked again under the lock.
    authorize(actor, "products.edit_product", Product.objects.get(pk=product_id))
    content = pictures.rebuild(file)
    image = ProductImage(product_id=product_id, alt_text=alt_text)
    image.picture.save(content.name, content, save=False)
    with forgotten_on_failure(lambda _name: image.picture.delete(save=False), image.picture.name):
        return _attach(image=image, actor=actor)


@service
def _attach(*, image: ProductImage, actor: Actor) -> ProductImage:
    product = edit_own(image.product_id, actor)
    number = product.images.count()
    if number >= MAX_IMAGES:
        raise Invalid(_("A product has %(number)d pictures at most.") % {"number": MAX_IMAGES}, field="file")
    image.position = number
    image.pk = None  # another try after a deadlock inserts again
    image.save(force_insert=True)
    _cover(product)
    return image


def remove_image(*, image_id: int, actor: Actor) -> Product:
    """Take a picture away; its files follow once that is certain. Raises `PermissionDenied`."""
    image = ProductImage.objects.get(pk=image_id)
    product = _detach(image=image, actor=actor)
    if not ProductImage.objects.filter(picture=image.picture.name).exists():  # imports share files
        image.picture.delete(save=False)
    return product


@service
def _detach(*, image: ProductImage, actor: Actor) -> Product:
    product = edit_own(image.product_id, actor)
    ProductImage.objects.filter(pk=image.pk).delete()
    _cover(product)
    return product


@service
def reorder_images(*, product_id: int, image_ids: Sequence[int], actor: Actor) -> Product:
    """Show a product's pictures in this order.

    Raises `PermissionDenied`, `Invalid` unless these are all of them.
    """
    product = edit_own(product_id, actor)
    images = {image.pk: image for image in product.images.all()}
    if sorted(images) != sorted(image_ids):
        raise Invalid(_("The pictures have changed in the meantime. Please look again."))
    for position, pk in enumerate(image_ids):
        images[pk].position = position
    ProductImage.objects.bulk_update(images.values(), ["position"])
    _cover(product)
    return product


def _cover(product: Product) -> None:
    """Copy the first picture's name onto the locked product, for its card."""
    first = product.images.order_by("position", "pk").first()
    product.cover_name = first.picture.name if first else ""
    product.cover_alt = first.alt_text if first else ""
    product.cover_width = first.width if first else 0
    product.cover_height = first.height if first else 0
    product.version += 1
    product.save(update_fields=["cover_name", "cover_alt", "cover_width", "cover_height", "version"])
