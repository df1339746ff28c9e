"""Pictures: what an upload becomes before it is stored, and how a page shows it.

A stored picture has none of the uploaded bytes: its pixels are drawn into a new image, so EXIF (with
its GPS position), comments, colour profiles and anything appended are gone (docs/reliability.md M15).
"""

import io
import struct
import threading
import warnings
from collections.abc import Iterable
from functools import lru_cache
from typing import IO, Any

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from pictures.models import PictureField, PictureFieldFile
from PIL import ExifTags, Image, ImageCms, UnidentifiedImageError

from marketplace.common.errors import Busy, Invalid
from marketplace.common.ids import new_public_id

from .models import ProductImage

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 25_000_000
MAX_PHOTO_PIXELS = 60_000_000
"""Of a JPEG as cameras write it, which is read at a part of its size; what can only be read whole may have fewer."""
WAIT_FOR_TURN = 10  # seconds
MAX_WEBP_PIXELS = 8_000_000
"""Its decoder keeps four copies of the whole."""
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


_START_OF_SCAN, _FILL = 0xDA, 0xFF  # markers of ITU-T T.81, B.1.1.2

# Modes whose numbers cannot be mixed → those in which they can.
_READ_AS = {"1": "L", "P": "RGBA", "PA": "RGBA", "I;16": "I", "I;16B": "I", "I;16L": "I"}

_one_at_a_time = threading.BoundedSemaphore()


def rebuild(file: IO[bytes]) -> "ContentFile[bytes]":
    """A new WebP file with the upright pixels of `file` and nothing else.

    A process draws one picture at a time, in 250 MB at most, whatever `file` is. Raises `Invalid` (field "file"),
    and `Busy` where many are before it.
    """
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Invalid(_("A picture may be 20 MB at most."), field="file")
    if not _one_at_a_time.acquire(timeout=WAIT_FOR_TURN):
        raise Busy(_("Many pictures are being stored right now. Please try again in a moment."))
    try:
        return _drawn_anew(data)
    finally:
        _one_at_a_time.release()


def _drawn_anew(data: bytes) -> "ContentFile[bytes]":
    most = MAX_PIXELS
    try:
        # Pillow warns of a decompression bomb above 89 Mpx; our own cap below is far stricter.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=FORMATS)
        if _is_read_line_by_line(image, data):
            most = MAX_PHOTO_PIXELS
        elif image.format == "WEBP":
            most = MAX_WEBP_PIXELS
        if image.width * image.height > most:
            raise _too_large(most)
        image.draft(None, _kept_size(image))  # JPEG: the decoder leaves out what would be scaled away
        image.load()
        pixels = _upright_srgb(_reduced(image))
    except Image.DecompressionBombError as error:
        raise _too_large(most) from error
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


def _kept_size(image: Image.Image) -> tuple[int, int]:
    """The size that is kept of `image`: its own shape, so that a panorama, too, is read at a part of its size."""
    part = min(MAX_SIDE / max(image.size), 1)
    return max(1, round(image.width * part)), max(1, round(image.height * part))


def _reduced(image: Image.Image) -> Image.Image:
    """`image` a whole number of times smaller, before anything makes a copy of it; never smaller than what is kept."""
    times = max(image.size) // MAX_SIDE
    if times < 2:
        return image
    if image.mode in _READ_AS:
        image = image.convert(_READ_AS[image.mode])
    if "transparency" in image.info and image.mode in (
        "L",
        "RGB",
    ):  # a colour of its own, which would be mixed
        image = image.convert("LA" if image.mode == "L" else "RGBA")
    return image.reduce(times)


def _is_read_line_by_line(image: Image.Image, data: bytes) -> bool:
    """Whether `image` is a JPEG of one scan, as cameras write it: of others the decoder keeps the whole in memory."""
    if image.format not in ("JPEG", "MPO") or image.info.get("progressive"):
        return False
    at = 2
    while data[at : at + 1] == b"\xff" and at + 4 < len(data):
        if data[at + 1] == _START_OF_SCAN:
            return data[at + 4] == len(image.getbands())
        at += 1 if data[at + 1] == _FILL else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return False


def _too_large(most: int) -> Invalid:
    return Invalid(
        _("A picture may have %(number)d million pixels at most.") % {"number": most // 1_000_000},
        field="file",
    )


def _orientation(image: Image.Image) -> object:
    """What the EXIF says of how the camera was held; None if it says nothing that can be read."""
    try:
        return image.getexif().get(ExifTags.Base.Orientation)
    except (OSError, SyntaxError, TypeError, ValueError, struct.error):
        return None


# A picture's mode as Pillow opens it → the mode whose numbers its colour profile is about.
_COLOURS = {
    "1": "L",
    "L": "L",
    "LA": "L",
    "La": "L",
    "I;16": "L",
    "I;16B": "L",
    "I;16L": "L",
    "I": "L",
    "P": "RGB",
    "PA": "RGB",
    "RGB": "RGB",
    "RGBA": "RGB",
    "RGBa": "RGB",
    "RGBX": "RGB",
    "YCbCr": "RGB",
    "CMYK": "CMYK",
}
_HIGHEST_16_BIT = 65_535


def _upright_srgb(image: Image.Image) -> Image.Image:
    """`image` turned as its EXIF says, in sRGB, as RGB or RGBA. Raises ValueError for a mode that is not named."""
    profile = image.info.get("icc_profile")
    turn = _TURNS.get(_orientation(image))
    if turn is not None:
        image = image.transpose(turn)
    mode = _COLOURS.get(image.mode)
    if mode is None:
        raise ValueError(f"mode {image.mode}")
    if image.mode.startswith("I"):
        # Sixteen bits of grey. Pillow's own conversion would cut off all above 255, which is white.
        image = image.convert("I").point(lambda grey: grey * (255 / _HIGHEST_16_BIT)).convert("L")
        image.info.pop("transparency", None)  # a grey of sixteen bits, too: none of ours
    alpha = None
    if image.mode in ("RGBA", "RGBa", "LA", "La", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        alpha = image.getchannel("A")
        image = image.convert("RGB").convert(mode)  # back to grey where it was grey, for the profile
    colours = _in_srgb(image.convert(mode), profile)
    if alpha is not None:
        colours.putalpha(alpha)
    return colours


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """`image` (L, RGB or CMYK) as sRGB by its colour profile.

    Without one, or with one that is broken or about other colours, its numbers are taken as browsers take them.
    """
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            srgb = ImageCms.createProfile("sRGB")
            # It answers None only where it is asked to work in place.
            return ImageCms.profileToProfile(image, source, srgb, outputMode="RGB") or image.convert("RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass
    return image.convert("RGB")


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


def shown_pictures(images: Iterable[ProductImage]) -> list[Picture]:
    """What `<picture>` needs for each of these pictures, in their order."""
    drawn = (picture(image.picture.name, image.width, image.height, image.alt_text) for image in images)
    return [one for one in drawn if one]
