"""The shape of a thing for sale in the demo store."""

from dataclasses import dataclass

from .studio import Shot


@dataclass(frozen=True)
class Item:
    """One product. `price` is in hundredths of the store's currency; `shots` are pictures after the first."""

    cutout: str
    title: str
    shelf: str
    brand: str
    price: int
    stock: int
    shows: str
    text: str
    facts: tuple[str, ...]
    shots: tuple[Shot, ...] = ()

    @property
    def description(self) -> str:
        return self.text + "\n\n" + "\n".join(f"• {fact}" for fact in self.facts)
