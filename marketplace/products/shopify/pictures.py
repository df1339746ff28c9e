"""Where the pictures of a table are: in a ZIP beside it, or, where the store allows it, at their addresses."""

from typing import IO

from django.conf import settings
from django.utils.translation import gettext as _

from marketplace.common.errors import Invalid

from .fetching import fetch_picture
from .zipped import PictureZip


def find_picture(ref: str, beside: PictureZip | None) -> IO[bytes]:
    """The bytes of the picture `ref`. Raises `Invalid` with the reason: the product arrives without it.

    What is in the ZIP is never fetched. `settings.IMPORT_FETCHES_PICTURES` says whether anything is.
    """
    if beside and (found := beside.get(ref)):
        return found
    if "://" not in ref:
        raise Invalid(_("There is no picture of this name in the ZIP."))
    if not settings.IMPORT_FETCHES_PICTURES:
        raise Invalid(
            _("Pictures are not fetched from elsewhere here. Put it into the ZIP, under the same name.")
        )
    return fetch_picture(ref)
