"""A phone whose camera sees what a test shows it: Chromium plays a video file instead of a lens.

The file is named when the browser starts and read when a page opens the camera, so each phone with a
camera is a browser of its own, and what it sees may be filmed later.
"""

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

WIDTH, HEIGHT = 640, 480
TABLE = 190  # how light it is, of 255
FRAMES = 3  # the file is played over and over


def camera_flags(film: Path) -> list[str]:
    """Chromium's options for a camera that plays `film`."""
    return ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"]


def shoot(film: Path, *pictures: bytes, turned: int = 8) -> None:
    """Write a grey film (YUV4MPEG2) in which `pictures` lie on a table, a little turned, side by side."""
    frame = Image.new("L", (WIDTH, HEIGHT), TABLE)
    for place, picture in enumerate(pictures):
        size = 340 if len(pictures) == 1 else 250
        code = Image.open(io.BytesIO(picture)).convert("L").resize((size, size)).convert("LA")
        code = code.rotate(turned, expand=True, fillcolor=(TABLE, 0))
        middle = WIDTH * (2 * place + 1) // (2 * len(pictures))
        corner = (middle - code.width // 2, (HEIGHT - code.height) // 2)
        frame.paste(code.getchannel("L"), corner, code.getchannel("A"))
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
