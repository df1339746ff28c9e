"""What sellers fill in about their coupons. The services hold the rules."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.common.fields import CodeFormField
from marketplace.common.money import MAX_MONEY, MoneyFormField, QuantityFormField
from marketplace.coupons.models import Coupon
from marketplace.coupons.services import MOST_USES, CouponTerms
from marketplace.web.reduction_fields import LocalMoment, PercentField


class CouponForm(forms.Form):
    """What a coupon takes off, when, how often, and of how much."""

    percent_bps = PercentField(label=_("Percent off"), max_length=7, required=False)
    amount = MoneyFormField(label=_("Or an amount off"), min_value=1, max_value=MAX_MONEY, required=False)
    smallest_cart = MoneyFormField(
        label=_("Goods of at least"),
        max_value=MAX_MONEY,
        required=False,
        help_text=_("What your goods in the cart cost before the coupon. Empty: any amount."),
    )
    starts_at = LocalMoment(label=_("Begins"), required=False, help_text=_("Empty: as it was."))
    ends_at = LocalMoment(label=_("Ends"), required=False, help_text=_("Empty: when you stop it."))
    most_uses = QuantityFormField(
        label=_("How often in all"),
        max_value=MOST_USES,
        required=False,
        help_text=_("Empty: without a limit."),
    )
    most_a_person = QuantityFormField(
        label=_("How often a person"),
        max_value=MOST_USES,
        required=False,
        help_text=_("Empty: without a limit."),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and (given["percent_bps"] is None) == (given["amount"] is None):
            self.add_error("percent_bps", _("Give a percentage or an amount, not both."))
        return given

    @property
    def terms(self) -> CouponTerms:
        """The terms that it describes. Raises `Invalid`."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "code"}
        return CouponTerms(**given | {"smallest_cart": given["smallest_cart"] or 0})


class NewCouponForm(CouponForm):
    code = CodeFormField(
        label=_("Code"),
        max_length=60,
        help_text=_("4 to 24 letters (A to Z), digits and hyphens. It never changes."),
        widget=forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    field_order = ["code"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_at"].help_text = _("Empty: at once.")


def percent_typed(percent_bps: int | None) -> str:
    """A percentage as its field holds it: 1250 is "12.5"."""
    if percent_bps is None:
        return ""
    whole, part = divmod(percent_bps, 100)
    return f"{whole}.{part:02d}".rstrip("0") if part else str(whole)


def said_by(coupon: Coupon) -> dict[str, Any]:
    """What the fields hold of a coupon."""
    return {
        "percent_bps": percent_typed(coupon.percent_bps),
        "amount": coupon.amount,
        "smallest_cart": coupon.smallest_cart or None,
        "starts_at": coupon.starts_at,
        "ends_at": coupon.ends_at,
        "most_uses": coupon.most_uses,
        "most_a_person": coupon.most_a_person,
    }
