"""Pictures in a ZIP beside the table, and what else a stranger may put there."""

import io
import struct
import zipfile

import pytest

from marketplace.common.errors import Invalid
from marketplace.products.shopify import zipped
from marketplace.products.shopify.pictures import find_picture
from marketplace.products.shopify.zipped import PictureZip


def zip_of(files, method=zipfile.ZIP_STORED) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return file


def get(ref, *files) -> bytes | None:
    found = PictureZip(zip_of(files)).get(ref)
    return found.read() if found else None


@pytest.mark.parametrize(
    "ref",
    [
        "mug.jpg",
        "MUG.JPG",
        "pictures/mug.jpg",
        "pictures\\mug.jpg",
        "https://cdn.shopify.com/s/files/1/mug.jpg?v=1625",
        "/elsewhere/mug.jpg",
    ],
)
def test_a_picture_is_found_by_its_name(ref):
    assert get(ref, ("pictures/mug.jpg", b"a mug"), ("__MACOSX/mug.jpg", b"junk")) == b"a mug"


def test_names_are_compared_as_people_read_them():
    assert get("https://x.example/caf%C3%A9.jpg", ("cafe\u0301.jpg", b"coffee")) == b"coffee"


def test_of_two_with_one_name_the_path_decides():
    files = (("blue/mug.jpg", b"blue"), ("red/mug.jpg", b"red"))

    assert get("red/mug.jpg", *files) == b"red"
    with pytest.raises(Invalid, match="Several pictures"):
        get("mug.jpg", *files)


@pytest.mark.parametrize("ref", ["cup.jpg", "", "..", "https://[x/mug.jpg", "mug.jpg/"])
def test_what_is_not_there_is_none(ref):
    assert get(ref, ("pictures/", b""), ("cupboard.jpg", b"x")) is None


def test_a_name_is_no_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert get("evil.jpg", ("../../evil.jpg", b"x")) == b"x"
    assert get("passwd", ("/etc/passwd", b"mine")) == b"mine"
    assert not list(tmp_path.iterdir())


def test_a_bomb_is_not_unpacked(monkeypatch):
    bomb = zip_of([("mug.jpg", b"\0" * 5_000_000)], zipfile.ZIP_DEFLATED)
    assert len(bomb.getvalue()) < 10_000
    with pytest.raises(Invalid, match="20 MB at most"):
        PictureZip(bomb).get("mug.jpg")

    monkeypatch.setattr(zipped, "MAX_BYTES", 10)
    with pytest.raises(Invalid, match="at most"):
        get("mug.jpg", ("mug.jpg", b"x" * 11))


def test_a_bomb_that_lies_about_its_size_is_not_unpacked_further(monkeypatch):
    file = zip_of([("mug.jpg", bytes(range(256)) * 40)], zipfile.ZIP_DEFLATED)
    data = bytearray(file.getvalue())
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 5)  # the size when unpacked, in the list of files
    monkeypatch.setattr(zipped, "MAX_BYTES", 100)

    with pytest.raises(Invalid):
        PictureZip(io.BytesIO(data)).get("mug.jpg")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packers_that_take_much_memory_are_refused(method):
    with pytest.raises(Invalid):
        PictureZip(zip_of([("mug.jpg", b"x" * 100)], method)).get("mug.jpg")


def test_a_zip_lists_so_many_files_at_most(monkeypatch):
    monkeypatch.setattr(zipped, "MAX_FILES", 2)
    PictureZip(zip_of([("a", b""), ("b", b"")]))
    with pytest.raises(Invalid, match="2 files at most"):
        PictureZip(zip_of([("a", b""), ("b", b""), ("c", b"")]))

    monkeypatch.setattr(zipped, "_MAX_LIST_BYTES", 50)
    with pytest.raises(Invalid, match="files at most"):
        PictureZip(zip_of([("a" * 60, b"")]))


def test_a_long_list_that_is_kept_elsewhere_is_not_read():
    """ZIP64 keeps its count apart: the short one says nothing."""
    data = zip_of([("a", b"")]).getvalue()
    end = data.rfind(b"PK\x05\x06")
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, end, 1)

    with pytest.raises(Invalid, match="files at most"):
        PictureZip(io.BytesIO(data[:end] + locator + data[end:]))


@pytest.mark.parametrize(
    "content", [b"", b"no zip", b"PK\x05\x06", b"PK\x05\x06" + b"\xff" * 18, b"\0" * 70_000]
)
def test_what_is_no_zip_is_refused(content):
    with pytest.raises(Invalid) as refused:
        PictureZip(io.BytesIO(content))
    assert refused.value.field == "pictures"


def test_a_zip_has_a_largest_size(monkeypatch):
    monkeypatch.setattr(zipped, "MAX_ZIP_BYTES", 10)
    with pytest.raises(Invalid, match="MB at most"):
        PictureZip(zip_of([("a", b"")]))


def test_a_damaged_or_locked_picture_is_said_to_be():
    data = bytearray(zip_of([("mug.jpg", b"a mug")]).getvalue())
    data[data.find(b"a mug")] = ord("x")
    with pytest.raises(Invalid, match="damaged"):
        PictureZip(io.BytesIO(data)).get("mug.jpg")

    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(Invalid, match="password"):
        PictureZip(io.BytesIO(data)).get("mug.jpg")


def test_nothing_is_fetched_unless_the_store_says_so(settings, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "marketplace.products.shopify.pictures.fetch_picture",
        lambda url: asked.append(url) or io.BytesIO(b"far"),
    )
    beside = PictureZip(zip_of([("mug.jpg", b"near")]))

    for ref in ("https://x.example/cup.jpg", "cup.jpg"):
        with pytest.raises(Invalid):
            find_picture(ref, beside)
    assert asked == []

    settings.IMPORT_FETCHES_PICTURES = True
    assert find_picture("https://x.example/mug.jpg", beside).read() == b"near"
    assert find_picture("https://x.example/cup.jpg", beside).read() == b"far"
    assert find_picture("https://x.example/cup.jpg", None).read() == b"far"
    assert asked == ["https://x.example/cup.jpg"] * 2
