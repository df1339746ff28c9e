"""What a file says of one product, before anything is made of it.

Texts are as our columns keep them (`marketplace.common.cleaning`), amounts in minor units. Two drafts are equal if the
product is; where it stood in the file, and what was noted, does not count.
"""

from dataclasses import dataclass, field
from typing import Literal

MAX_OPTIONS = 3
MAX_VARIANTS = 100
MAX_IMAGES = 8
MAX_TITLE = 140
MAX_TEXT = 8000
MAX_NAME = 80  # of a vendor
MAX_CATEGORY = 255
MAX_SKU = 40
MAX_OPTION_NAME, MAX_VALUE = 30, 40
MAX_ALT = 200
MAX_REF = 2000
MAX_STOCK = 1_000_000
MAX_GRAMS = 1_000_000

Status = Literal["active", "draft", "archived"]


@dataclass(frozen=True)
class Remark:
    """A sentence about a place in the file. In a refused product it says why; in another what was left out."""

    line: int
    row: int
    """As a spreadsheet counts, where a text of several lines is one row."""
    column: str
    why: str


@dataclass(frozen=True)
class OptionDraft:
    name: str
    values: tuple[str, ...]
    """In the order in which they first stand there."""


@dataclass(frozen=True)
class VariantDraft:
    values: tuple[str, ...]
    """One of each option."""
    price: int
    sku: str = ""
    """"" for none."""
    barcode: str = ""
    compare_at: int | None = None
    stock: int | None = None
    """None where the file says nothing of it."""
    grams: int | None = None
    image_ref: str = ""
    """One of the product's pictures, or ""."""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class ImageDraft:
    ref: str
    """An address, or the name of a file beside the table."""
    alt: str = ""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class ProductDraft:
    handle: str
    title: str
    variants: tuple[VariantDraft, ...]
    text: str = ""
    brand: str = ""
    category: str = ""
    """Shopify's own category, "Apparel & Accessories > Clothing"."""
    type: str = ""
    """The shop's own word for it."""
    tags: tuple[str, ...] = ()
    status: Status = "active"
    options: tuple[OptionDraft, ...] = ()
    images: tuple[ImageDraft, ...] = ()
    lines: tuple[int, ...] = field(default=(), compare=False)
    remarks: tuple[Remark, ...] = field(default=(), compare=False)

    @property
    def category_names(self) -> tuple[str, ...]:
        """What a category of ours may be called that it belongs into, the best guess first.

        The shop's own word comes first; of a path the whole, then its parts from the leaf up.
        """
        names: dict[str, None] = {}
        for path in (self.type, self.category):
            parts = [part for part in (part.strip() for part in path.split(">")) if part]
            names |= dict.fromkeys([" > ".join(parts), *reversed(parts)] if parts else [])
        return tuple(names)


@dataclass(frozen=True)
class RefusedProduct:
    """A product of which nothing is taken, and every reason."""

    handle: str
    """"" for a row that says none."""
    title: str
    lines: tuple[int, ...]
    reasons: tuple[Remark, ...]
