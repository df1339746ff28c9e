"""How staff can step in: each thing with its form, its words and the key that opens it."""

from dataclasses import dataclass

from django.forms import Form
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.forms import BypassForm, NoForm, ReasonForm, ReassignForm
from marketplace.accounts.models import User
from marketplace.delivery.states import AttemptOutcome
from marketplace.desk.case import Case


@dataclass(frozen=True)
class Action:
    """One thing that staff can do with a shipment. `name` is its word in `Case.may` and in its route."""

    name: str
    label: Promise
    explains: Promise
    button: Promise
    key: str
    icon: str
    form: type[ReasonForm] = ReasonForm
    danger: bool = False
    form_key: bool = False


ACTIONS: dict[str, Action] = {
    action.name: action
    for action in (
        Action(
            "reassign",
            _("Give it to another courier"),
            _(
                "Who has it now loses it, and both couriers are told. On the way it is handed over: the state stays."
                " The buyer and the seller read why."
            ),
            _("Reassign"),
            "r",
            "truck",
            ReassignForm,
        ),
        Action(
            "take_back",
            _("Take it back to the list"),
            _("The courier loses the job and is told; every courier can claim it again."),
            _("Take it back"),
            "t",
            "refresh",
        ),
        Action(
            "reissue",
            _("Issue a new PIN"),
            _(
                "The old PIN and QR code die. Buyer or seller find the new ones on their page; nobody here sees them."
            ),
            _("Issue a new PIN"),
            "p",
            "key",
            NoForm,
        ),
        Action(
            "bypass",
            _("Confirm without the PIN"),
            _(
                "It counts as handed over. The buyer is told at once and has twice the time to look it over."
                " The buyer and the seller read why."
            ),
            _("Confirm it"),
            "b",
            "shield",
            BypassForm,
            danger=True,
            form_key=True,
        ),
        Action(
            "send_back",
            _("Send it back to the seller"),
            _(
                "The courier brings it back; the buyer has the money again once the seller has it."
                " The buyer and the seller read why."
            ),
            _("Send it back"),
            "s",
            "return",
            danger=True,
        ),
        Action(
            "complete",
            _("Complete it now"),
            _("The seller is paid at once, whatever is left of the time to look it over."),
            _("Pay the seller"),
            "c",
            "check-circle",
            danger=True,
        ),
        Action(
            "cancel",
            _("Cancel it"),
            _(
                "The buyer has the money back at once, the seller the stock. The buyer and the seller read why."
            ),
            _("Cancel it"),
            "x",
            "close",
            danger=True,
        ),
        Action(
            "void",
            _("Do not count this attempt"),
            _(
                "It stays in the history, but no longer counts towards the three after which a parcel goes back."
                " The buyer and the seller read why."
            ),
            _("Do not count it"),
            "",
            "minus",
        ),
    )
}
ON_THE_SHIPMENT = [name for name in ACTIONS if name != "void"]


@dataclass(frozen=True)
class Asked:
    """An action as the page offers it: its form, where that goes, and whether it stands open."""

    action: Action
    form: Form
    url: str
    is_open: bool = False
    kept_key: str = ""


def offered(
    case: Case, choices: list[User], query: str, sent: "Asked | None" = None
) -> tuple[list[Asked], dict[int, Asked]]:
    """What can be done with the shipment now, and with each of its attempts (by their place)."""
    actions = [
        _ask(ACTIONS[name], case, choices, query, sent) for name in ON_THE_SHIPMENT if name in case.may
    ]
    attempts = {}
    if "void" in case.may:
        attempts = {
            attempt.number: _ask(ACTIONS["void"], case, choices, query, sent, attempt.number)
            for attempt in case.attempts
            if attempt.outcome == AttemptOutcome.FAILED
        }
    return actions, attempts


def address(action: Action, case: Case, query: str, position: int | None = None) -> str:
    """Where the form of an action goes, with the list's filters so that they stay."""
    number = case.shipment.number
    if position is None:
        path = reverse(f"backoffice:shipment_{action.name}", args=[number])
    else:
        path = reverse("backoffice:attempt_void", args=[number, position])
    return f"{path}?{query}" if query else path


def _ask(
    action: Action,
    case: Case,
    choices: list[User],
    query: str,
    sent: Asked | None,
    position: int | None = None,
) -> Asked:
    url = address(action, case, query, position)
    if sent is not None and sent.url == url:
        return sent
    names = f"{action.name}{position or ''}"
    return Asked(action, action.form(names=names, choices=choices), url)
