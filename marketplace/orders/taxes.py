"""What of a shipment's prices is tax: frozen by rate at the checkout, worked out anew when it costs less.

Everything goes through `set_tax`, which asks what a line costs now (`ShipmentLine.total`) and nothing else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Case, F, Value, When

from marketplace.common.money import MoneyField
from marketplace.common.tax import TaxClass, rate_of, shared_tax, tax_within

from .models import Shipment, ShipmentLine


@dataclass(frozen=True)
class TaxSum:
    """What was paid at one rate (basis points) of a shipment or more, and what of it is tax, in minor units."""

    rate: int
    gross: int
    tax: int

    @property
    def net(self) -> int:
        return self.gross - self.tax


def delivery_rate() -> int | None:
    """The rate of a delivery, which the store sells: its standard one. None where it shows no tax."""
    return rate_of(TaxClass.STANDARD)


def set_tax(lines: Sequence[ShipmentLine]) -> None:
    """Set what of each line of one shipment is tax, by its rate and what it costs now; saves none.

    What all lines of a rate cost is taxed once, and that is shared among them by largest remainder.
    """
    for rate in {line.tax_rate for line in lines if line.tax_rate is not None}:
        those = [line for line in lines if line.tax_rate == rate]
        for line, tax in zip(those, shared_tax([line.total for line in those], rate), strict=True):
            line.tax = tax


def save_tax(lines: Sequence[ShipmentLine]) -> None:
    """Work out anew and save what of each line of one locked shipment is tax: one statement, none without rates."""
    set_tax(lines)
    whens = [When(pk=line.pk, then=Value(line.tax)) for line in lines if line.tax_rate is not None]
    if whens:
        known = ShipmentLine.objects.filter(pk__in=[line.pk for line in lines], tax_rate__isnull=False)
        known.update(tax=Case(*whens, default=F("tax"), output_field=MoneyField()))


def tax_sums(shipment: Shipment, lines: Iterable[ShipmentLine]) -> list[TaxSum]:
    """The tax of a shipment as it stands, delivery included, by rate, the highest first; [] where none is known."""
    parts = [TaxSum(line.tax_rate, line.total, line.tax) for line in lines if line.tax_rate is not None]
    delivery = shipment.delivery_price + shipment.delivery_back + shipment.delivery_extra
    rate = shipment.delivery_tax_rate
    if rate is not None and delivery:
        parts.append(TaxSum(rate, delivery, tax_within(delivery, rate)))
    return add_up(parts)


def add_up(parts: Iterable[TaxSum]) -> list[TaxSum]:
    """One sum a rate, the highest rate first; what nothing was paid at is left out."""
    sums: dict[int, TaxSum] = {}
    for part in parts:
        before = sums.get(part.rate, TaxSum(part.rate, 0, 0))
        sums[part.rate] = TaxSum(part.rate, before.gross + part.gross, before.tax + part.tax)
    return [sums[rate] for rate in sorted(sums, reverse=True) if sums[rate].gross]
