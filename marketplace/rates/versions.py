"""What a version of the store's rates says, and what none can say."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from django.utils.translation import gettext as _

from marketplace.common.errors import Invalid
from marketplace.common.money import BASIS_POINTS, MAX_MONEY

from .models import PAYERS, Payer

MAX_METRES = 20_100_000  # farther is nothing on Earth
MAX_FREE_MINUTES = 24 * 60
MOST = MAX_MONEY // 1_000_000  # so that the longest way still has a price


@dataclass(frozen=True)
class Rates:
    """What a version says (models.RateTable has the meaning of each), in minor units, metres, minutes and 1/100 %."""

    base: int = 0
    per_km: int = 0
    extra_small: int = 0
    extra_medium: int = 0
    extra_large: int = 0
    extra_bulky: int = 0
    free_from: int = 0
    max_metres: int = 0
    store_bps: int = 0
    courier_least: int = 0
    back_bps: int = 0
    back_absent: str = Payer.STORE
    back_refused: str = Payer.STORE
    back_wrong_address: str = Payer.STORE
    back_unsafe: str = Payer.STORE
    back_damaged: str = Payer.STORE
    back_staff: str = Payer.STORE
    again_fee: int = 0
    wait_fee: int = 0
    wait_free: int = 0
    wait_most: int = 0

    def __post_init__(self) -> None:
        """Raises `Invalid` with the field that no table can have."""
        for name in impossible_in(asdict(self)):
            raise Invalid(impossible(), field=name)


def impossible_in(said: Mapping[str, int | str]) -> list[str]:
    """The names of what no table can have."""
    return [name for name, value in said.items() if not _is_possible(name, value)]


def impossible() -> str:
    """The sentence for an amount, a way, a share or a payer that no table can have."""
    return _("That is less than nothing, or more than a table can hold.")


def _is_possible(name: str, value: int | str) -> bool:
    if name in PAYERS:
        return value in Payer.values
    return 0 <= int(value) <= _most_of(name)


def _most_of(name: str) -> int:
    ends = {"max_metres": MAX_METRES, "wait_free": MAX_FREE_MINUTES}
    return BASIS_POINTS if name.endswith("_bps") else ends.get(name, MOST)
