"""What a listing says is kept before it says something else (docs/decisions/0021). Inner steps."""

from datetime import datetime

from marketplace.products.content import content_of, version_rows
from marketplace.products.models import Product, StockMove, VersionPicture


def keep_what_it_says(product: Product, now: datetime) -> None:
    """A locked listing is about to say something else: what it says is kept under the number that orders name, and
    what comes has the next one. The caller saves `content_number`."""
    version, pictures = version_rows(product, content_of(product))
    version.until = now
    version.save(force_insert=True)
    VersionPicture.objects.bulk_create(pictures)
    product.content_number += 1


def was_sold(product: Product) -> bool:
    """Whether an order may show this locked listing: what nobody has bought is nobody's to keep."""
    return StockMove.objects.filter(variant__product=product.pk, kind="sold").exists()
