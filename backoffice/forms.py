"""What staff are asked before they step in: why, and what shows it. The services hold the rules."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marketplace.common.cleaning import clean_text
from marketplace.common.fields import AddressFormField, LineFormField, ProseFormField
from marketplace.common.money import MoneyFormField, QuantityFormField
from marketplace.common.texts import MAX_REASON
from marketplace.payouts.models import REFERENCE_LENGTH
from marketplace.payouts.states import PayoutStatus
from marketplace.products.selectors import category_tree
from marketplace.rates.models import PAYERS, Payer, RateTable
from marketplace.rates.versions import Rates, impossible, impossible_in
from marketplace.reviewing.kinds import ReasonTemplate
from marketplace.reviewing.states import Decision
from marketplace.web.reduction_fields import LocalMoment, PercentField, ShareField


class DeskFilter(forms.Form):
    """What the list of deliveries is asked for; a word that it does not know is no filter."""

    q = LineFormField(max_length=40, required=False)
    status = forms.CharField(max_length=12, required=False)
    trouble = forms.CharField(max_length=12, required=False)


class CourierFilter(forms.Form):
    """What the list of couriers is asked for."""

    q = LineFormField(max_length=80, required=False)
    suspended = forms.BooleanField(required=False)


class ShopFilter(forms.Form):
    """What the list of shops is asked for."""

    q = LineFormField(max_length=80, required=False)
    closed = forms.BooleanField(required=False)


class PayoutFilter(forms.Form):
    """What the list of payouts is asked for; a status that there is not is no filter."""

    q = LineFormField(max_length=80, required=False)
    status = forms.ChoiceField(choices=PayoutStatus.choices, required=False)
    matter = forms.BooleanField(required=False)


class LiftForm(forms.Form):
    """Whose suspension is lifted."""

    courier = AddressFormField(max_length=254)


class ReasonForm(forms.Form):
    """Why: it stays in the history."""

    reason = ProseFormField(
        label=_("Reason"),
        max_length=MAX_REASON,
        widget=forms.Textarea({"rows": 2, "autocomplete": "off"}),
        error_messages={"required": _("Please say why.")},
    )

    def __init__(self, *args, names: str, **kwargs) -> None:
        # Several of these forms stand on a page: each has ids of its own.
        super().__init__(*args, auto_id=f"{names}-%s", **kwargs)


class PayoutReasonForm(ReasonForm):
    """Why a payout ends; its owner reads it."""

    def __init__(self, *args, names: str, **kwargs) -> None:
        super().__init__(*args, names=names, **kwargs)
        self.name = names
        self.fields["reason"].help_text = _("They read it as you write it.")


class ReserveForm(ReasonForm):
    """How much of a shop's sales is kept back; both empty is the store's own rule."""

    bps = ShareField(label=_("Percent of each sale"), max_length=6, required=False)
    days = forms.IntegerField(label=_("For how many days"), required=False)
    field_order = ("bps", "days", "reason")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, names="reserve", **kwargs)
        self.fields["bps"].help_text = _("Both empty: as in the whole store.")
        self.fields["days"].widget.attrs["inputmode"] = "numeric"
        self.fields["reason"].help_text = _("Its seller reads it as you write it.")


class ReferenceForm(forms.Form):
    """What the bank calls a transfer."""

    reference = LineFormField(
        label=_("The bank’s reference"),
        max_length=REFERENCE_LENGTH,
        help_text=_("From the statement of the store’s account."),
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Please type the bank’s reference: it proves that the money left.")},
    )

    def __init__(self, *args, names: str, **kwargs) -> None:
        super().__init__(*args, auto_id=f"{names}-%s", **kwargs)
        self.name = names


class NoForm(ReasonForm):
    """A button that asks nothing."""

    reason = None


class ReassignForm(ReasonForm):
    """To whom; a name from the list, or any courier's e-mail address."""

    courier = AddressFormField(
        label=_("New courier"),
        max_length=254,
        help_text=_("E-mail address; those with a free place are suggested."),
        widget=forms.EmailInput({"autocomplete": "off"}),
        error_messages={"required": _("Please say which courier.")},
    )

    field_order = ["courier", "reason"]

    def __init__(self, *args, names: str, **kwargs) -> None:
        super().__init__(*args, names=names, **kwargs)
        self.fields["courier"].widget.attrs["list"] = f"{names}-choices"


class DecisionForm(forms.Form):
    """What is decided about a submission, and why; whether it needs a reason, the service says."""

    decision = forms.CharField(max_length=20, widget=forms.HiddenInput)
    reason = ProseFormField(
        label=_("Reason"),
        max_length=MAX_REASON,
        required=False,
        widget=forms.Textarea({"rows": 3, "autocomplete": "off"}),
    )

    def is_for(self, decision: Decision) -> bool:
        """Whether this is what was sent for that decision."""
        return self.data.get("decision") == decision.value

    def prepare(self, decision: Decision) -> None:
        """Three of these stand on a page: each has ids and words of its own."""
        self.auto_id = f"{decision.value}-%s"
        reason = self.fields["reason"]
        if decision.needs_reason:
            reason.help_text = _("They read it as you write it.")
        else:
            reason.label = _("A word to go with it (if you like)")

    def with_template(self, reasons: Sequence[ReasonTemplate]) -> "DecisionForm":
        """The same form with the reason whose button was pressed, after what was typed; nothing is decided."""
        wanted = next((reason for reason in reasons if reason.name == self.data.get("template")), None)
        typed = clean_text(self.data.get("reason", ""))
        data = self.data.copy()
        if wanted is not None and str(wanted.text) not in typed:
            data["reason"] = f"{typed} {wanted.text}".strip()
        form = DecisionForm(initial=data.dict())
        form.data = data
        return form


class BypassForm(ReasonForm):
    """A reason and a photo that shows it."""

    photo = forms.FileField(
        label=_("Photo"),
        help_text=_("What shows that the parcel is there: the door, the receipt, the message."),
        widget=forms.ClearableFileInput({"accept": "image/jpeg,image/png,image/webp", "data-shrink": True}),
        error_messages={"required": _("Please add a photo.")},
    )


class SaleEventForm(forms.Form):
    """An event that sellers may join until it begins."""

    name = LineFormField(label=_("Name"), max_length=80)
    percent_bps = PercentField(label=_("Percent off"), max_length=7)
    starts_at = LocalMoment(label=_("Begins"))
    ends_at = LocalMoment(label=_("Ends"))
    category_ids = forms.MultipleChoiceField(
        label=_("Categories"),
        required=False,
        help_text=_("None: sellers may put in whatever they sell."),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category_ids"].choices = [(str(node.id), node.name) for node in category_tree().roots]


def _payer(label: str | Promise) -> forms.ChoiceField:
    # Not required in HTML's sense, which wants an empty choice then; without an answer no table can be.
    return forms.ChoiceField(label=label, choices=Payer.choices, initial=Payer.STORE, required=False)


class RatesForm(forms.Form):
    """The next version of what delivery costs; it carries the version that it was drawn with."""

    version = QuantityFormField(min_value=0, max_value=999_999, widget=forms.HiddenInput)
    base = MoneyFormField(label=_("Base"))
    per_km = MoneyFormField(label=_("For each kilometre"), help_text=_("As the crow flies, door to door."))
    extra_small = MoneyFormField(label=_("Added: fits a bag"))
    extra_medium = MoneyFormField(label=_("Added: one hand"))
    extra_large = MoneyFormField(label=_("Added: two hands"))
    extra_bulky = MoneyFormField(label=_("Added: needs a car"), help_text=_("The largest piece counts."))
    free_from = MoneyFormField(
        label=_("Free from"), help_text=_("Goods of one seller; the store pays then. 0 is never.")
    )
    max_km = QuantityFormField(
        label=_("Largest distance, km"), min_value=0, max_value=20_000, help_text=_("0 is no limit.")
    )
    store_bps = ShareField(label=_("The store’s share, %"), max_length=7)
    courier_least = MoneyFormField(
        label=_("Couriers earn at least"), help_text=_("What the price does not pay, the store does.")
    )
    back_bps = ShareField(
        label=_("The way back, %"), max_length=7, help_text=_("Of the way there, for a parcel nobody took.")
    )
    back_absent = _payer(_("Nobody was there"))
    back_refused = _payer(_("It was refused"))
    back_wrong_address = _payer(_("The address was wrong"))
    back_unsafe = _payer(_("It was not safe"))
    back_damaged = _payer(_("The parcel was damaged"))
    back_staff = _payer(_("The store sent it back"))
    again_fee = MoneyFormField(
        label=_("Each further try"), help_text=_("The courier’s; after one that failed.")
    )
    wait_free = QuantityFormField(label=_("Waiting is free for, minutes"), min_value=0, max_value=1440)
    wait_fee = MoneyFormField(label=_("Then for each minute"), help_text=_("The courier’s."))
    wait_most = MoneyFormField(
        label=_("Waiting, at most"), help_text=_("For each try. 0 is no fee for waiting.")
    )
    note = ProseFormField(label=_("Note"), max_length=MAX_REASON, required=False)

    GROUPS = (
        (_("The way there"), ("base", "per_km", "extra_small", "extra_medium", "extra_large", "extra_bulky")),
        (_("Who pays, and how far it goes"), ("free_from", "max_km", "store_bps", "courier_least")),
        (_("Who pays the way back, where …"), ("back_bps", *PAYERS)),
        (_("Further tries and waiting at the door"), ("again_fee", "wait_free", "wait_fee", "wait_most")),
        ("", ("note",)),
    )

    @property
    def groups(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """The fields under their headings."""
        for heading, names in self.GROUPS:
            yield str(heading), [self[name] for name in names]

    @staticmethod
    def initial_of(table: RateTable | None, courier_fee: int) -> dict[str, object]:
        """What the form begins with: the rates that hold, or those of a store without any."""
        table = table or RateTable(version=0, courier_least=courier_fee)
        names = [name for name in Rates.__dataclass_fields__ if name != "max_metres"]
        shown = {name: getattr(table, name) for name in names}
        shares = {name: f"{shown[name] / 100:g}" for name in ("store_bps", "back_bps")}
        return shown | shares | {"version": table.version, "max_km": table.max_metres // 1000}

    def clean(self) -> dict[str, object]:
        """What no table can have is said here already: a preview asks no service."""
        given = super().clean() or self.cleaned_data
        if not self.errors:
            for name in impossible_in(self.said):
                self.add_error("max_km" if name == "max_metres" else name, impossible())
        return given

    @property
    def said(self) -> dict[str, Any]:
        """What was typed, by the names of a table."""
        given = self.cleaned_data
        said = {name: given[name] for name in Rates.__dataclass_fields__ if name in given}
        return said | {"max_metres": given["max_km"] * 1000}

    @property
    def rates(self) -> Rates:
        """What was typed, which some table can have."""
        return Rates(**self.said)

    @property
    def table(self) -> RateTable:
        """A table of it that is not kept, for the preview."""
        return RateTable(version=self.cleaned_data["version"] + 1, **vars(self.rates))
