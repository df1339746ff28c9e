"""Tax that prices contain: which rate a class of goods has, and what of an amount is tax (decisions/0029-tax.md)."""

from collections.abc import Sequence

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .money import BASIS_POINTS


class TaxClass(models.TextChoices):
    """What a country's rates are named by; which goods are which is said of their category."""

    STANDARD = "standard", _("Standard rate")
    REDUCED = "reduced", _("Reduced rate")
    LOW = "low", _("Second reduced rate")
    NONE = "none", _("No tax")


def rates_in_force() -> dict[str, int]:
    """Class → rate in basis points in the store's country (the first of `STORE_COUNTRIES`); {} shows no tax."""
    rates: dict[str, dict[str, int]] = settings.TAX_RATES
    return rates.get(settings.STORE_COUNTRIES[0], {}) if settings.STORE_COUNTRIES else {}


def rate_of(tax_class: str) -> int | None:
    """The rate of a class in basis points; None where the store shows no tax.

    What a country has no second reduced rate for has its reduced one, and without that its standard one.
    """
    rates = rates_in_force()
    if not rates:
        return None
    if tax_class == TaxClass.NONE:
        return 0
    fallbacks = {TaxClass.LOW: (TaxClass.LOW, TaxClass.REDUCED), TaxClass.REDUCED: (TaxClass.REDUCED,)}
    for name in fallbacks.get(TaxClass(tax_class), ()):
        if name in rates:
            return rates[name]
    return rates[TaxClass.STANDARD]


def tax_within(gross: int, rate: int) -> int:
    """What of `gross` (minor units, tax included) is tax at `rate` basis points, rounded half up once.

    Tax = gross × rate ÷ (100 % + rate): the price is the taxable amount with the tax upon it (Directive 2006/112/EC,
    articles 73, 78 (a) and 226 (8) to (10)), so at 19 % it is 19/119 of what was paid. Raises `ValueError` below zero.
    """
    if gross < 0 or rate < 0:
        raise ValueError("tax is within what was paid")
    whole = BASIS_POINTS + rate
    return (2 * gross * rate + whole) // (2 * whole)


def shared_tax(amounts: Sequence[int], rate: int) -> list[int]:
    """The tax within each of `amounts` at one rate: together exactly the tax within their sum.

    By largest remainder (Hamilton's method): each has the whole minor units of its own share, and those that are
    missing go to the largest remainders, of equal ones to the first. None is more than a minor unit from its share,
    and what costs nothing has none.
    """
    whole = BASIS_POINTS + rate
    shares = [divmod(amount * rate, whole) for amount in amounts]
    taxes = [share for share, _rest in shares]
    missing = tax_within(sum(amounts), rate) - sum(taxes)
    by_rest = sorted(range(len(amounts)), key=lambda place: (-shares[place][1], place))
    for place in by_rest[:missing]:
        taxes[place] += 1
    return taxes
