"""A stored picture shows the colours that the seller saw, whatever their camera or program wrote."""

import io

import pytest
from PIL import Image

from marketplace.common.errors import Invalid
from marketplace.products import pictures
from marketplace.products.pictures import rebuild

from . import icc

SIZE = (16, 16)


def shown(image, **options):
    """The middle of `image` after it was stored."""
    file = io.BytesIO()
    image.save(file, **({"format": "PNG"} | options))
    file.seek(0)
    with Image.open(rebuild(file)) as stored:
        return stored.getpixel((8, 8))


def close(seen, wanted, *, within=6):
    """Lossy as WebP is."""
    return all(abs(one - other) <= within for one, other in zip(seen, wanted, strict=True))


def deep_grey(value):
    return Image.new("I;16", SIZE, value)


GREY = (128, 128, 128)


@pytest.mark.parametrize(
    ("image", "wanted"),
    [
        (Image.new("1", SIZE, 1), (255, 255, 255)),
        (Image.new("L", SIZE, 128), GREY),
        (Image.new("LA", SIZE, (128, 64)), (*GREY, 64)),
        (deep_grey(128 * 257), GREY),
        (deep_grey(300), (1, 1, 1)),
        (Image.new("RGB", SIZE, (200, 30, 30)), (200, 30, 30)),
        (Image.new("RGBA", SIZE, (200, 30, 30, 255)), (200, 30, 30)),
        (Image.new("RGB", SIZE, (200, 30, 30)).quantize(4), (200, 30, 30)),
    ],
    ids=["bits", "grey", "grey and clear", "16 bits of grey", "nearly black", "colour", "opaque", "palette"],
)
def test_each_kind_of_png_keeps_its_colour(image, wanted):
    assert close(shown(image)[: len(wanted)], wanted)


@pytest.mark.parametrize("mode", ["L", "RGB", "P"])
def test_what_is_clear_stays_clear(mode):
    image = Image.new("RGB", SIZE, (200, 200, 200))
    image = image.quantize(4) if mode == "P" else image.convert(mode)
    clear = {"L": 200, "RGB": (200, 200, 200), "P": image.getpixel((0, 0))}[mode]

    assert shown(image, transparency=clear)[3] == 0


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_a_profile_says_what_the_numbers_mean(mode):
    red = Image.new("RGB", SIZE, (255, 0, 0))
    image = red.quantize(4) if mode == "P" else red.convert(mode)

    assert close(shown(image, icc_profile=icc.red_means_green())[:3], (0, 255, 0))


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_grey_has_profiles_too(mode):
    image = Image.new("L", SIZE, 128).convert(mode)

    assert close(shown(image, icc_profile=icc.linear_grey())[:3], (188, 188, 188))


def test_ink_is_shown_as_its_profile_says():
    ink = Image.new("CMYK", SIZE, (255, 0, 0, 0))
    cyan = (0, 175, 239)

    assert close(shown(ink, format="JPEG", quality=95, icc_profile=icc.printed(cyan)), cyan, within=12)
    assert close(shown(ink, format="JPEG", quality=95), (0, 255, 255))


def test_a_profile_about_other_colours_is_left_out():
    grey = Image.new("L", SIZE, 128)

    assert close(shown(grey, icc_profile=icc.printed((0, 175, 239))), GREY)
    assert close(shown(grey, icc_profile=b"nonsense"), GREY)


def test_a_kind_that_is_not_named_is_refused(monkeypatch):
    monkeypatch.delitem(pictures._COLOURS, "L")

    with pytest.raises(Invalid):
        shown(Image.new("L", SIZE, 128))
