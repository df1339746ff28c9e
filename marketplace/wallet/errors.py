"""What the wallet refuses."""

from django.utils.translation import gettext as _

from marketplace.common.errors import DomainError, StaleState
from marketplace.common.money import format_money


class InsufficientFunds(DomainError):
    """More is asked for than the wallet can spend. All three amounts are in minor units."""

    code = "insufficient_funds"

    def __init__(self, *, needed: int, available: int) -> None:
        self.needed, self.available, self.missing = needed, available, needed - available
        super().__init__(
            _("This needs %(needed)s and your wallet has %(available)s: %(missing)s is missing.")
            % {
                "needed": format_money(needed),
                "available": format_money(available),
                "missing": format_money(self.missing),
            }
        )


class HoldNotOpen(StaleState):
    """The hold was captured or released already, or never was."""

    code = "hold_not_open"

    def __init__(self) -> None:
        super().__init__(_("This money is not held any more."))


class PaymentMismatch(StaleState):
    """The provider speaks of another payment, amount or currency than ours. Somebody must look."""

    code = "payment_mismatch"

    def __init__(self) -> None:
        super().__init__(_("This payment does not match what was asked for. We will look into it."))
