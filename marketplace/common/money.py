"""Money: integer minor units everywhere, decimals only at the edge.

One currency a store (`settings.STORE_CURRENCY`, its exponent from ISO 4217 through Babel).
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar

from babel.numbers import format_currency, get_currency_precision, get_currency_symbol
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _

MAX_MONEY = 10**15
"""The most that any money column may hold, in minor units; a CHECK keeps it."""

BASIS_POINTS = 10_000

Key = TypeVar("Key")


def exponent() -> int:
    """How many decimals the store's currency has: 2 for EUR, 0 for JPY, 3 for KWD."""
    return get_currency_precision(settings.STORE_CURRENCY)


def _locale() -> str:
    return to_locale(get_language() or settings.LANGUAGE_CODE)


@lru_cache(maxsize=65_536)
def _format(minor: int, currency: str, locale: str) -> str:
    from decimal import Decimal

    digits = get_currency_precision(currency)
    return format_currency(Decimal(minor).scaleb(-digits), currency, locale=locale)


def format_money(minor: int) -> str:
    """`minor` units as people write them, in the active language: 1999 → "€19.99"."""
    return _format(int(minor), settings.STORE_CURRENCY, _locale())


def currency_symbol() -> str:
    """The sign of the store's currency in the active language."""
    return get_currency_symbol(settings.STORE_CURRENCY, locale=_locale())


def to_plain(minor: int) -> str:
    """`minor` units as a form field holds them: 1999 → "19.99"."""
    digits = exponent()
    sign, minor = ("-" if minor < 0 else ""), abs(minor)
    if not digits:
        return f"{sign}{minor}"
    whole, part = divmod(minor, 10**digits)
    return f"{sign}{whole}.{part:0{digits}d}"


def parse_money(text: str) -> int:
    """Minor units from what a person typed ("19.99", "19,99", "20"). Raises ValidationError.

    Strict on purpose: Python's int() and Decimal() also take "1_0", "1e3", Arabic digits and "-0"
    (docs/reliability.md M16).
    """
    digits = exponent()
    fraction = rf"(?:[.,]([0-9]{{1,{digits}}}))?" if digits else "()"
    match = re.fullmatch(rf"([0-9]{{1,15}}){fraction}", text.strip())
    if not match:
        example = to_plain(1999 if digits == 2 else 20 * 10**digits)
        raise ValidationError(
            _("Enter an amount like %(example)s."), code="invalid", params={"example": example}
        )
    minor = int(match[1]) * 10**digits + int((match[2] or "").ljust(digits, "0") or 0)
    if minor > MAX_MONEY:
        raise ValidationError(_("That amount is too large."), code="max_value")
    return minor


def percent_of(amount: int, basis_points: int) -> int:
    """`basis_points` (1/100 %) of `amount`, rounded half up, in minor units."""
    return (amount * basis_points + BASIS_POINTS // 2) // BASIS_POINTS


def split(total: int, weights: Mapping[Key, int]) -> dict[Key, int]:
    """Divide `total` by `weights` with the largest remainder, so that the parts sum to the whole."""
    pairs = list(weights.items())
    whole = sum(weight for _key, weight in pairs)
    if whole <= 0:
        raise ValueError("the weights must sum to more than zero")
    shares = {key: total * weight // whole for key, weight in pairs}
    by_remainder = sorted(pairs, key=lambda pair: -(total * pair[1] % whole))
    for key, _weight in by_remainder[: total - sum(shares.values())]:
        shares[key] += 1
    return shares


class MoneyField(models.BigIntegerField):  # type: ignore[type-arg]  # at run time it takes none
    """An amount in minor units of the store's currency. Pair it with `money_check`."""

    def formfield(self, **kwargs: Any) -> Any:
        return models.Field.formfield(self, form_class=MoneyFormField, **kwargs)


def money_check(field: str, *, minimum: int = 0) -> models.CheckConstraint:
    """The CHECK that every money column carries: minimum..10^15 (SQLite would store a float above)."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__gte": minimum, f"{field}__lte": MAX_MONEY}),
        name=f"%(app_label)s_%(class)s_{field}_range",
    )


class MoneyFormField(forms.CharField):
    """A form field that reads "19.99" and gives 1999."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def __init__(self, *, min_value: int | None = None, max_value: int | None = None, **kwargs: Any) -> None:
        self.min_value, self.max_value = min_value, max_value
        kwargs.setdefault("max_length", 24)
        super().__init__(**kwargs)

    def prepare_value(self, value: object) -> object:
        return to_plain(value) if isinstance(value, int) else value

    def to_python(self, value: object) -> Any:
        text = super().to_python(value) or ""
        return parse_money(text) if text else None

    def validate(self, value: object) -> None:
        forms.Field.validate(self, value)

    def run_validators(self, value: int | None) -> None:
        if value is None:
            return
        if self.min_value is not None and value < self.min_value:
            raise ValidationError(
                _("The smallest amount is %(amount)s."), params={"amount": format_money(self.min_value)}
            )
        if self.max_value is not None and value > self.max_value:
            raise ValidationError(
                _("The largest amount is %(amount)s."), params={"amount": format_money(self.max_value)}
            )


class QuantityFormField(forms.CharField):
    """A whole number of pieces, digits only (IntegerField also takes "1_0" and "5.0")."""

    widget = forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def __init__(self, *, min_value: int = 1, max_value: int = 99, **kwargs: Any) -> None:
        self.min_value, self.max_value = min_value, max_value
        super().__init__(**kwargs)
        self.widget.attrs.update({"min": min_value, "max": max_value, "step": 1})

    def to_python(self, value: object) -> Any:
        text = super().to_python(value) or ""
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,6}", text):
            raise ValidationError(_("Enter a whole number."), code="invalid")
        return int(text)

    def validate(self, value: object) -> None:
        forms.Field.validate(self, value)

    def run_validators(self, value: int | None) -> None:
        if value is not None and not self.min_value <= value <= self.max_value:
            raise ValidationError(
                _("Choose between %(low)s and %(high)s."),
                params={"low": self.min_value, "high": self.max_value},
            )
