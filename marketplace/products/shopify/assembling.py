"""A product from its rows, all or nothing: one cell that cannot be taken refuses it, and every reason is told.

- The first row says what the product is. Other rows may say that again, but nothing else.
- A row with option values is a variant. The first row may have none; without options it is the only variant.
- A row with nothing but a picture is one more picture, and so is a variant's row that is there again.
- What is left out of a product that is taken (a ninth picture) is remarked.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.utils.translation import gettext as _

from marketplace.common.cleaning import clean_identifier, clean_line, fold
from marketplace.common.errors import Invalid

from .cells import barcode_of, grams_of, is_yes, position_of, price_of, status_of, stock_of, tags_of
from .drafts import (
    MAX_CATEGORY,
    MAX_NAME,
    MAX_OPTION_NAME,
    MAX_OPTIONS,
    MAX_SKU,
    MAX_TEXT,
    MAX_TITLE,
    MAX_VALUE,
    MAX_VARIANTS,
    OptionDraft,
    ProductDraft,
    RefusedProduct,
    Remark,
    Status,
    VariantDraft,
)
from .html import html_to_text
from .images import gather_images
from .rows import Row

Value = TypeVar("Value")

_NAMES = tuple(f"option{number}_name" for number in range(1, MAX_OPTIONS + 1))
_VALUES = tuple(f"option{number}_value" for number in range(1, MAX_OPTIONS + 1))
_OF_PRODUCT = (
    "title",
    "body",
    "vendor",
    "category",
    "type",
    "tags",
    "published",
    "status",
    "gift_card",
    *_NAMES,
)
_OF_VARIANT = ("sku", "barcode", "price", "compare_at", "stock", "grams")
_MARKS_VARIANT = ("sku", "barcode", "price")
DEFAULT_OPTION, DEFAULT_VALUE = "Title", "Default Title"
"""How Shopify writes the only variant of a product without options."""


def assemble(
    handle: str, rows: Sequence[Row], reasons: Sequence[Remark], skus: dict[str, int]
) -> ProductDraft | RefusedProduct:
    """What `rows` say of the product `handle`; refused for `reasons` already, or for those found.

    `skus` are the article numbers that the file has used, folded, each with its line: those of a product that is
    taken are added.
    """
    return _Assembly(handle, rows, reasons, skus).result()


class _Assembly:
    def __init__(
        self, handle: str, rows: Sequence[Row], reasons: Sequence[Remark], skus: dict[str, int]
    ) -> None:
        self.handle = handle
        self.rows = rows
        self.reasons = list(reasons)
        self.remarks: list[Remark] = []
        self.used_skus = skus
        self.own_skus: dict[str, int] = {}
        self.said: dict[str, tuple[Row, str]] = {}

    def result(self) -> ProductDraft | RefusedProduct:
        lines = tuple(row.line for row in self.rows)
        self._hear_product()
        title = self._line("title", MAX_TITLE)
        if not self.handle or any(row.problem for row in self.rows):
            return RefusedProduct(self.handle, title, lines, tuple(self.reasons))
        if not title:
            self.refuse(self.rows[0], "title", _("This product has no title."))
        draft = self._draft(title, lines)
        if self.reasons:
            reasons = sorted(self.reasons, key=lambda reason: reason.line)
            return RefusedProduct(self.handle, title, lines, tuple(reasons))
        self.used_skus.update(self.own_skus)
        return draft

    def _draft(self, title: str, lines: tuple[int, ...]) -> ProductDraft:
        if self._read("gift_card", lambda text: is_yes(text, default=False), default=False):
            self.refuse(*self._place("gift_card"), _("Gift cards cannot be sold here."))
        options, variants = self._variants()
        images, variants = gather_images(self.rows, variants, self.remarks)
        return ProductDraft(
            handle=self.handle,
            title=title,
            text=self._text(),
            brand=self._line("vendor", MAX_NAME),
            category=self._line("category", MAX_CATEGORY),
            type=self._line("type", MAX_CATEGORY),
            tags=tags_of(self._said("tags")),
            status=self._status(),
            options=options,
            variants=variants,
            images=images,
            lines=lines,
            remarks=tuple(self.remarks),
        )

    def refuse(self, row: Row, field: str, why: str) -> None:
        self.reasons.append(Remark(row.line, row.number, row.columns.labels.get(field, ""), why))

    # What the product is, said once or in every row.

    def _hear_product(self) -> None:
        for row in self.rows:
            for field in _OF_PRODUCT if not row.problem else ():
                text = row.get(field)
                if not text:
                    continue
                first, before = self.said.setdefault(field, (row, text))
                if clean_line(before).casefold() != clean_line(text).casefold():
                    self.refuse(
                        row, field, _("This is not what line %(line)d says of it.") % {"line": first.line}
                    )

    def _said(self, field: str) -> str:
        return self.said[field][1] if field in self.said else ""

    def _place(self, field: str) -> tuple[Row, str]:
        return (self.said[field][0] if field in self.said else self.rows[0]), field

    def _line(self, field: str, most: int) -> str:
        text = clean_line(self._said(field))
        if len(text) > most:
            self.refuse(*self._place(field), _too_long(most))
        return text

    def _text(self) -> str:
        text = html_to_text(self._said("body"))
        if len(text) > MAX_TEXT:
            self.refuse(*self._place("body"), _too_long(MAX_TEXT))
        return text

    def _status(self) -> Status:
        try:
            return status_of(self._said("status"), self._said("published"))
        except Invalid as error:
            word = clean_line(self._said("status")).casefold()
            self.refuse(*self._place("published" if word in ("", "active") else "status"), str(error))
            return "draft"

    def _read(self, field: str, read: Callable[[str], Value], default: Value) -> Value:
        row, _field = self._place(field)
        return self._cell(row, field, read, default, text=self._said(field))

    def _cell(
        self, row: Row, field: str, read: Callable[[str], Value], default: Value, text: str | None = None
    ) -> Value:
        """What `read` makes of a cell; `default` where it is empty, or refused with the sentence."""
        text = row.get(field) if text is None else text
        if not text:
            return default
        try:
            return read(text)
        except Invalid as error:
            self.refuse(row, field, str(error))
            return default

    # Its variants.

    def _variants(self) -> tuple[tuple[OptionDraft, ...], tuple[VariantDraft, ...]]:
        names = [clean_line(self._said(field)) for field in _NAMES]
        with_values = [row for row in self.rows if any(row.get(field) for field in _VALUES)]
        used = [place for place in range(MAX_OPTIONS) if any(row.get(_VALUES[place]) for row in with_values)]
        self._check_names(names, used, has_values=bool(with_values))
        spelling: list[dict[str, str]] = [{} for _place in used]
        first_rows: dict[tuple[str, ...], Row] = {}
        for row in with_values or self.rows[:1]:
            if values := self._values(row, used, spelling):
                self._one_more(first_rows, values, row)
            elif not with_values:
                first_rows[()] = row
        self._check_others(with_values)
        if len(first_rows) > MAX_VARIANTS:
            self.refuse(
                self.rows[0],
                "option1_value",
                _("A product has %(most)d variants at most, this one has %(number)d.")
                % {"most": MAX_VARIANTS, "number": len(first_rows)},
            )
            return (), ()
        if list(first_rows) == [(DEFAULT_VALUE,)] and names[used[0]] in ("", DEFAULT_OPTION):
            return (), (self._variant((), first_rows[DEFAULT_VALUE,]),)
        placed = self._in_order(list(first_rows.items()))
        options = tuple(
            OptionDraft(names[place], tuple(dict.fromkeys(values[number] for values, _row in placed)))
            for number, place in enumerate(used)
        )
        return options, tuple(self._variant(values, row) for values, row in placed)

    def _check_names(self, names: list[str], used: list[int], *, has_values: bool) -> None:
        for place, name in enumerate(names):
            at = self._place(_NAMES[place])
            if len(name) > MAX_OPTION_NAME:
                self.refuse(*at, _too_long(MAX_OPTION_NAME))
            if place not in used and name and (has_values or name != DEFAULT_OPTION):
                self.refuse(*at, _("The option “%(name)s” has no values.") % {"name": name[:40]})
        for place in used:
            rows = [row for row in self.rows if row.get(_VALUES[place])]
            if not names[place] and {clean_line(row.get(_VALUES[place])) for row in rows} != {DEFAULT_VALUE}:
                self.refuse(rows[0], _NAMES[place], _("This option has values but no name."))
        folded = [fold(name) for place, name in enumerate(names) if place in used and name]
        if len(set(folded)) < len(folded):
            self.refuse(*self._place(_NAMES[used[-1]]), _("Two options have the same name."))

    def _values(self, row: Row, used: list[int], spelling: list[dict[str, str]]) -> tuple[str, ...]:
        """The row's value of each option, spelt as it was first; () where one is missing."""
        values: list[str] = []
        for number, place in enumerate(used):
            value = clean_line(row.get(_VALUES[place]))
            if not value:
                self.refuse(row, _VALUES[place], _("This variant has no value for one of the options."))
                return ()
            if len(value) > MAX_VALUE:
                self.refuse(row, _VALUES[place], _too_long(MAX_VALUE))
            values.append(spelling[number].setdefault(fold(value), value))
        return tuple(values)

    def _one_more(self, first_rows: dict[tuple[str, ...], Row], values: tuple[str, ...], row: Row) -> None:
        first = first_rows.setdefault(values, row)
        if first is not row and not _repeats(row, first):
            self.refuse(
                row,
                _VALUES[0],
                _("Line %(line)d has the variant %(values)s already.")
                % {"line": first.line, "values": " / ".join(values)},
            )

    def _check_others(self, with_values: list[Row]) -> None:
        """Rows without option values: pictures, or the first one. What looks like a variant is refused."""
        kept = {id(row) for row in (*with_values, *self.rows[:1])}
        for row in self.rows:
            if id(row) in kept or not any(row.get(field) for field in _MARKS_VARIANT):
                continue
            if with_values or not _repeats(row, self.rows[0]):
                self.refuse(row, _VALUES[0], _("This row has a price or a SKU, but no option values."))

    def _in_order(self, variants: list[tuple[tuple[str, ...], Row]]) -> list[tuple[tuple[str, ...], Row]]:
        """As `Variant Position` says, where every row says it; else as they stand."""
        positions = [self._cell(row, "variant_position", position_of, 0) for _values, row in variants]
        if not all(positions):
            return variants
        order = sorted(range(len(variants)), key=lambda number: positions[number])
        return [variants[number] for number in order]

    def _variant(self, values: tuple[str, ...], row: Row) -> VariantDraft:
        if not row.get("price"):
            self.refuse(row, "price", _("This variant has no price."))
        price = self._cell(row, "price", price_of, 1)
        if price < 1:
            self.refuse(row, "price", _("A price is more than nothing."))
        stock = self._cell(row, "stock", stock_of, None)
        if stock is not None and stock < 0:
            self._remark(row, "stock", _("Fewer than none were left; there are 0 now."))
            stock = 0
        return VariantDraft(
            values=values,
            price=price,
            sku=self._sku(row),
            barcode=self._cell(row, "barcode", barcode_of, ""),
            compare_at=self._cell(row, "compare_at", price_of, 0) or None,
            stock=stock,
            grams=self._cell(row, "grams", grams_of, None),
            image_ref=row.get("variant_image"),
            line=row.line,
        )

    def _sku(self, row: Row) -> str:
        sku = clean_identifier(row.get("sku")).removeprefix("'")
        if len(sku) > MAX_SKU:
            self.refuse(row, "sku", _too_long(MAX_SKU))
        key = fold(sku)
        before = self.own_skus.get(key) or self.used_skus.get(key)
        if sku and before:
            self.refuse(row, "sku", _("Line %(line)d has this SKU already.") % {"line": before})
        elif sku:
            self.own_skus[key] = row.line
        return sku

    def _remark(self, row: Row, field: str, why: str) -> None:
        self.remarks.append(Remark(row.line, row.number, row.columns.labels[field], why))


def _repeats(row: Row, first: Row) -> bool:
    """Whether `row` says nothing of its variant that `first` does not say."""
    return all(not row.get(field) or row.get(field) == first.get(field) for field in _OF_VARIANT)


def _too_long(most: int) -> str:
    return _("This may have %(number)d letters at most.") % {"number": most}
