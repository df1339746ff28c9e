"""What a search for an address finds."""

from dataclasses import dataclass
from enum import StrEnum

from marketplace.common.places import Place


class Exactness(StrEnum):
    """How near to a door a found place is."""

    DOOR = "door"
    STREET = "street"
    TOWN = "town"  # a town, a district or the middle of a postcode


@dataclass(frozen=True)
class Found:
    """A place with the words that name it."""

    label: str
    place: Place
    exactness: Exactness

    @property
    def is_rough(self) -> bool:
        """Whether a courier who goes there stands before the right door."""
        return self.exactness != Exactness.DOOR
