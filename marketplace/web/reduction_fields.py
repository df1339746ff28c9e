"""Fields for reductions, as sellers and staff fill them in: a moment in one's own zone, a percentage."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from marketplace.common.money import BASIS_POINTS

_PERCENT = re.compile(r"([0-9]{1,3})(?:[.,]([0-9]{1,2}))?")

YEARS = range(2000, 3000)
"""Beyond them a moment of one zone may be none in another, or none to a database."""


class LocalMoment(forms.DateTimeField):
    """A date and a time in the person's own zone; one that a change of clocks skips or doubles is refused."""

    widget = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **kwargs)

    def to_python(self, value: Any) -> Any:
        try:
            moment = super().to_python(value)
        except ValidationError as error:
            if any(item.code == "ambiguous_timezone" for item in error.error_list):
                raise ValidationError(
                    _(
                        "On this night the clocks change: this time is there twice or not at all. Choose another one."
                    )
                ) from error
            raise ValidationError(_("Please give a date and a time.")) from error
        if moment is not None and moment.year not in YEARS:
            raise ValidationError(_("Please give a date and a time."))
        return moment


class PercentField(forms.CharField):
    """ "15" or "12.5" as hundredths of a percent: what is taken off, so neither nothing nor all."""

    widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: Any) -> Any:
        text = (super().to_python(value) or "").removesuffix("%").strip()
        if not text:
            return None
        match = _PERCENT.fullmatch(text)
        if not match:
            raise ValidationError(_("A percentage is a number such as 15 or 12.5."))
        percent_bps = int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0"))
        self.require(percent_bps)
        return percent_bps

    def require(self, percent_bps: int) -> None:
        """Raise `ValidationError` unless it may be so much."""
        if not 0 < percent_bps < BASIS_POINTS:
            raise ValidationError(_("The percentage is more than 0 and less than 100."))

    def run_validators(self, value: Any) -> None:
        """It was measured as text: a number has no length."""


class ShareField(PercentField):
    """A share of something: nothing and all of it are shares, too."""

    def require(self, percent_bps: int) -> None:
        if percent_bps > BASIS_POINTS:
            raise ValidationError(_("The percentage is 100 at most."))
