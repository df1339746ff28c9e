"""Photos of doors and parcels: read through the store, which asks who wants to see them."""

from pathlib import PurePosixPath

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from marketplace.delivery.selectors import photo_by_id

# Not asked of `mimetypes`, which knows what the machine does: without /etc/mime.types not every one of these.
KINDS = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}


@require_safe
def photo(request: HttpRequest, public_id: str) -> HttpResponse:
    """A photo, if the person who asks is one of its parcel's people; else it is not there."""
    found = photo_by_id(request.user, public_id)
    if found is None:
        raise Http404
    try:
        with found.open("rb") as file:
            content = file.read()  # one that store_photo drew anew: never large
    except FileNotFoundError as error:
        raise Http404 from error
    suffix = PurePosixPath(found.name).suffix
    kind = KINDS.get(suffix.lower())
    response = HttpResponse(content, content_type=kind or "application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(kind is None, f"{public_id}{suffix}")
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    # Whatever it is, it runs nothing. More than that keeps browsers from laying out a picture of their own.
    response["Content-Security-Policy"] = "sandbox"
    return response
