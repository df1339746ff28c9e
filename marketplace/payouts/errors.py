"""What payouts refuse."""

from django.utils.translation import gettext as _

from marketplace.common.errors import DomainError
from marketplace.common.moments import exact

from .models import PayoutAddress


class NoPayoutAddress(DomainError):
    """There is no address that money could be sent to."""

    code = "no_payout_address"

    def __init__(self, words: str = "") -> None:
        super().__init__(words or _("Please say first which account your payouts go to."))


class AddressWaits(DomainError):
    """The payout address is new: until its wait is over, nothing is sent there."""

    code = "payout_address_waits"

    def __init__(self, address: PayoutAddress) -> None:
        super().__init__(
            _("This account is new. For your safety the first payout can be asked for from %(when)s on.")
            % {"when": exact(address.usable_from)}
        )


class NotEarned(DomainError):
    """More is asked for than was earned here and is not paid out yet, or than the wallet has."""

    code = "not_earned"


class NothingToBatch(DomainError):
    """No approved payout waits for a file of this kind."""

    code = "nothing_to_batch"

    def __init__(self) -> None:
        super().__init__(_("There is no approved payout for such a file, or another admin has just made it."))
