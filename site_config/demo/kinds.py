"""Which goods of the demo store come in sizes and colours.

A colour has pictures of its own: the same cut-out, its colours turned by so many degrees (None: without any).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from marketplace.products.services import NewVariant

from .item import Item
from .pictures_of import Assignment

SIZES = ("S", "M", "L", "XL")
SHOE_SIZES = ("37", "38", "39", "40", "41", "42", "43", "44")


@dataclass(frozen=True)
class Kinds:
    """The options of an item, in which order they are chosen, and what is special about some of their values."""

    sizes: Sequence[str] = ()
    colours: Mapping[str, int | None] = field(default_factory=dict)
    """Colour → by how much its picture is turned; the first is what the cut-out shows."""
    size_name: str = "Size"
    lengths: Sequence[str] = ()
    dearer: Mapping[str, int] = field(default_factory=dict)
    """Value → what it costs more, in hundredths of the store's currency."""
    sold_out: Sequence[str] = ()
    """Variants of which none is left: their values joined by "/"."""
    not_made: Sequence[str] = ()
    grams: int = 0
    room: str = "small"

    @property
    def options(self) -> list[tuple[str, Sequence[str]]]:
        every = [(self.size_name, self.sizes), ("Length", self.lengths), ("Colour", tuple(self.colours))]
        return [(name, values) for name, values in every if values]

    def variants(self, *, price: int, stock: int, sku: str, minor: Callable[[int], int]) -> list[NewVariant]:
        """All that there is of an item at `price` hundredths (`minor` makes minor units of them), of which there
        are about `stock` pieces."""
        made = [
            values
            for values in product(*(values for _name, values in self.options))
            if "/".join(values) not in self.not_made
        ]
        return [
            NewVariant(
                price=minor(price + sum(self.dearer.get(value, 0) for value in values)),
                stock=0 if "/".join(values) in self.sold_out else max(2, stock // len(made) + number % 3 - 1),
                values=values,
                sku=f"{sku}-{number:02d}",
                weight_grams=self.grams,
                size_class=self.room,
            )
            for number, values in enumerate(made, start=1)
        ]


KINDS = {
    "Heavy Cotton T-Shirt, Meadow Green": Kinds(
        (*SIZES, "XXL"), dearer={"XXL": 300}, sold_out=("L",), grams=240
    ),
    "Flutter-Sleeve Blouse, Rose": Kinds(SIZES, sold_out=("S",), grams=180),
    "Camel Wool Coat": Kinds(("S", "M", "L"), grams=1_900, room="large"),
    "Touchscreen Gloves, Plum": Kinds(("S", "M", "L"), grams=70),
    "Striped Socks, Two Pairs": Kinds(
        ("36–38", "39–42", "43–46"),
        {"Green": 0, "Violet": 140, "Grey": None},
        sold_out=("36–38/Violet",),
        grams=110,
    ),
    "Linen Summer Dress, Cornflower": Kinds(SIZES, sold_out=("XL",), grams=320),
    "Cotton Yukata Robe": Kinds(
        colours={"Indigo": 0, "Plum": 90}, dearer={"Plum": 600}, grams=650, room="medium"
    ),
    "Straight Jeans, Mid Blue": Kinds(
        ("28", "30", "32", "34", "36", "38"),
        size_name="Waist",
        lengths=("30", "32", "34"),
        sold_out=("30/32", "36/34"),
        not_made=("28/34", "38/30"),
        grams=720,
        room="medium",
    ),
    "Quick-Dry Shorts, Mint": Kinds(SIZES, grams=160),
    "Polka-Dot Bikini": Kinds(
        SIZES, {"Red": 0, "Blue": 225}, sold_out=("L/Red", "XL/Red"), not_made=("XL/Blue",), grams=130
    ),
    "Lap Swimsuit, Magenta": Kinds(SIZES, grams=170),
    "Cloudstep Trainers, Lilac": Kinds(
        SHOE_SIZES, dearer={"43": 500, "44": 500}, sold_out=("38", "41"), grams=760, room="medium"
    ),
    "Ridge Hiking Boots, Ochre": Kinds(SHOE_SIZES, grams=1_450, room="medium"),
    "Scarlet Ankle Boots": Kinds(SHOE_SIZES[:5], sold_out=("39",), grams=980, room="medium"),
    "Brown Derby Shoes": Kinds(SHOE_SIZES[2:], grams=1_050, room="medium"),
    "Crimson Court Shoes": Kinds(SHOE_SIZES[:4], grams=620, room="medium"),
    "Satin Ballet Shoes": Kinds(SHOE_SIZES[:5], {"Pink": 0, "Blue": 250}, grams=240),
    "Kiss-Clasp Coin Purse": Kinds(colours={"Red": 0, "Green": 120, "Blue": 220}, grams=60),
    "Felt Top Hat": Kinds(("55", "57", "59", "61"), sold_out=("55", "61"), grams=310, room="medium"),
}


def offered(item: Item, sku: str, minor: Callable[[int], int]) -> dict[str, Any]:
    """Price, stock and SKU of an item, or those of each of its sizes and colours, as `acts.products.offer` takes them.

    `minor` makes minor units of hundredths.
    """
    kinds = KINDS.get(item.title)
    if kinds is None:
        return {"price": minor(item.price), "stock": item.stock, "sku": sku}
    variants = kinds.variants(price=item.price, stock=item.stock, sku=sku, minor=minor)
    return {"options": kinds.options, "variants": variants}


def colours_of(item: Item) -> tuple[tuple[str, int | None], ...]:
    """The colours of an item and how far its picture is turned for each; empty where it has one only."""
    return tuple(KINDS.get(item.title, Kinds()).colours.items())


def shots_of(item: Item) -> int:
    """How many pictures an item has: the first, one of each further colour, and what else is shot."""
    return max(1, len(colours_of(item))) + len(item.shots)


def assignment_of(product_id: int, item: Item, palette: str) -> Assignment:
    """All pictures of an item, its colours first."""
    return Assignment(product_id, item.cutout, item.title, item.shows, palette, item.shots, colours_of(item))
