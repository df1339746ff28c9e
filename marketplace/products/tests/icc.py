"""Colour profiles whose effect nobody can miss, built by hand (ICC.1:2001-04), because none may be installed."""

import struct

from PIL import Image, ImageCms

D50 = (0.9642, 1.0, 0.8249)
# sRGB's primaries, adapted to D50.
RED, GREEN, BLUE = (0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)


def _fixed(*numbers: float) -> bytes:
    return struct.pack(f">{len(numbers)}i", *(round(number * 65536) for number in numbers))


def _xyz(numbers: tuple[float, float, float]) -> bytes:
    return b"XYZ " + bytes(4) + _fixed(*numbers)


def _gamma(power: float) -> bytes:
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(power * 256)) + bytes(2)


def _profile(kind: bytes, colours: bytes, between: bytes, tags: dict[bytes, bytes]) -> bytes:
    tags = {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", 5) + b"test\0" + bytes(79),
        b"cprt": b"text" + bytes(4) + b"none\0",
        b"wtpt": _xyz(D50),
    } | tags
    table, data = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, value in tags.items():
        table += name + struct.pack(">II", start + len(data), len(value))
        data += value + bytes(-len(value) % 4)
    header = bytes(8) + b"\x02\x40\0\0" + kind + colours + between + struct.pack(">6H", 2026, 1, 1, 0, 0, 0)
    header = (header + b"acsp").ljust(68, b"\0") + _fixed(*D50)
    whole = header.ljust(128, b"\0") + table + data
    return struct.pack(">I", len(whole)) + whole[4:]


def red_means_green() -> bytes:
    """Of RGB: the two primaries are exchanged."""
    curve = _gamma(2.2)
    tags = {b"rXYZ": _xyz(GREEN), b"gXYZ": _xyz(RED), b"bXYZ": _xyz(BLUE)}
    return _profile(b"mntr", b"RGB ", b"XYZ ", tags | {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve})


def linear_grey() -> bytes:
    """Of grey: half the light is half the number, which is 188 of 255 in sRGB."""
    return _profile(b"mntr", b"GRAY", b"XYZ ", {b"kTRC": _gamma(1.0)})


def printed(cyan: tuple[int, int, int]) -> bytes:
    """Of CMYK: cyan ink looks like `cyan` in sRGB, paper is white, everything else black."""
    colours = {(0, 0, 0, 0): _lab((255, 255, 255)), (1, 0, 0, 0): _lab(cyan)}
    black = _lab((0, 0, 0))
    corners = [(c, m, y, k) for c in (0, 1) for m in (0, 1) for y in (0, 1) for k in (0, 1)]
    ramp = bytes(range(256))
    table = (
        b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + _fixed(1, 0, 0, 0, 1, 0, 0, 0, 1) + ramp * 4
        + b"".join(colours.get(corner, black) for corner in corners) + ramp * 3
    )  # fmt: skip
    return _profile(b"prtr", b"CMYK", b"Lab ", {b"A2B0": table})


def _lab(colour: tuple[int, int, int]) -> bytes:
    """A colour as a table of eight bits has it: L of 255, a and b with 128 for 0."""
    lab = ImageCms.profileToProfile(
        Image.new("RGB", (1, 1), colour),
        ImageCms.createProfile("sRGB"),
        ImageCms.createProfile("LAB"),
        outputMode="LAB",
    )
    return bytes(lab.getpixel((0, 0)))
