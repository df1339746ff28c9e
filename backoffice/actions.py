"""How staff can step in: each thing with its form, its words, the key that opens it and what it does.

Its route, its view and its place on the page come from here (docs/architecture.md, "Add a staff action").
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.forms import Form
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.forms import BypassForm, NoForm, ReasonForm, ReassignForm
from marketplace.accounts.models import User
from marketplace.common.errors import Invalid
from marketplace.delivery import services
from marketplace.delivery.models import Attempt
from marketplace.desk.case import Case, attempts_of
from marketplace.desk.couriers import courier_with_email
from marketplace.orders.models import Shipment


@dataclass(frozen=True)
class Request:
    """An action as somebody sent it: about which shipment (or attempt of it), and what the form said."""

    actor: User
    about: Shipment
    fields: dict
    form_key: str = ""
    position: int | None = None
    shown: str = ""

    @property
    def shipment(self) -> dict[str, object]:
        """Which one, who asks and what they were shown, as every service takes it."""
        return {"shipment_id": self.about.pk, "actor": self.actor, "expected": self.shown}

    @property
    def attempt(self) -> Attempt:
        return get_object_or_404(attempts_of(self.about), number=self.position)


def _reassign(sent: Request) -> None:
    courier = courier_with_email(sent.actor, sent.fields["courier"])
    if courier is None:
        raise Invalid(_("There is no courier with this address."), field="courier")
    services.reassign(**sent.shipment, courier_id=courier.pk, reason=sent.fields["reason"])


@dataclass(frozen=True)
class Action:
    """One thing that staff can do with a shipment. `name` is its word in `Case.may` and in its route.

    `call` hands it to its service, `done` is said afterwards. `form_key` names the key of what must not
    happen twice. An action with `on_attempt` is offered at each try at the door instead.
    """

    name: str
    label: Promise
    explains: Promise
    button: Promise
    key: str
    icon: str
    call: Callable[[Request], object]
    done: Promise
    form: type[ReasonForm] = ReasonForm
    danger: bool = False
    form_key: str = ""
    on_attempt: bool = False

    @property
    def route(self) -> str:
        return f"{'attempt' if self.on_attempt else 'shipment'}_{self.name}"

    @property
    def path(self) -> str:
        """Below the shipment's own address."""
        return f"{'attempts/<int:position>/' if self.on_attempt else ''}{self.name.replace('_', '-')}/"


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
            _reassign,
            _("It has a new courier; both were told."),
            ReassignForm,
        ),
        Action(
            "take_back",
            _("Take it back to the list"),
            _("The courier loses the job and is told; every courier can claim it again."),
            _("Take it back"),
            "t",
            "refresh",
            lambda sent: services.reassign(**sent.shipment, reason=sent.fields["reason"]),
            _("It is back in the list of parcels to claim."),
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
            lambda sent: services.reissue_proof(**sent.shipment),
            _("There is a new PIN; whoever it is for sees it now."),
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
            lambda sent: services.bypass_proof(**sent.shipment, **sent.fields, form_key=sent.form_key),
            _("It counts as handed over; the buyer and the seller were told."),
            BypassForm,
            danger=True,
            form_key="bypass_proof",
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
            lambda sent: services.send_back(**sent.shipment, reason=sent.fields["reason"]),
            _("It goes back to the seller, who has a PIN for it now."),
            danger=True,
        ),
        Action(
            "complete",
            _("Complete it now"),
            _("The seller is paid at once, whatever is left of the time to look it over."),
            _("Pay the seller"),
            "c",
            "check-circle",
            lambda sent: services.complete_shipment(**sent.shipment, reason=sent.fields["reason"]),
            _("It is completed and the seller is paid."),
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
            lambda sent: services.cancel_shipment(**sent.shipment, reason=sent.fields["reason"]),
            _("It is cancelled; the buyer has the money back."),
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
            lambda sent: services.void_attempt(
                attempt_id=sent.attempt.pk,
                actor=sent.actor,
                reason=sent.fields["reason"],
                expected=sent.shown,
            ),
            _("This attempt does not count any more."),
            on_attempt=True,
        ),
    )
}


@dataclass(frozen=True)
class Asked:
    """An action as the page offers it: its form, where that goes, and whether it stands open."""

    action: Action
    form: Form
    url: str
    is_open: bool = False
    kept_key: str = ""


def offered(case: Case, query: str, sent: "Asked | None" = None) -> tuple[list[Asked], dict[int, Asked]]:
    """What can be done with the shipment now, and with each of its attempts (by their place)."""
    possible = [action for action in ACTIONS.values() if action.name in case.may]
    number = case.shipment.number
    actions = [_ask(action, number, query, sent) for action in possible if not action.on_attempt]
    attempts = {
        attempt.number: _ask(action, number, query, sent, attempt.number)
        for action in possible
        if action.on_attempt
        for attempt in case.attempts
        if attempt.pk in case.voidable
    }
    return actions, attempts


def address(action: Action, number: str, query: str, position: int | None = None) -> str:
    """Where the form of an action goes, with the list's filters so that they stay."""
    where = [number] if position is None else [number, position]
    path = reverse(f"backoffice:{action.route}", args=where)
    return f"{path}?{query}" if query else path


def _ask(action: Action, number: str, query: str, sent: Asked | None, position: int | None = None) -> Asked:
    url = address(action, number, query, position)
    if sent is not None and sent.url == url:
        return sent
    names = f"{action.name}{position or ''}"
    return Asked(action, action.form(names=names), url)
