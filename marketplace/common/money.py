"""Money: integer minor units everywhere, decimals only at the edge.

One currency a store (`settings.STORE_CURRENCY`). How many minor units make one of it is ISO 4217's word, for
the books; how many decimals people are shown is CLDR's, as long as no part of an amount is hidden by it; how a
payment provider counts is the provider's own (marketplace/wallet/payments).
"""

import copy
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar

from babel import Locale
from babel.numbers import format_currency, get_currency_precision, get_currency_symbol
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.formats import number_format
from django.utils.translation import get_language, gettext, to_locale
from django.utils.translation import gettext_lazy as _
from iso4217 import Currency

MAX_MONEY = 10**15
"""The most that any money column may hold, in minor units; a CHECK keeps it."""

BASIS_POINTS = 10_000

Key = TypeVar("Key")


@lru_cache(maxsize=64)
def minor_digits(currency: str) -> int:
    """How many decimals ISO 4217 gives a currency: 2 for EUR, 0 for JPY, 3 for KWD. Raises `LookupError`.

    What has no minor unit there (gold, the code for tests) is no money to keep books in.
    """
    try:
        digits = Currency(currency).exponent
    except ValueError:
        digits = None
    if digits is None:
        raise LookupError(f"{currency!r} is no currency of ISO 4217")
    return digits


def exponent() -> int:
    """How many decimals the store's currency has, in the books and wherever people type."""
    return minor_digits(settings.STORE_CURRENCY)


def _locale() -> str:
    return to_locale(get_language() or settings.LANGUAGE_CODE)


@lru_cache(maxsize=65_536)
def _format(minor: int, currency: str, locale: str) -> str:
    digits, usual = minor_digits(currency), get_currency_precision(currency)
    number = Decimal(minor).scaleb(-digits)
    if digits <= usual or minor % 10 ** (digits - usual) == 0:
        return format_currency(number, currency, locale=locale)
    pattern = copy.copy(Locale.parse(locale).currency_formats["standard"])
    pattern.frac_prec = (digits, digits)
    return format_currency(number, currency, pattern, locale=locale, currency_digits=False)


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


_GROUPS = r"[1-9][0-9]{0,2}(?:([.,' \u00a0\u2009\u202f’])[0-9]{3})(?:\1[0-9]{3})*"
"""A whole number with a sign between its thousands, of those that some language writes there."""


def parse_money(text: str) -> int:
    """Minor units from what a person typed ("19.99", "19,99", "20"). Raises ValidationError.

    What could be thousands is never guessed: "1,000" is one dinar to some and a thousand to others, so it is asked
    (code "ambiguous"). A point with exactly the currency's decimals is what the store itself writes, and is read.

    Strict on purpose: Python's int() and Decimal() also take "1_0", "1e3", Arabic digits and "-0"
    (docs/reliability.md M16).
    """
    digits, text = exponent(), text.strip()
    fraction = rf"(?:([.,])([0-9]{{1,{digits}}}))?" if digits else "()()"
    match = re.fullmatch(rf"([0-9]{{1,15}}){fraction}", text)
    if not match or (match[2] == "," and re.fullmatch(_GROUPS, text)):
        raise _not_read(text, digits)
    minor = int(match[1]) * 10**digits + int((match[3] or "").ljust(digits, "0") or 0)
    if minor > MAX_MONEY:
        raise ValidationError(_("That amount is too large."), code="max_value")
    return minor


def _not_read(text: str, digits: int) -> ValidationError:
    """What to say of a text that is no amount: a question where thousands may be meant, else an example."""
    fraction = rf"(?:(?!\1)[.,]([0-9]{{1,{digits}}}))?" if digits else "()"
    grouped = re.fullmatch(_GROUPS + fraction, text)
    if not grouped:
        example = to_plain(1999 if digits == 2 else 20 * 10**digits)
        return ValidationError(
            _("Enter an amount like %(example)s."), code="invalid", params={"example": example}
        )
    part = grouped[2] or ""
    whole = text[: grouped.start(2) - 1] if part else text
    amount = re.sub(r"[^0-9]", "", whole) + (f".{part}" if part else "")
    if digits == 3 and text.count(",") == 1 and not part:
        return ValidationError(
            _("Do you mean %(amount)s or %(other)s? Write it without a sign between the thousands."),
            code="ambiguous",
            params={"amount": amount, "other": text.replace(",", ".")},
        )
    return ValidationError(
        _("Do you mean %(amount)s? Write it without a sign between the thousands."),
        code="ambiguous",
        params={"amount": amount},
    )


def format_percent(basis_points: int) -> str:
    """Hundredths of a percent as people read them: 1500 → "15%", 1250 → "12.5%"."""
    digits = 0 if basis_points % 100 == 0 else 1 if basis_points % 10 == 0 else 2
    return gettext("%(number)s%%") % {"number": number_format(basis_points / 100, digits)}


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
        if not self.widget.is_hidden:
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
