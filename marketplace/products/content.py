"""What a listing says: now, in its staged edit, and before; read from rows into one shape that can be compared.

Price and stock are no part of it: they change at once, and are carried along (`ContentVariant.price`, `.stock`) for
those who show them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .models import (
    ListingEdit,
    ListingVersion,
    Product,
    ProductImage,
    SizeClass,
    StagedPicture,
    Variant,
    VersionPicture,
    options_text,
)
from .pictures import Picture, picture


@dataclass(frozen=True, slots=True)
class ContentPicture:
    """A picture by the name of its file, which no other picture ever has."""

    name: str
    width: int
    height: int
    alt: str
    pk: int | None = field(default=None, compare=False)
    """Of its row: a `ProductImage`, a `StagedPicture` or a `VersionPicture`."""

    @property
    def shown(self) -> Picture | None:
        """What `<picture>` needs (components/picture.html)."""
        return picture(self.name, self.width, self.height, self.alt)


@dataclass(frozen=True, slots=True)
class ContentVariant:
    """One kind of it. `pk` is the variant's; None for one that an edit brings."""

    pk: int | None
    values: tuple[str, ...]
    sku: str
    barcode: str = ""
    weight_grams: int = 0
    size_class: str = SizeClass.MEDIUM
    picture: str = ""
    """The file of its own picture."""
    price: int | None = field(default=None, compare=False)
    """Its list price in minor units: what it costs, or in an edit what one that is not on offer yet begins with."""
    stock: int | None = field(default=None, compare=False)

    @property
    def name(self) -> str:
        return " / ".join(self.values) or self.sku

    @property
    def size(self) -> str:
        """How much room it takes, as people read it."""
        return str(SizeClass(self.size_class).label)


@dataclass(frozen=True, slots=True)
class Content:
    """All that a listing says. Two are equal exactly if a shopper, or the courier, can see no difference."""

    title: str
    description: str
    category_id: int | None
    category: str
    brand_id: int | None
    brand: str
    options: tuple[tuple[str, tuple[str, ...]], ...]
    variants: tuple[ContentVariant, ...]
    """Those on offer, in their order."""
    pictures: tuple[ContentPicture, ...]

    def options_text(self, values: Iterable[str]) -> str:
        """Option values as people read them: "Size: M · Colour: Red"."""
        return options_text(self.options, values)


def content_of(product: Product) -> Content:
    """What a listing says now: two queries, and one each for category and brand where they are not at hand."""
    images = list(product.images.all())
    files = {image.pk: image.picture.name for image in images}
    variants = sorted(product.variants.all(), key=lambda row: (row.position, row.pk))
    return Content(
        title=product.title,
        description=product.description,
        category_id=product.category_id,
        category=product.category.name,
        brand_id=product.brand_id,
        brand=product.brand.name if product.brand else "",
        options=_options(product.options),
        variants=tuple(_of_row(row, files) for row in variants if row.is_offered),
        pictures=tuple(map(_of_image, sorted(images, key=lambda row: (row.position, row.pk)))),
    )


def content_of_edit(edit: ListingEdit) -> Content:
    """What a listing shall say by this edit; variants that are on offer cost what they cost now."""
    now = {row.pk: row for row in edit.product.variants.all() if row.is_offered}
    return Content(
        title=edit.title,
        description=edit.description,
        category_id=edit.category_id,
        category=edit.category.name,
        brand_id=edit.brand_id,
        brand=edit.brand.name if edit.brand else "",
        options=_options(edit.options),
        variants=tuple(_priced(read_variant(kept), now) for kept in edit.variants),
        pictures=tuple(map(_of_image, edit.pictures.all())),
    )


def content_of_version(version: ListingVersion) -> Content:
    """What a listing said before."""
    return Content(
        title=version.title,
        description=version.description,
        category_id=version.category_id,
        category=version.category_name,
        brand_id=version.brand_id,
        brand=version.brand_name,
        options=_options(version.options),
        variants=tuple(map(read_variant, version.variants)),
        pictures=tuple(
            ContentPicture(row.picture, row.width, row.height, row.alt_text, row.pk)
            for row in version.pictures.all()
        ),
    )


def read_variant(kept: Mapping[str, Any]) -> ContentVariant:
    """A variant as `write_variant` kept it."""
    return ContentVariant(
        pk=kept["pk"],
        values=tuple(kept["values"]),
        sku=kept["sku"],
        barcode=kept["barcode"],
        weight_grams=kept["weight_grams"],
        size_class=kept["size_class"],
        picture=kept["picture"],
        price=kept.get("price"),
        stock=kept.get("stock"),
    )


def write_variant(variant: ContentVariant) -> dict[str, Any]:
    """As JSON: price and stock only where there are any."""
    kept: dict[str, Any] = {
        "pk": variant.pk,
        "values": list(variant.values),
        "sku": variant.sku,
        "barcode": variant.barcode,
        "weight_grams": variant.weight_grams,
        "size_class": str(variant.size_class),
        "picture": variant.picture,
    }
    if variant.price is not None:
        kept |= {"price": variant.price, "stock": variant.stock or 0}
    return kept


def version_rows(product: Product, content: Content) -> tuple[ListingVersion, list[VersionPicture]]:
    """What a locked listing says now, as the rows that keep it; not saved, `until` is the writer's."""
    version = ListingVersion(
        product=product,
        number=product.content_number,
        title=content.title,
        description=content.description,
        category_id=content.category_id,
        category_name=content.category,
        brand_id=content.brand_id,
        brand_name=content.brand,
        options=_as_json(content.options),
        variants=[
            {name: value for name, value in write_variant(row).items() if name not in ("price", "stock")}
            for row in content.variants
        ],
    )
    pictures = [
        VersionPicture(
            version=version,
            picture=row.name,
            width=row.width,
            height=row.height,
            alt_text=row.alt,
            position=position,
        )
        for position, row in enumerate(content.pictures)
    ]
    return version, pictures


def _options(options: Sequence[Sequence[Any]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((name, tuple(values)) for name, values in options)


def _as_json(options: Sequence[tuple[str, Sequence[str]]]) -> list[list[Any]]:
    return [[name, list(values)] for name, values in options]


def _of_row(row: Variant, files: Mapping[int, str]) -> ContentVariant:
    return ContentVariant(
        pk=row.pk,
        values=row.values,
        sku=row.sku,
        barcode=row.barcode,
        weight_grams=row.weight_grams,
        size_class=row.size_class,
        picture=files.get(row.image_id or 0, ""),
        price=row.price,
        stock=row.stock,
    )


def _priced(variant: ContentVariant, now: Mapping[int, Variant]) -> ContentVariant:
    row = now.get(variant.pk or 0)
    return replace(variant, price=row.price, stock=row.stock) if row else variant


def _of_image(row: ProductImage | StagedPicture) -> ContentPicture:
    return ContentPicture(row.picture.name, row.width, row.height, row.alt_text, row.pk)
