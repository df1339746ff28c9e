"""What people type about their payouts; the services hold the rules."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from marketplace.common.fields import IdentifierFormField, LineFormField
from marketplace.common.money import MoneyFormField, currency_symbol, to_plain
from marketplace.payouts.accounts import MAX_HOLDER
from marketplace.payouts.amounts import payout_range
from marketplace.payouts.models import PayoutPlan
from marketplace.payouts.states import Every, Provider


class PayoutForm(forms.Form):
    """How much."""

    amount = MoneyFormField()

    def __init__(self, *args, available: int, **kwargs) -> None:
        smallest, largest = payout_range()
        kwargs.setdefault("initial", {"amount": to_plain(min(available, largest))})
        super().__init__(*args, **kwargs)
        field = self.fields["amount"]
        field.min_value, field.max_value = smallest, largest
        field.label = _("Amount in %(currency)s") % {"currency": currency_symbol()}


class AccountForm(forms.Form):
    """Which account; it is typed anew each time and never shown again."""

    holder = LineFormField(
        label=_("Name of the account’s holder"),
        max_length=MAX_HOLDER,
        help_text=_("As the bank knows it."),
        widget=forms.TextInput({"autocomplete": "name"}),
    )
    number = IdentifierFormField(
        label=_("IBAN"),
        max_length=60,
        help_text=_("On your bank card or in your bank’s app. Spaces do not matter."),
        widget=forms.TextInput(
            {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}
        ),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if settings.PAYOUT_PROVIDER == Provider.STRIPE:
            field = self.fields["number"]
            field.label = _("IBAN, or your account at Stripe")
            field.help_text = _(
                "On your bank card or in your bank’s app; an account at Stripe begins with acct_."
            )
            field.widget.attrs["autocapitalize"] = "off"


class PlanForm(forms.Form):
    """How often, and from which amount on."""

    every = forms.ChoiceField(label=_("How often"), choices=Every.choices, widget=forms.RadioSelect)
    above = MoneyFormField(required=False)

    def __init__(self, *args, plan: PayoutPlan, **kwargs) -> None:
        initial = {"every": plan.every, "above": to_plain(plan.above) if plan.above else ""}
        super().__init__(*args, initial=initial, **kwargs)
        field = self.fields["above"]
        field.label = _("Only from this amount on, in %(currency)s") % {"currency": currency_symbol()}
        field.help_text = _("Empty: whatever there is, from the smallest payout on.")
        field.min_value = 0

    def clean_above(self) -> int:
        return self.cleaned_data["above"] or 0
