"""A small photo studio: an object on a soft background, with light, a floor and its shadow.

Every picture is drawn from a 256 px cut-out and the name of its product, so the same product always
looks the same. Pillow only; about 40 ms a picture.
"""

import hashlib
import io
import random
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

CUTOUTS = Path(__file__).parent / "pictures"
SIZE = 900

# wall, floor, what stands behind the object: one quiet family a department.
PALETTES = {
    "sand": [("#F6EBDD", "#E6D0B8", "#FFF8EE"), ("#F8E9DF", "#EBCBB6", "#FFF7F1")],
    "sage": [("#E8EFE3", "#C4D5BC", "#F8FBF3"), ("#E3EEE9", "#B7D2C6", "#F5FBF8")],
    "sky": [("#E4EEF5", "#BCD3E4", "#F6FBFE"), ("#E6EBF6", "#C0CCE6", "#F7F9FE")],
    "rose": [("#F8E6E4", "#EBC4C1", "#FFF6F4"), ("#F7E6EC", "#E8C3D1", "#FFF6F9")],
    "lilac": [("#EEE8F5", "#D2C4E6", "#FAF7FE"), ("#EAE7F4", "#C8C3E2", "#F9F8FE")],
    "butter": [("#FBF1D6", "#EFD99F", "#FFFBEC"), ("#F9EFD9", "#EAD3A8", "#FFFAEF")],
    "stone": [("#EEECE8", "#CFCBC3", "#FBFAF8"), ("#ECEDEE", "#C9CDD0", "#FAFBFB")],
}


@dataclass(frozen=True)
class Shot:
    """How one picture is taken: from afar, close, tilted, or several pieces together."""

    scale: float = 0.60
    tilt: float = 0.0
    pieces: int = 1
    mirrored: bool = False
    off_centre: float = 0.0


FRONT = Shot()
TILTED = Shot(scale=0.56, tilt=12.0, mirrored=True)
CLOSE = Shot(scale=0.92, tilt=-5.0, off_centre=0.03)
TOGETHER = Shot(scale=0.42, pieces=3)


def _seed(text: str) -> random.Random:
    digest = hashlib.sha256(text.encode()).digest()
    return random.Random(int.from_bytes(digest[:8], "big"))  # noqa: S311  a look, not a secret


@lru_cache(maxsize=64)
def _backdrop(wall: str, floor: str, glow: str, style: int) -> Image.Image:
    """A wall that is lit from above, a floor, and behind the object a disc, an arch, or only light."""
    picture = Image.new("RGB", (SIZE, SIZE), wall)
    light = ImageOps.invert(Image.radial_gradient("L")).resize((int(SIZE * 1.5), int(SIZE * 1.3)))
    light = light.crop((int(SIZE * 0.25), int(SIZE * 0.22), int(SIZE * 1.25), int(SIZE * 1.22)))
    picture.paste(Image.new("RGB", picture.size, glow), mask=light.point(lambda value: int(value * 0.85)))

    horizon = int(SIZE * 0.66)
    ramp = Image.linear_gradient("L").resize((SIZE, SIZE - horizon))
    floor_mask = Image.new("L", picture.size, 0)
    floor_mask.paste(ramp.point(lambda value: 105 + value // 2), (0, horizon))
    floor_mask = floor_mask.filter(ImageFilter.GaussianBlur(10 if style else 26))
    picture.paste(Image.new("RGB", picture.size, floor), mask=floor_mask)

    if style:
        big = Image.new("L", (SIZE, SIZE), 0)
        draw = ImageDraw.Draw(big)
        if style == 1:  # a sun
            draw.ellipse((SIZE * 0.19, SIZE * 0.13, SIZE * 0.81, SIZE * 0.75), fill=150)
        else:  # an arch that stands on the floor
            draw.rounded_rectangle((SIZE * 0.2, SIZE * 0.12, SIZE * 0.8, SIZE * 1.2), SIZE * 0.3, fill=135)
            draw.rectangle((0, SIZE * 0.7, SIZE, SIZE), fill=0)
        shape = big.filter(ImageFilter.GaussianBlur(1.5))
        picture.paste(Image.new("RGB", picture.size, floor), mask=shape)
    return picture


@lru_cache(maxsize=8)
def _trimmed(name: str, turned: int | None) -> Image.Image:
    with Image.open(CUTOUTS / f"{name}.webp") as source:
        cut = source.convert("RGBA")
    return _coloured(cut.crop(_extent(cut)), turned)


def _coloured(cut: Image.Image, turned: int | None) -> Image.Image:
    """The same with its colours turned by so many degrees, or without any."""
    if turned == 0:
        return cut
    alpha = cut.getchannel("A")
    hue, saturation, value = cut.convert("RGB").convert("HSV").split()
    if turned is None:
        saturation = saturation.point(lambda _level: 0)
    else:
        hue = hue.point([(level + round(turned * 255 / 360)) % 256 for level in range(256)])
    other = Image.merge("HSV", (hue, saturation, value)).convert("RGB")
    other.putalpha(alpha)
    return other


def _extent(cut: Image.Image) -> tuple[int, int, int, int]:
    return cut.getchannel("A").point(lambda value: 255 if value > 8 else 0).getbbox()


def _cutout(name: str, longest: int, shot: Shot, turned: int | None) -> Image.Image:
    cut = _trimmed(name, turned)
    if shot.mirrored:
        cut = ImageOps.mirror(cut)
    factor = longest / max(cut.size)
    cut = cut.resize((round(cut.width * factor), round(cut.height * factor)), Image.Resampling.LANCZOS)
    if shot.tilt:
        cut = cut.rotate(shot.tilt, Image.Resampling.BICUBIC, expand=True)
        cut = cut.crop(_extent(cut))
    return cut.filter(ImageFilter.UnsharpMask(radius=3, percent=70, threshold=2))


def _shadow(picture: Image.Image, cut: Image.Image, left: int, bottom: int, tint: str) -> None:
    """The silhouette laid flat on the floor, and a darker line where the object touches it."""
    width, height = cut.size
    flat = cut.getchannel("A").resize((width, max(8, int(height * 0.16))))
    pad = 60
    layer = Image.new("L", (width + 2 * pad, flat.height + 2 * pad), 0)
    layer.paste(flat.point(lambda value: int(value * 0.42)), (pad, pad))
    layer = layer.filter(ImageFilter.GaussianBlur(18))
    touch = Image.new("L", layer.size, 0)
    middle = layer.height // 2
    ImageDraw.Draw(touch).ellipse(
        (pad + width * 0.16, middle - 9, layer.width - pad - width * 0.16, middle + 9), fill=130
    )
    layer = ImageChops.lighter(layer, touch.filter(ImageFilter.GaussianBlur(9)))
    place = (left - pad, bottom - layer.height // 2 - 6)
    picture.paste(Image.new("RGB", layer.size, tint), place, layer)


def _darker(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"#{int(red * 0.42):02x}{int(green * 0.40):02x}{int(blue * 0.42):02x}"


def photograph(
    cutout: str, *, product: str, palette: str, shot: Shot = FRONT, turned: int | None = 0
) -> bytes:
    """One square JPEG of the cut-out `cutout` for the product named `product`, in its colours or others."""
    dice = _seed(f"{product}/{shot}")
    wall, floor, glow = dice.choice(PALETTES[palette])
    style = 0 if shot is CLOSE else dice.randrange(3)
    picture = _backdrop(wall, floor, glow, style).copy()
    tint = _darker(floor)

    width = int(SIZE * shot.scale)
    pieces = [(0.5 + shot.off_centre, 0.80, 1.0)]
    if shot.pieces == 3:
        pieces = [(0.30, 0.72, 0.88), (0.70, 0.72, 0.88), (0.5, 0.85, 1.12)]
    for across, down, factor in pieces:
        cut = _cutout(cutout, int(width * factor), shot, turned)
        left = int(SIZE * across - cut.width / 2)
        bottom = int(SIZE * down) if shot is not CLOSE else int(SIZE * 0.5 + cut.height / 2)
        if shot is FRONT:  # flat things stand a little higher, so that they do not sink to the edge
            bottom = min(bottom, int(SIZE * 0.5 + cut.height / 2) + 70)
        _shadow(picture, cut, left, bottom, tint)
        picture.paste(cut, (left, bottom - cut.height), cut)

    file = io.BytesIO()
    picture.save(file, "JPEG", quality=92, subsampling=0)
    return file.getvalue()
