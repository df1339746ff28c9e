"""What a listing may say, field by field."""

from django.utils.translation import gettext as _

from marketplace.common.cleaning import clean_text
from marketplace.common.errors import Invalid
from marketplace.products.models import Brand, Category
from marketplace.products.states import BrandStatus

MAX_TITLE, MAX_DESCRIPTION = 140, 8000


def check_description(text: str) -> str:
    """`text` cleaned, if it may be a description. Raises `Invalid`."""
    text = clean_text(text)
    if len(text) > MAX_DESCRIPTION:
        raise Invalid(
            _("This may have %(number)d letters at most.") % {"number": MAX_DESCRIPTION}, field="description"
        )
    return text


def check_category(category_id: int) -> int:
    """The id, if there is such a category. Raises `Invalid`."""
    if not Category.objects.filter(pk=category_id).exists():
        raise Invalid(_("That category does not exist."), field="category")
    return category_id


def check_brand(brand_id: int | None) -> int | None:
    """The id, if there is such a brand and it is approved. Raises `Invalid`."""
    if brand_id and not Brand.objects.filter(pk=brand_id, status=BrandStatus.APPROVED).exists():
        raise Invalid(_("That brand is not approved yet."), field="brand")
    return brand_id
