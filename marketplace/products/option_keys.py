"""What lists filter products by beside price and brand: the values of their options, in one column.

`Product.option_keys` holds "|colour:red=Colour:Red|+colour:red=Colour:Red|size:m=Size:M|=0.1+2500|": what is compared,
and after "=" how the seller writes it; "+" before it where there is one in stock; and last, behind a "=" of its own,
each variant that is offered: which of these values it has, whether there is one in stock ("+", else "-"), and what it
costs. So a filter is one LIKE on a row that is read anyway, a count needs no other table, and a product without
options has an empty text. `Variant.option_keys` holds what is compared of one variant ("|colour:red|size:m|"): what
must be met by one and the same variant is asked of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from marketplace.common.cleaning import fold

if TYPE_CHECKING:
    from .models import Variant

IN_STOCK, SOLD_OUT, KINDS = "+", "-", "="
MAX_KEYS = 2000
MAX_TEXT = 80
"""Of "Colour:Red": a name has 30 letters at most, a value 40."""


@dataclass(frozen=True, slots=True)
class OptionValue:
    """A value of an option ("Colour", "Red") and what it is compared by, whatever the case of its letters."""

    name: str
    value: str

    @property
    def group(self) -> str:
        """Which option it is a value of: of one, a product meets any of those chosen."""
        return fold(self.name)

    @property
    def key(self) -> str:
        return f"{self.group}:{fold(self.value)}"

    @property
    def text(self) -> str:
        """As an address holds it: "Colour:Red"."""
        return f"{self.name}:{self.value}"


def read_option(text: str) -> OptionValue | None:
    """The option value that `text` ("Colour:Red") names; None if it can be none."""
    name, _colon, value = text.replace("|", " ").replace("=", " ").partition(":")
    option = OptionValue(name.strip(f" {IN_STOCK}"), value.strip())
    return option if option.group and fold(option.value) else None


class Kind(NamedTuple):
    """A variant as lists know it: what is compared of its options, whether there is one, what it costs."""

    keys: frozenset[str]
    in_stock: bool
    price: int


def keys_of_variant(options: Sequence[Any], values: Sequence[str]) -> str:
    """The column of a variant with these values of its product's `options`."""
    named = (_option(name, value) for (name, _values), value in zip(options, values, strict=False))
    keys = [option.key for option in named if option]
    return f"|{'|'.join(keys)}|"[:MAX_KEYS] if keys else ""


def variant_token(option: OptionValue) -> str:
    """What stands in the column of a variant that has `option`."""
    return f"|{option.key}|"


def _option(name: str, value: str) -> OptionValue | None:
    return read_option(f"{name.replace(':', ' ')}:{value}")


def keys_of(options: Sequence[Any], variants: Iterable["Variant"]) -> str:
    """The column of a product with these options and variants: values that are offered, in the seller's order."""
    offered = [row for row in variants if row.is_offered]
    tokens: list[str] = []
    numbers: dict[tuple[int, str], int] = {}
    for place, (name, values) in enumerate(options):
        has, sells = (
            {row.values[place] for row in rows if len(row.values) > place}
            for rows in (offered, [row for row in offered if row.stock])
        )
        for value in values:
            option = _option(name, value)
            if option is None or value not in has:
                continue
            numbers[place, value] = len(numbers)
            tokens.append(f"{option.key}={option.text}")
            if value in sells:
                tokens.append(f"{IN_STOCK}{tokens[-1]}")
    if not tokens:
        return ""
    return f"|{'|'.join([*tokens, KINDS + ';'.join(_kind(row, numbers) for row in offered)])}|"


def _kind(row: "Variant", numbers: dict[tuple[int, str], int]) -> str:
    has = (str(numbers[pair]) for pair in enumerate(row.values) if pair in numbers)
    return f"{'.'.join(has)}{IN_STOCK if row.stock else SOLD_OUT}{row.current_price}"


def kinds_in(column: str) -> list[Kind]:
    """The variants of a product that has options."""
    *parts, written = column.strip("|").split("|")
    if not written.startswith(KINDS):
        return []
    keys = [part.partition("=")[0] for part in parts if not part.startswith(IN_STOCK)]
    kinds = []
    for one in written.removeprefix(KINDS).split(";"):
        has, sign, price = one.partition(IN_STOCK)
        if not sign:
            has, _sign, price = one.partition(SOLD_OUT)
        numbers = has.split(".") if has else []
        kinds.append(Kind(frozenset(keys[int(number)] for number in numbers), bool(sign), int(price)))
    return kinds


def token(option: OptionValue, *, in_stock: bool) -> str:
    """What stands in the column of a product that has `option`, or has it in stock."""
    return f"|{IN_STOCK if in_stock else ''}{option.key}="


def values_in(column: str, *, in_stock: bool) -> list[OptionValue]:
    """The option values that a product has, or has in stock, in the seller's order."""
    found = []
    for part in column.split("|"):
        if part and not part.startswith(KINDS) and part.startswith(IN_STOCK) == in_stock:
            _key, _equals, text = part.partition("=")
            name, _colon, value = text.partition(":")
            found.append(OptionValue(name, value))
    return found
