"""A listing like one that there is."""

from django.utils.translation import gettext as _

from marketplace.common import idempotency
from marketplace.common.authorisation import Actor, authorize
from marketplace.common.transactions import service
from marketplace.products.models import Product, ProductImage
from marketplace.products.states import BrandStatus

from .checks import MAX_TITLE
from .images import set_cover
from .listings import create_product, product_slug
from .variants import NewVariant


@service
def duplicate_listing(*, product_id: int, actor: Actor, form_key: str) -> Product:
    """A draft like this listing of `actor`'s, whatever state that is in: all that it says, its pictures, its options.

    Its variants have no stock, SKUs of their own and no barcode, which are other things' than the copy's. The same
    `form_key` (action "listing_duplicate", subject: the listing's pk) again returns the same draft. Raises
    `PermissionDenied`, `Invalid`, `KeyReused`, `Product.DoesNotExist`.
    """
    source = Product.objects.select_related("brand").get(pk=product_id)
    authorize(actor, "products.duplicate_product", source)
    ending = str(_("(copy)"))
    title = f"{source.title[: MAX_TITLE - len(ending) - 1].rstrip()} {ending}"
    slug = product_slug(title)
    before = idempotency.begin(
        form_key=form_key,
        user_id=actor.pk,
        action="listing_duplicate",
        subject=product_id,
        payload=product_id,
        result=slug,
    )
    if before:
        return Product.objects.get(slug=before)
    brand = source.brand if source.brand and source.brand.status == BrandStatus.APPROVED else None
    product = create_product(
        seller_id=source.seller_id,
        category_id=source.category_id,
        brand_id=brand.pk if brand else None,
        title=title,
        description=source.description,
        options=source.options,
        variants=[
            NewVariant(
                price=row.price, values=row.values, weight_grams=row.weight_grams, size_class=row.size_class
            )
            for row in source.variants.filter(is_offered=True)
        ],
        slug=slug,
        actor=actor,
    )
    # The files are shared: they go with the last picture that has them (`images.remove_image`).
    ProductImage.objects.bulk_create(
        [
            ProductImage(
                product=product,
                picture=image.picture.name,
                width=image.width,
                height=image.height,
                alt_text=image.alt_text,
                position=image.position,
            )
            for image in source.images.all()
        ]
    )
    set_cover(product)
    return product
