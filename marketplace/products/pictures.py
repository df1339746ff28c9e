"""Pictures: what an upload becomes before it is stored, and how a page shows it.

A stored picture has none of the uploaded bytes: its pixels are drawn into a new image, so EXIF (with
its GPS position), comments, colour profiles and anything appended are gone (docs/reliability.md M15).
"""

import io
import struct
import warnings
from functools import lru_cache
from typing import IO, Any

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from pictures.models import PictureField, PictureFieldFile
from PIL import ExifTags, Image, ImageCms, UnidentifiedImageError

from marketplace.common.errors import Invalid
from marketplace.common.ids import new_public_id

from .models import ProductImage

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 25_000_000
MAX_SIDE = 2400  # what is kept; a page never shows more
CARD_RATIO = "1/1"
FALLBACK_WIDTH = 600

Picture = dict[str, Any]  # what `<picture>` needs: sources, src, width, height, alt

# Not ImageOps.exif_transpose: it writes the EXIF anew, and raises where a camera wrote a tag of it badly.
_TURNS: dict[object, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def rebuild(file: IO[bytes]) -> "ContentFile[bytes]":
    """A new WebP file with the upright pixels of `file` and nothing else. Raises `Invalid` (field "file")."""
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Invalid(_("A picture may be 5 MB at most."), field="file")
    try:
        # Pillow warns of a decompression bomb above 89 Mpx; our own cap below is far stricter.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=FORMATS)
        if image.width * image.height > MAX_PIXELS:
            raise Invalid(_("A picture may have 25 million pixels at most."), field="file")
        image.load()
        pixels = _upright_srgb(image)
    except Image.DecompressionBombError as error:
        raise Invalid(_("A picture may have 25 million pixels at most."), field="file") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, IndexError) as error:
        raise Invalid(
            _("This is not a picture that we can read. Use JPEG, PNG or WebP."), field="file"
        ) from error
    pixels.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    clean = Image.new(pixels.mode, pixels.size)
    clean.paste(pixels)
    buffer = io.BytesIO()
    clean.save(buffer, format="WEBP", quality=88, method=4)
    return ContentFile(buffer.getvalue(), name=f"{new_public_id()}.webp")


def _orientation(image: Image.Image) -> object:
    """What the EXIF says of how the camera was held; None if it says nothing that can be read."""
    try:
        return image.getexif().get(ExifTags.Base.Orientation)
    except (OSError, SyntaxError, TypeError, ValueError, struct.error):
        return None


def _upright_srgb(image: Image.Image) -> Image.Image:
    """`image` turned as its EXIF says, in sRGB, as RGB or RGBA."""
    profile = image.info.get("icc_profile")
    turn = _TURNS.get(_orientation(image))
    if turn is not None:
        image = image.transpose(turn)
    has_alpha = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    mode = "RGBA" if has_alpha else "RGB"
    if profile and image.mode in ("RGB", "RGBA"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            srgb = ImageCms.createProfile("sRGB")
            # It answers None only where it is asked to work in place.
            image = ImageCms.profileToProfile(image, source, srgb, outputMode=image.mode) or image
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a broken profile: its numbers are taken as sRGB, as browsers do
    return image.convert(mode)


@lru_cache(maxsize=16_384)
def picture(name: str, width: int, height: int, alt: str) -> Picture | None:
    """What `<picture>` needs for the square of a stored picture; None if there is no picture.

    `sources` are (MIME type, srcset) pairs, best format first; `src` is for a browser that knows
    none of them. Works from the file's name alone: nothing is opened.
    """
    if not name:
        return None
    field: PictureField = ProductImage._meta.get_field("picture")
    by_type = next(
        iter(
            PictureFieldFile.get_picture_files(
                file_name=name, img_width=width, img_height=height, storage=field.storage, field=field
            ).values()
        )
    )
    sources, src, side = [], field.storage.url(name), min(width, height)
    for file_type, by_width in by_type.items():
        if by_width:
            srcset = ", ".join(f"{by_width[size].url} {size}w" for size in sorted(by_width))
            sources.append((f"image/{file_type.lower()}", srcset))
    webp = by_type.get("WEBP", {})
    if webp:
        side = max((size for size in webp if size <= FALLBACK_WIDTH), default=min(webp))
        src = webp[side].url
    return {"sources": sources, "src": src, "width": side, "height": side, "alt": alt}
