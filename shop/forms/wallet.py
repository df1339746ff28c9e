"""What people type about money."""

import re
from datetime import date, datetime, time, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from marketplace.common.money import MoneyFormField, currency_symbol, parse_money, to_plain
from marketplace.wallet.amounts import next_top_up, top_up_range
from marketplace.wallet.models import TransactionKind
from marketplace.wallet.selectors import StatementQuery
from marketplace.wallet.states import DemoState


def read_slug(text: str) -> str:
    """A public id out of an address or a form, or "" if it cannot be one."""
    return text if re.fullmatch(r"[0-9a-z]{1,40}", text) else ""


class TopUpForm(forms.Form):
    amount = MoneyFormField(label=_("Amount"))

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["amount"]
        field.min_value, field.max_value = top_up_range()
        field.label = _("Amount in %(currency)s") % {"currency": currency_symbol()}
        field.widget.attrs["autofocus"] = not self.is_bound

    @staticmethod
    def amount_asked(text: str) -> int | None:
        """The amount of `?amount=`, rounded up to one that can be paid in; None if there is none."""
        try:
            amount = parse_money(text)
        except ValidationError:
            return None
        smallest, largest = top_up_range()
        amount = max(next_top_up(amount), smallest)
        return amount if amount <= largest else None

    @staticmethod
    def initial_for(amount: int | None) -> dict:
        return {} if amount is None else {"amount": to_plain(amount)}


class DemoPaymentForm(forms.Form):
    """What the "bank" decides."""

    CHOICES = (DemoState.APPROVED, DemoState.DECLINED, DemoState.SLOW)

    decision = forms.ChoiceField(choices=[(state.value, state.label) for state in CHOICES])


class DayField(forms.DateField):
    """A day as a browser's own picker sends it, of a year that every database knows."""

    def __init__(self, **kwargs) -> None:
        limits = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2099, 12, 31))]
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(
            required=False, input_formats=["%Y-%m-%d"], validators=limits, widget=widget, **kwargs
        )


def start_of(day: date) -> datetime:
    """Midnight of `day` in the person's zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


class StatementFilter(forms.Form):
    """Which rows of the statement; what cannot be read is said and left out, never an error page."""

    kind = forms.ChoiceField(
        label=_("What"), required=False, choices=[("", _("Everything")), *TransactionKind.choices]
    )
    since = DayField(label=_("From"))
    until = DayField(label=_("To"))

    def clean(self) -> dict:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", _("This day is before the first one."))
        return self.cleaned_data

    def query(self) -> StatementQuery:
        """What was asked for, in moments of the person's zone; `until` includes its day."""
        self.is_valid()
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        return StatementQuery(
            kind=self.cleaned_data.get("kind", ""),
            since=start_of(since) if since else None,
            until=start_of(until + timedelta(days=1)) if until else None,
        )

    def as_parameters(self) -> dict[str, str]:
        """The filter as an address holds it, without what is empty or wrong."""
        self.is_valid()
        return {name: str(value) for name, value in self.cleaned_data.items() if value}
