"""A QR code as SVG that a page may carry in itself: one path, no style, no script (the CSP is strict)."""

from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M

QUIET_ZONE = 4  # modules of white on each side: without them a scanner finds nothing (ISO/IEC 18004)


@lru_cache(
    maxsize=256
)  # 11 ms of processor time each, and a page that follows its parcel draws it again and again
def draw_qr(text: str) -> SafeString:
    """`text` as a QR code, black on white whatever the page's colours are, as wide as its box."""
    code = QRCode(border=QUIET_ZONE, error_correction=ERROR_CORRECT_M)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges"'
        ' aria-hidden="true"><path fill="#fff" d="M0 0h{size}v{size}H0z"/><path fill="#000" d="{path}"/></svg>',
        size=len(rows),
        path="".join(_runs(rows)),
    )


def _runs(rows: list[list[bool]]) -> list[str]:
    """The dark modules as rectangles one module high, one a run."""
    runs = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            if not row[x]:
                x += 1
                continue
            end = x
            while end < len(row) and row[end]:
                end += 1
            runs.append(f"M{x} {y}h{end - x}v1H{x}z")
            x = end
    return runs
