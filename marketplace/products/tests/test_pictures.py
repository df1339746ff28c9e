"""Pictures: what is stored has none of the bytes that were sent (docs/reliability.md M15)."""

import errno
import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import FileSystemStorage
from PIL import ExifTags, Image, ImageCms, ImageOps

from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import Busy, CannotSave, Invalid
from marketplace.products import pictures, services
from marketplace.products.files import FIELD
from marketplace.products.models import Product, ProductImage
from marketplace.products.pictures import MAX_BYTES, picture, rebuild
from marketplace.products.selectors import product_page

MARK = b"SECRET-PLACE-52.52-13.40"


def stored_bytes(image):
    with image.picture.open() as file:
        return file.read()


def bomb(width, height):
    """A tiny PNG that claims to be huge."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\x00" * ((width // 8 + 1) * height), 9)
    return io.BytesIO(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_three_formats_become_webp_with_their_sizes(product, picture_file, kind, settings):
    image = services.add_image(
        product_id=product.pk, file=picture_file(kind, (900, 700)), alt_text="A lamp", actor=SYSTEM
    )

    assert (image.width, image.height) == (900, 700)
    with Image.open(io.BytesIO(stored_bytes(image))) as opened:
        assert opened.format == "WEBP"
    shown = product_page(product.slug).card["picture"]
    assert [mime for mime, _srcset in shown["sources"]] == ["image/avif", "image/webp"]
    for _mime, srcset in shown["sources"]:
        for part in srcset.split(", "):
            url, width = part.split()
            with Image.open(settings.MEDIA_ROOT / url.removeprefix(settings.MEDIA_URL)) as size:
                assert size.size == (int(width[:-1]), int(width[:-1]))
    assert shown["alt"] == "A lamp"


def test_exif_with_its_place_is_gone_and_its_rotation_done(product):
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010E] = MARK.decode()
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    file = io.BytesIO()
    Image.new("RGB", (800, 400), "teal").save(file, "JPEG", exif=exif)
    assert MARK in file.getvalue()
    file.seek(0)

    image = services.add_image(product_id=product.pk, file=file, alt_text="A lamp", actor=SYSTEM)

    assert (image.width, image.height) == (400, 800)
    data = stored_bytes(image)
    assert MARK not in data
    with Image.open(io.BytesIO(data)) as opened:
        assert not dict(opened.getexif())


@pytest.mark.parametrize(
    ("tag", "kind", "value"), [(0x0100, 2, b"abc\0"), (0x011A, 2, b"abc\0"), (0x0111, 7, b"abcd")]
)
def test_exif_that_is_partly_broken_still_turns_the_picture(tag, kind, value):
    """Pillow's exif_transpose raises struct.error and TypeError for these: it writes the EXIF anew."""
    entries = [(0x0112, 3, 1, struct.pack("<HH", 6, 0)), (tag, kind, 4, value)]
    tiff = b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries))
    tiff += b"".join(struct.pack("<HHI", *head) + data for *head, data in sorted(entries)) + b"\0" * 4
    file = io.BytesIO()
    Image.new("RGB", (80, 40), "teal").save(file, "JPEG", exif=b"Exif\0\0" + tiff)

    with Image.open(rebuild(io.BytesIO(file.getvalue()))) as clean:
        assert clean.size == (40, 80)


def test_exif_that_cannot_be_read_leaves_the_picture_as_it_lies():
    file = io.BytesIO()
    Image.new("RGB", (80, 40), "teal").save(file, "JPEG", exif=b"Exif\0\0no TIFF at all")

    with Image.open(rebuild(io.BytesIO(file.getvalue()))) as clean:
        assert clean.size == (80, 40)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_as_its_exif_says(orientation):
    corners = Image.new("RGB", (64, 32))
    corners.paste("red", (0, 0, 16, 16))
    corners.paste("blue", (48, 0, 64, 16))
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    corners.save(file, "PNG", exif=exif)

    with Image.open(rebuild(io.BytesIO(file.getvalue()))) as clean:
        expected = ImageOps.exif_transpose(Image.open(io.BytesIO(file.getvalue())))
        assert clean.size == expected.size
        for x in (4, clean.width - 5):
            for y in (4, clean.height - 5):
                there, wanted = clean.getpixel((x, y)), expected.getpixel((x, y))
                assert all(abs(one - other) < 40 for one, other in zip(there, wanted, strict=True))


def test_a_picture_of_somebody_elses_product_is_refused_before_anything_is_drawn(
    product, picture_file, other_seller, monkeypatch
):
    monkeypatch.setattr(pictures, "rebuild", lambda file: pytest.fail("drawn"))

    with pytest.raises(PermissionDenied):
        services.add_image(
            product_id=product.pk, file=picture_file("PNG"), alt_text="A lamp", actor=other_seller
        )
    with pytest.raises(Product.DoesNotExist):
        services.add_image(
            product_id=product.pk + 1000, file=picture_file("PNG"), alt_text="A lamp", actor=SYSTEM
        )

    assert not ProductImage.objects.exists()


def test_comments_text_profiles_and_what_was_appended_are_gone(picture_file):
    commented = picture_file("JPEG", comment=MARK)
    polyglot = io.BytesIO(picture_file("JPEG").getvalue() + b"<script>" + MARK + b"</script>")
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", MARK.decode())
    profiled = picture_file("PNG", pnginfo=info, icc_profile=MARK * 10)

    for file in (commented, polyglot, profiled):
        assert MARK in file.getvalue() or file is profiled
        clean = rebuild(file).read()
        assert MARK not in clean
        with Image.open(io.BytesIO(clean)) as opened:
            assert "icc_profile" not in opened.info
            assert "comment" not in opened.info


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "ICO", "AVIF"])
def test_other_formats_are_refused(picture_file, kind):
    with pytest.raises(Invalid) as refused:
        rebuild(picture_file(kind, (64, 64)))
    assert refused.value.field == "file"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0broken",
    ],
)
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(Invalid):
        rebuild(io.BytesIO(data))


def test_a_cut_off_picture_is_refused(picture_file):
    whole = picture_file("JPEG", (800, 800)).getvalue()
    with pytest.raises(Invalid):
        rebuild(io.BytesIO(whole[: len(whole) // 2]))


@pytest.mark.parametrize("size", [(10_000, 10_000), (5_001, 5_000), (20_000, 20_000)])
def test_a_bomb_is_refused_before_it_goes_off(size):
    file = bomb(*size)
    assert len(file.getvalue()) < 100_000
    with pytest.raises(Invalid):
        rebuild(file)


def photo(width, height, form="JPEG", **options):
    """A JPEG of the size that a phone's camera writes."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 30)).save(file, form, **options)
    return file.getvalue()


def turned(orientation):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return exif


def test_a_photo_of_a_phone_is_taken(picture_file):
    """24 million pixels and 6.9 MB were refused at the door."""
    data = photo(6000, 4000)
    data += b"\0" * (7_000_000 - len(data))

    with Image.open(rebuild(io.BytesIO(data))) as clean:
        assert clean.size == (2400, 1600)
        assert all(abs(is_ - was) < 6 for is_, was in zip(clean.getpixel((9, 9)), (200, 30, 30), strict=True))


@pytest.mark.parametrize(
    ("width", "height", "options"),
    [(9000, 6700, {}), (6000, 4200, {"progressive": True}), (3300, 2500, {"form": "WEBP"})],
    ids=["too many pixels", "too many that must be read whole", "too many of WebP"],
)
def test_a_photo_may_have_so_many_pixels_and_no_more(width, height, options):
    with pytest.raises(Invalid, match="million pixels"):
        rebuild(io.BytesIO(photo(width, height, **options)))


def test_a_photo_whose_colours_come_one_after_the_other_counts_as_one_that_is_read_whole():
    """A baseline JPEG of three scans: its decoder keeps all of it, as that of a progressive one."""
    data = bytearray(photo(6000, 4200))
    assert rebuild(io.BytesIO(bytes(data)))
    scan = data.index(b"\xff\xda")
    data[scan + 4] = 1

    with pytest.raises(Invalid, match="25 million pixels"):
        rebuild(io.BytesIO(bytes(data)))


DRAW_IT = """
import io, sys
import django
django.setup()
from marketplace.products.pictures import rebuild
def peak():
    # Not ru_maxrss: that begins with what the process had from which this one was forked.
    return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
data = sys.stdin.buffer.read()
before = peak()
rebuild(io.BytesIO(data))
print(peak() - before)
"""


def whole(mode, side, form="PNG"):
    """A picture that can only be read whole, with a colour profile, turned."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    file = io.BytesIO()
    Image.new(mode, (side, side)).save(file, form, exif=turned(6), icc_profile=profile)
    return file.getvalue()


COSTLY_PICTURES = {
    "60 Mpx": lambda: photo(8900, 6700, exif=turned(6)),
    "60 Mpx, a panorama": lambda: photo(65_000, 920, exif=turned(6)),
    "25 Mpx, progressive": lambda: photo(5900, 4200, exif=turned(6), progressive=True, subsampling=0),
    "25 Mpx, see-through": lambda: whole("RGBA", 5000),
    "25 Mpx of a palette": lambda: whole("P", 5000),
    "25 Mpx of sixteen bits": lambda: whole("I;16", 5000),
    "8 Mpx, WebP": lambda: whole("RGBA", 2828, "WEBP"),
}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="it asks Linux how much memory was used")
@pytest.mark.parametrize("draw", COSTLY_PICTURES.values(), ids=COSTLY_PICTURES)
@pytest.mark.costly(
    "sixty million pixels are drawn, in a process of its own whose memory is measured", seconds=20
)
def test_a_large_photo_is_drawn_in_bounded_memory(draw):
    """Read whole, sixty million pixels are 180 MB, and as much again to turn them."""
    done = subprocess.run(
        [sys.executable, "-c", DRAW_IT],
        input=draw(),
        capture_output=True,
        check=True,
        timeout=120,
    )

    assert int(done.stdout) < 250_000, "kB more than before"


def test_pictures_are_drawn_one_at_a_time(picture_file, monkeypatch):
    monkeypatch.setattr(pictures, "WAIT_FOR_TURN", 0.01)
    with pictures._one_at_a_time, pytest.raises(Busy):
        rebuild(picture_file("PNG"))

    assert rebuild(picture_file("PNG"))
    for _twice in range(2):  # whatever goes wrong, the turn is given back
        with pytest.raises(Invalid):
            rebuild(io.BytesIO(b"no picture"))
    assert rebuild(picture_file("PNG"))


def test_too_many_bytes_are_refused(picture_file):
    with pytest.raises(Invalid):
        rebuild(io.BytesIO(picture_file("PNG").getvalue() + b"\0" * MAX_BYTES))


def test_a_refused_picture_leaves_no_row_and_no_file(product, picture_file, settings):
    for _number in range(8):
        services.add_image(
            product_id=product.pk, file=picture_file(size=(320, 320)), alt_text="A lamp", actor=SYSTEM
        )
    files = sorted(settings.MEDIA_ROOT.rglob("*.*"))

    for wrong in ({"alt_text": "A ninth"}, {"alt_text": "  "}):
        with pytest.raises(Invalid):
            services.add_image(
                product_id=product.pk, file=picture_file(size=(320, 320)), **wrong, actor=SYSTEM
            )

    assert ProductImage.objects.count() == 8
    assert sorted(settings.MEDIA_ROOT.rglob("*.*")) == files


@pytest.mark.parametrize("fails_at", [1, 2, 4], ids="the {}. file".format)
def test_a_disk_that_is_full_leaves_no_row_and_no_part(product, picture_file, monkeypatch, fails_at):
    """The picture itself, or one of the sizes that pages use."""
    storage, written = FIELD.storage, []
    before = set(Path(storage.location).rglob("*"))
    save = FileSystemStorage._save

    def fill_up(self, name, content):
        written.append(save(self, name, content))
        if len(written) == fails_at:
            raise OSError(errno.ENOSPC, "No space left on device")
        return written[-1]

    with monkeypatch.context() as patch:
        patch.setattr(FileSystemStorage, "_save", fill_up)
        with pytest.raises(CannotSave):
            add(product, picture_file)

    assert len(written) == fails_at
    assert not ProductImage.objects.exists()
    assert {path for path in Path(storage.location).rglob("*") if path.is_file()} <= before
    assert add(product, picture_file).pk


def add(product, picture_file) -> ProductImage:
    file = picture_file("JPEG", (900, 700))
    return services.add_image(product_id=product.pk, file=file, alt_text="A lamp", actor=SYSTEM)


def test_the_first_picture_is_on_the_card_and_the_order_can_be_changed(product, picture_file, books_balance):
    first, second = (
        services.add_image(product_id=product.pk, file=picture_file(), alt_text=alt, actor=SYSTEM)
        for alt in ("One", "Two")
    )
    assert product_page(product.slug).card["picture"]["alt"] == "One"

    services.reorder_images(product_id=product.pk, image_ids=[second.pk, first.pk], actor=SYSTEM)
    assert [shown["alt"] for shown in product_page(product.slug).pictures] == ["Two", "One"]
    assert product_page(product.slug).card["picture"]["alt"] == "Two"

    path = second.picture.path
    services.remove_image(image_id=second.pk, actor=SYSTEM)
    assert product_page(product.slug).card["picture"]["alt"] == "One"
    with pytest.raises(FileNotFoundError):
        Path(path).open().close()
    with pytest.raises(Invalid):
        services.reorder_images(product_id=product.pk, image_ids=[first.pk, second.pk], actor=SYSTEM)


def test_a_picture_smaller_than_every_size_is_shown_as_it_is():
    shown = picture("products/tiny.webp", 64, 64, "A pin")
    assert shown["sources"] == []
    assert shown["src"].endswith("products/tiny.webp")
    assert (shown["width"], shown["height"]) == (64, 64)
    assert picture("", 0, 0, "") is None
