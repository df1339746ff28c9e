"""The form of a listing: what it says, its options, and the table of the variants that follow from them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice, product
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.common.fields import IdentifierFormField, LineFormField, ProseFormField
from marketplace.common.money import MoneyFormField, QuantityFormField
from marketplace.products.content import Content, ContentVariant
from marketplace.products.models import MAX_OPTION_NAME, MAX_OPTION_VALUE, Brand, SizeClass
from marketplace.products.selectors import Node
from marketplace.products.services import COLUMNS, MAX_OPTIONS, MAX_VARIANTS, Changes, NewVariant

from .edited import folded

MOST_VALUES = 5_000
"""Letters: a hundred values of forty, with what stands between them."""
_LISTED = re.compile(r' *"((?:[^"]|"")*)" *(?:,|$)|([^,]*)(?:,|$)')
ROW_FIELDS = ("price", "stock", "sku", "barcode", "weight_grams", "size_class")
FILLED_DOWN = ("price", "stock", "weight_grams", "size_class")


class VariantForm(forms.Form):
    """A row of the table: its option values (hidden) and what it costs, weighs and is called.

    Price and stock of what is sold already (`on_offer`, by its folded values) are shown, not typed.
    """

    option1 = LineFormField(required=False, max_length=MAX_OPTION_VALUE, widget=forms.HiddenInput)
    option2 = LineFormField(required=False, max_length=MAX_OPTION_VALUE, widget=forms.HiddenInput)
    option3 = LineFormField(required=False, max_length=MAX_OPTION_VALUE, widget=forms.HiddenInput)
    price = MoneyFormField(label=_("Price"), error_messages={"required": _("Please enter a price.")})
    stock = QuantityFormField(label=_("Stock"), min_value=0, max_value=999_999, required=False)
    sku = IdentifierFormField(label=_("SKU"), max_length=40, required=False)
    barcode = IdentifierFormField(label=_("Barcode"), max_length=20, required=False)
    weight_grams = QuantityFormField(
        label=_("Weight in grams"), min_value=0, max_value=999_999, required=False
    )
    size_class = forms.ChoiceField(label=_("Room it takes"), choices=SizeClass.choices)

    def __init__(
        self, *args: Any, on_offer: Mapping[tuple[str, ...], ContentVariant] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.sold = on_offer.get(folded(self.values)) if on_offer else None
        if self.sold:
            del self.fields["price"], self.fields["stock"]

    @property
    def values(self) -> list[str]:
        """Its option values, as the form holds them."""
        return [text for name in COLUMNS if (text := str(self[name].value() or ""))]

    @property
    def name(self) -> str:
        return " / ".join(self.values)

    @property
    def cells(self) -> list[forms.BoundField]:
        """What is typed, in the order of the table."""
        return [self[name] for name in ROW_FIELDS if name in self.fields]

    @property
    def typed(self) -> dict[str, object]:
        """What it holds, not judged; of what is sold already its price, for the rows that begin like it."""
        held = {name: self[name].value() or "" for name in self.fields}
        return held | ({"price": self.sold.price} if self.sold else {})

    def variant(self) -> NewVariant:
        """What was typed, of a valid row."""
        said = self.cleaned_data
        sold = self.sold
        return NewVariant(
            pk=sold.pk if sold else None,
            price=(sold.price or 0) if sold else said["price"],
            stock=0 if sold else said["stock"] or 0,
            values=tuple(said[name] for name in COLUMNS if said[name]),
            sku=said["sku"],
            barcode=said["barcode"],
            weight_grams=said["weight_grams"] or 0,
            size_class=said["size_class"],
        )


VariantTable = forms.formset_factory(
    VariantForm, extra=0, max_num=MAX_VARIANTS, absolute_max=MAX_VARIANTS, validate_max=True
)


class NewListingForm(forms.Form):
    """What a listing has from its first moment."""

    title = LineFormField(label=_("Title"), max_length=140, help_text=_("What it is, in a few words."))
    category = forms.TypedChoiceField(
        label=_("Category"), coerce=int, error_messages={"required": _("Please choose a category.")}
    )
    price = MoneyFormField(label=_("Price"))

    def __init__(self, *args: Any, nodes: Iterable[Node], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "category", category_choices(nodes))


class ListingForm(forms.Form):
    """What a listing says; `rows` is the table of its variants, which is valid or not with it."""

    title = LineFormField(label=_("Title"), max_length=140)
    description = ProseFormField(
        label=_("Description"),
        max_length=8000,
        required=False,
        help_text=_("**Bold**, *italic*, “- ” before the items of a list, “# ” before a heading."),
        widget=forms.Textarea({"rows": 10}),
    )
    category = forms.TypedChoiceField(label=_("Category"), coerce=int)
    brand = forms.TypedChoiceField(label=_("Brand"), coerce=int, required=False, empty_value=None)
    option1_name = LineFormField(label=_("Option 1"), max_length=MAX_OPTION_NAME, required=False)
    option1_values = LineFormField(label=_("Its values"), max_length=MOST_VALUES, required=False)
    option2_name = LineFormField(label=_("Option 2"), max_length=MAX_OPTION_NAME, required=False)
    option2_values = LineFormField(label=_("Its values"), max_length=MOST_VALUES, required=False)
    option3_name = LineFormField(label=_("Option 3"), max_length=MAX_OPTION_NAME, required=False)
    option3_values = LineFormField(label=_("Its values"), max_length=MOST_VALUES, required=False)

    def __init__(
        self, *args: Any, rows: Any, nodes: Iterable[Node], brands: Iterable[Brand], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        _choose(self, "category", category_choices(nodes))
        _choose(self, "brand", [("", _("No brand")), *((row.pk, row.name) for row in brands)])

    def is_valid(self) -> bool:
        """Both are asked, so that all errors stand on the page at once."""
        rows_fit = self.rows.is_valid()
        return super().is_valid() and rows_fit

    @property
    def option_pairs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [
            (self[f"option{number}_name"], self[f"option{number}_values"])
            for number in range(1, MAX_OPTIONS + 1)
        ]

    def changes(self) -> Changes:
        """What was typed, once it is valid."""
        said = self.cleaned_data
        return Changes(
            title=said["title"],
            description=said["description"],
            category_id=said["category"],
            brand_id=said["brand"],
            options=options_in(said),
            variants=[row.variant() for row in self.rows],
        )


def _choose(form: forms.Form, name: str, choices: list[tuple[Any, Any]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def category_choices(nodes: Iterable[Node]) -> list[tuple[Any, Any]]:
    """Every category with where it stands: "Kitchen › Kettles"."""
    named = [(node.id, " › ".join(part.name for part in node.path)) for node in nodes]
    return [("", _("Choose a category")), *named]


def options_in(said: Any) -> list[tuple[str, list[str]]]:
    """The options that are named, each with its values."""
    found = []
    for number in range(1, MAX_OPTIONS + 1):
        name, text = said.get(f"option{number}_name") or "", said.get(f"option{number}_values") or ""
        values = read_values(text)
        if name.strip() or values:
            found.append((name, values))
    return found


def read_values(text: str) -> list[str]:
    """The values of an option, as they are typed: S, M, L. One with a comma stands in quotes: "5,5", 6."""
    parts = (match[1].replace('""', '"') if match[1] else match[2] or "" for match in _LISTED.finditer(text))
    return [value for part in parts if (value := " ".join(part.split()))]


def write_values(values: Iterable[str]) -> str:
    """The values of an option as `read_values` reads them again."""
    quoted = ('"' + value.replace('"', '""') + '"' for value in values)
    return ", ".join(
        mark if "," in value or value.startswith('"') else value
        for value, mark in zip(values, quoted, strict=True)
    )


def initial_of(content: Content) -> dict[str, object]:
    """What the form holds of a listing as it is."""
    options: dict[str, object] = {}
    for number, (name, values) in enumerate(content.options, start=1):
        options |= {f"option{number}_name": name, f"option{number}_values": write_values(values)}
    return {
        "title": content.title,
        "description": content.description,
        "category": content.category_id,
        "brand": content.brand_id or "",
        **options,
    }


def rows_of(content: Content) -> list[dict[str, object]]:
    """The table of a listing as it is."""
    return [
        dict(zip(COLUMNS, row.values, strict=False)) | {name: getattr(row, name) for name in ROW_FIELDS}
        for row in content.variants
    ]


def rows_for(
    options: Sequence[tuple[str, Sequence[str]]], rows: Sequence[dict[str, object]]
) -> list[dict[str, object]]:
    """The table that follows from the options: a row for each combination, `MAX_VARIANTS` at most.

    What was typed for a combination stays; a new one begins with the first row's price, weight and room.
    """
    typed = {tuple(str(row.get(name) or "") for name in COLUMNS): row for row in rows}
    first = rows[0] if rows else {}
    begun = {name: first[name] for name in ("price", "weight_grams", "size_class") if first.get(name)}
    made = []
    for values in islice(product(*(values for _name, values in options)), MAX_VARIANTS):
        named = dict(zip(COLUMNS, (*values, "", "", ""), strict=False))
        made.append(typed.get(tuple(named.values()), {**begun}) | named)
    return made


def fill_down(rows: Sequence[dict[str, object]], said: dict[str, str]) -> list[dict[str, object]]:
    """The table with what is typed for all of its rows, where something is."""
    filled = {name: said[name] for name in FILLED_DOWN if said.get(name)}
    return [row | filled for row in rows]
