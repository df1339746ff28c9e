"""The pictures that a product's rows name, in the order in which they are shown."""

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from marketplace.common.cleaning import clean_line
from marketplace.common.errors import Invalid

from .cells import position_of
from .drafts import MAX_ALT, MAX_IMAGES, MAX_REF, ImageDraft, Remark, VariantDraft
from .rows import Row

_LAST = 100_000


def gather_images(
    rows: Sequence[Row], variants: Sequence[VariantDraft], remarks: list[Remark]
) -> tuple[tuple[ImageDraft, ...], tuple[VariantDraft, ...]]:
    """The first eight pictures, and the variants with theirs among them. What is left out is one of `remarks`.

    A picture that only a variant names comes after the others.
    """
    found: dict[str, tuple[int, ImageDraft]] = {}
    for row in rows:
        ref = row.get("image")
        if ref and _is_usable(ref, row, "image", remarks):
            place = (_position(row, remarks), ImageDraft(ref, _alt(row, remarks), row.line))
            found.setdefault(ref, place)
    ordered = [image for _position, image in sorted(found.values(), key=lambda pair: pair[0])]
    by_line = {row.line: row for row in rows}
    for variant in variants:
        ref = variant.image_ref
        if ref and ref not in found and _is_usable(ref, by_line[variant.line], "variant_image", remarks):
            found[ref] = (_LAST, ImageDraft(ref, "", variant.line))
            ordered.append(found[ref][1])
    if len(ordered) > MAX_IMAGES:
        row = by_line[ordered[MAX_IMAGES].line]
        why = _("A product has %(most)d pictures at most: %(number)d are left out.")
        remarks.append(
            Remark(
                row.line,
                row.number,
                row.columns.labels["image"],
                why % {"most": MAX_IMAGES, "number": len(ordered) - MAX_IMAGES},
            )
        )
    images = tuple(ordered[:MAX_IMAGES])
    kept = {image.ref for image in images}
    return images, tuple(
        variant if variant.image_ref in kept else replace(variant, image_ref="") for variant in variants
    )


def _is_usable(ref: str, row: Row, field: str, remarks: list[Remark]) -> bool:
    if len(ref) <= MAX_REF and ref.isprintable():
        return True
    remarks.append(
        Remark(
            row.line, row.number, row.columns.labels[field], _("This is no address and no name of a picture.")
        )
    )
    return False


def _position(row: Row, remarks: list[Remark]) -> int:
    text = row.get("image_position")
    if not text:
        return _LAST
    try:
        return position_of(text)
    except Invalid as error:
        remarks.append(Remark(row.line, row.number, row.columns.labels["image_position"], str(error)))
        return _LAST


def _alt(row: Row, remarks: list[Remark]) -> str:
    alt = clean_line(row.get("image_alt"))
    if len(alt) > MAX_ALT:
        why = _("What a picture shows may take %(number)d letters; the rest is cut off.")
        remarks.append(
            Remark(row.line, row.number, row.columns.labels["image_alt"], why % {"number": MAX_ALT})
        )
    return alt[:MAX_ALT].strip()
