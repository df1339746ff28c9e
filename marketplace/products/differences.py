"""What differs between two contents of one listing, for whoever wrote the edit and whoever decides about it.

Pure functions: nothing is read. Texts are compared by words, pictures by their files, variants by their rows.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .content import Content, ContentPicture, ContentVariant
from .word_differences import Piece, Sides, increasing, pairs, words


@dataclass(frozen=True)
class OptionSide:
    """An option of one side: its name, and its values in order."""

    name: Piece
    values: list[Piece]

    @property
    def line(self) -> list[Piece]:
        """As people read it: "Size: S, M, L"."""
        stops = [Piece(", ", is_changed=False)] * (len(self.values) - 1)
        between = [Piece(": ", is_changed=False), *stops]
        return [self.name, *(piece for pair in zip(between, self.values, strict=True) for piece in pair)]


@dataclass(frozen=True)
class OptionSides:
    before: list[OptionSide]
    after: list[OptionSide]


@dataclass(frozen=True)
class Fact:
    """Something short of a variant that differs; "" stands for nothing."""

    label: str | Promise
    before: str | Promise
    after: str | Promise


@dataclass(frozen=True)
class VariantDifference:
    """A variant that comes, goes or changes. `name` is its options' text, "" of a listing without options."""

    kind: str
    name: str
    variant: ContentVariant
    facts: list[Fact]

    @property
    def is_added(self) -> bool:
        return self.kind == "added"

    @property
    def is_dropped(self) -> bool:
        return self.kind == "dropped"


@dataclass(frozen=True)
class PictureDifference:
    """A picture of one side, at its place (from 1)."""

    content: ContentPicture
    place: int
    is_changed: bool
    """It comes or goes with this edit."""
    moved_from: int | None = None
    alt: Sides | None = None
    """What it is said to show, where that is said anew."""

    @property
    def is_cover(self) -> bool:
        return self.place == 1


@dataclass(frozen=True)
class PictureSides:
    before: list[PictureDifference]
    after: list[PictureDifference]


@dataclass(frozen=True)
class Differences:
    """All that an edit would change; None, or nothing in a list, where both sides are alike."""

    title: Sides | None
    category: Sides | None
    brand: Sides | None
    description: Sides | None
    options: OptionSides | None
    variants: list[VariantDifference]
    pictures: PictureSides | None

    @property
    def texts(self) -> list[tuple[str | Promise, Sides]]:
        """The short texts that differ, each with its label."""
        named = ((_("Title"), self.title), (_("Category"), self.category), (_("Brand"), self.brand))
        return [(label, sides) for label, sides in named if sides]

    @property
    def labels(self) -> list[str | Promise]:
        """What differs, in a word each."""
        others = (
            (_("Description"), self.description),
            (_("Options"), self.options),
            (_("Variants"), self.variants),
            (_("Pictures"), self.pictures),
        )
        return [label for label, _sides in self.texts] + [label for label, found in others if found]

    def __bool__(self) -> bool:
        return bool(self.labels)


def differences(before: Content, after: Content) -> Differences:
    """What `after` has otherwise than `before`."""
    return Differences(
        title=_words_unless_alike(before.title, after.title),
        category=_whole(before.category_id, after.category_id, before.category, after.category),
        brand=_whole(before.brand_id, after.brand_id, before.brand, after.brand),
        description=_words_unless_alike(before.description, after.description),
        options=_options(before, after),
        variants=_variants(before, after),
        pictures=_pictures(before.pictures, after.pictures),
    )


def _words_unless_alike(before: str, after: str) -> Sides | None:
    return words(before, after) if before != after else None


def _whole(before_id: Hashable, after_id: Hashable, before: str, after: str) -> Sides | None:
    """A thing with a name, which is another thing or not."""
    if before_id == after_id:
        return None
    sides = ([Piece(name, is_changed=True)] if name else [] for name in (before, after))
    return Sides(*sides)


def _options(before: Content, after: Content) -> OptionSides | None:
    if before.options == after.options:
        return None
    names = [name for name, _values in before.options], [name for name, _values in after.options]
    alike = {names[0][old] for old, _new in pairs(*names)}
    sides = []
    for mine, other in ((before, after), (after, before)):
        others = dict(other.options)
        sides.append(
            [
                OptionSide(Piece(name, name not in alike), _values(values, others.get(name, ())))
                for name, values in mine.options
            ]
        )
    return OptionSides(*sides)


def _values(mine: Sequence[str], others: Sequence[str]) -> list[Piece]:
    alike = {at for at, _other in pairs(mine, others)}
    return [Piece(value, at not in alike) for at, value in enumerate(mine)]


def _variants(before: Content, after: Content) -> list[VariantDifference]:
    """What comes and changes in the order of `after`, then what goes."""
    there = {variant.pk: variant for variant in before.variants}
    found = []
    for variant in after.variants:
        name = after.options_text(variant.values)
        old = there.pop(variant.pk, None) if variant.pk is not None else None
        if old is None:
            found.append(VariantDifference("added", name, variant, []))
        elif facts := _facts(before, old, after, variant):
            found.append(VariantDifference("changed", name, variant, facts))
    for variant in there.values():
        name = before.options_text(variant.values)
        found.append(VariantDifference("dropped", name, variant, []))
    return found


def _facts(before: Content, old: ContentVariant, after: Content, new: ContentVariant) -> list[Fact]:
    facts = (
        Fact(_("Options"), before.options_text(old.values), after.options_text(new.values)),
        Fact(_("SKU"), old.sku, new.sku),
        Fact(_("Barcode"), old.barcode, new.barcode),
        Fact(_("Weight"), _grams(old), _grams(new)),
        Fact(_("Room it takes"), old.size, new.size),
        Fact(_("Picture"), *_own_pictures(before, old, after, new)),
    )
    return [fact for fact in facts if fact.before != fact.after]


def _own_pictures(
    before: Content, old: ContentVariant, after: Content, new: ContentVariant
) -> tuple[str, str]:
    """What the variant's own picture shows, before and after; both alike where it is the same file."""
    if old.picture == new.picture:
        return "", ""
    sides = []
    for content, row in ((before, old), (after, new)):
        places = {picture.name: place for place, picture in enumerate(content.pictures, start=1)}
        place = places.get(row.picture)
        sides.append(_("Picture %(place)d") % {"place": place} if place else "")
    return sides[0], sides[1]


def _grams(variant: ContentVariant) -> str:
    return f"{variant.weight_grams} g" if variant.weight_grams else ""


def _pictures(before: Sequence[ContentPicture], after: Sequence[ContentPicture]) -> PictureSides | None:
    if before == after:
        return None
    places = {content.name: at for at, content in enumerate(before)}
    kept = [at for at, content in enumerate(after) if content.name in places]
    in_place = {kept[at] for at in increasing([places[after[at].name] for at in kept])}
    staying = {after[at].name for at in kept}
    news = []
    for at, content in enumerate(after):
        old = places.get(content.name)
        news.append(
            PictureDifference(
                content,
                place=at + 1,
                is_changed=old is None,
                moved_from=old + 1 if old is not None and at not in in_place else None,
                alt=_words_unless_alike(before[old].alt, content.alt) if old is not None else None,
            )
        )
    olds = [
        PictureDifference(content, place=at + 1, is_changed=content.name not in staying)
        for at, content in enumerate(before)
    ]
    return PictureSides(olds, news)
