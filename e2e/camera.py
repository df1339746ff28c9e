"""A phone whose camera sees what a test shows it: Chromium plays a video file instead of a lens.

The file is named when the browser starts and read when a page opens the camera, so each phone with a
camera is a browser of its own, and what it sees may be filmed later.
"""

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

WIDTH, HEIGHT = 640, 480
FRAMES = 3  # the file is played over and over


def camera_flags(film: Path) -> list[str]:
    """Chromium's options for a camera that plays `film`."""
    return ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"]


def shoot(film: Path, picture: bytes, *, size: int = 340, turned: int = 8) -> None:
    """Write a grey film (YUV4MPEG2) in which `picture` lies on a table, a little turned."""
    code = Image.open(io.BytesIO(picture)).convert("L").resize((size, size))
    frame = Image.new("L", (WIDTH, HEIGHT), 190)
    code = code.convert("LA").rotate(turned, expand=True, fillcolor=(190, 0))
    frame.paste(code, ((WIDTH - code.width) // 2, (HEIGHT - code.height) // 2), code.getchannel("A"))
    grey = b"\x80" * (WIDTH * HEIGHT // 2)  # no colour: both planes of it at a quarter of the size
    with film.open("wb") as file:
        file.write(b"YUV4MPEG2 W%d H%d F10:1 Ip A1:1 C420jpeg\n" % (WIDTH, HEIGHT))
        for _frame in range(FRAMES):
            file.write(b"FRAME\n" + frame.tobytes() + grey)


def photo_of(picture: bytes | None) -> bytes:
    """The same as a photo that a phone takes: much table (None: only that), JPEG, many pixels."""
    table = Image.new("RGB", (3000, 4000), "#b59a7a")
    if picture:
        code = Image.open(io.BytesIO(picture)).convert("RGB").resize((900, 900))
        table.paste(code.rotate(5, expand=True, fillcolor="#b59a7a"), (1000, 1600))
    file = io.BytesIO()
    table.save(file, "JPEG", quality=80)
    return file.getvalue()


def code_on(page: Page, order_number: str) -> bytes:
    """What the buyer's phone shows: the QR code on the page of their order, as a picture."""
    page.goto(f"/orders/{order_number}/")
    code = page.get_by_test_id("qr")
    expect(code).to_be_visible()
    return code.screenshot()
