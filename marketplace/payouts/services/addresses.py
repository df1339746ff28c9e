"""Where somebody's payouts go."""

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.common.authorisation import authorize
from marketplace.common.limits import limited
from marketplace.common.sealing import seal_anew, unseal
from marketplace.common.shown import require_as_shown
from marketplace.common.transactions import service
from marketplace.notifications.services import notify
from marketplace.payouts.accounts import PURPOSE, read_account, seal_account, unseal_account
from marketplace.payouts.amounts import address_wait
from marketplace.payouts.letters import tell_of_address
from marketplace.payouts.models import PayoutAddress, PayoutBatch
from marketplace.payouts.notices import PAYOUT_ADDRESS_CHANGED
from marketplace.payouts.sealed_files import PURPOSE as FILES
from marketplace.payouts.selectors import address_of
from marketplace.payouts.shown import mark_of_address
from marketplace.wallet.services import lock_wallets


@limited("payout_address", by="actor")
@service
def change_address(*, actor: User, number: str, holder: str, expected: str | None = None) -> PayoutAddress:
    """Say which account one's payouts go to from now on: an IBAN, or one at the store's provider, which faces ask first
    (`give_address` of the payout desk). Nothing goes there before its wait is over.

    Its owner is told by mail and in the store. The same account again changes nothing and returns it as it is.
    Payouts that were asked for go where they were to go. Raises PermissionDenied, `Invalid` (fields "number",
    "holder"), `StaleState` where the form is of another address, `TooMany`.
    """
    authorize(actor, "payouts.request")
    account = read_account(number=number, holder=holder)
    lock_wallets(owner_ids=[actor.pk])  # one change at a time, and none while a payout is asked for
    former = address_of(actor.pk)
    if former and unseal_account(former.sealed) == account:
        return former
    require_as_shown(expected, mark_of_address(former))
    now = clock.now()
    PayoutAddress.objects.filter(current_for=actor.pk).update(current_for=None)
    address = PayoutAddress.objects.create(
        owner=actor,
        current_for=actor.pk,
        sealed=seal_account(account),
        provider=account.provider,
        country=account.country,
        last4=account.last4,
        created_at=now,
        usable_from=now + address_wait(),
    )
    tell_of_address(actor, address)
    notify(
        recipient_id=actor.pk,
        kind=PAYOUT_ADDRESS_CHANGED,
        subject=address,
        event_key=f"payout_address:{address.pk}",
        last4=address.last4,
    )
    return address


@service
def renew_addresses() -> tuple[int, int]:
    """Seal under the present SECRET_KEY what a former one sealed, accounts and the bank's files; says how many were,
    and how many no key reads.

    Internal: a command of whoever runs the store.
    """
    sealed = ((PayoutAddress, PURPOSE), (PayoutBatch, FILES))
    done = [_renew(model, purpose) for model, purpose in sealed]
    return sum(renewed for renewed, _lost in done), sum(lost for _renewed, lost in done)


def _renew(model: type[PayoutAddress] | type[PayoutBatch], purpose: str) -> tuple[int, int]:
    renewed = lost = 0
    for pk, sealed in list(model.objects.order_by("pk").values_list("pk", "sealed")):
        if anew := seal_anew(purpose, sealed):
            renewed += model.objects.filter(pk=pk, sealed=sealed).update(sealed=anew)
        elif unseal(purpose, sealed) is None:
            lost += 1
    return renewed, lost
