"""What sellers fill in about their reductions. The services hold the rules."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.common import clock
from marketplace.common.fields import LineFormField
from marketplace.common.money import MoneyFormField
from marketplace.products.prices import Window
from marketplace.web.reduction_fields import LocalMoment, PercentField

_GOODS = re.compile(r"([0-9]{1,18})(?::([0-9]{1,18}))?")
MOST_GOODS = 500


def read_goods(values: Sequence[str]) -> list[tuple[int, int | None]]:
    """(product's id, variant's id or None) from "12" and "12:34" as the page's boxes send them; others are left out."""
    found = [_GOODS.fullmatch(value) for value in values[:MOST_GOODS]]
    return [(int(match[1]), int(match[2]) if match[2] else None) for match in found if match]


class ReductionForm(forms.Form):
    """By how much, from when to when; and how an event of one's own is called."""

    percent_bps = PercentField(label=_("Percent off"), max_length=7, required=False)
    amount = MoneyFormField(label=_("Or an amount off"), min_value=1, required=False)
    starts_at = LocalMoment(label=_("Begins"))
    ends_at = LocalMoment(label=_("Ends"))
    name = LineFormField(
        label=_("Name of your event"),
        max_length=80,
        required=False,
        help_text=_("Empty: it is a discount. With a name it is a sale event of your shop, in percent."),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and (given["percent_bps"] is None) == (given["amount"] is None):
            self.add_error("percent_bps", _("Give a percentage or an amount, not both."))
        if not self.errors and given["name"] and given["percent_bps"] is None:
            self.add_error("percent_bps", _("A sale event takes a percentage off."))
        if not self.errors and given["ends_at"] <= clock.now():
            self.add_error("ends_at", _("This is over already."))
        return given

    @property
    def window(self) -> Window:
        """The reduction that it describes."""
        given = self.cleaned_data
        return Window(given["percent_bps"], given["amount"], given["starts_at"], given["ends_at"])
