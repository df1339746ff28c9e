"""What the list of invoices is asked for."""

from datetime import date, datetime

from django import forms

from marketplace.common.fields import LineFormField


class InvoiceFilter(forms.Form):
    """A word, and a month as browsers send one ("2026-11"); what is no month is no filter."""

    q = LineFormField(max_length=80, required=False)
    month = forms.CharField(max_length=7, required=False)

    def clean_month(self) -> date | None:
        """The first day of the month that was asked for."""
        if not self.cleaned_data["month"].isascii():
            return None
        try:
            return datetime.strptime(self.cleaned_data["month"], "%Y-%m").date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            return None
