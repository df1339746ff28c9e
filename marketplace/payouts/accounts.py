"""Accounts that money can be sent to: reading what somebody typed, and keeping it sealed with its holder's name."""

import json
import re
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from stdnum import iban
from stdnum.exceptions import ValidationError as NoIban

from marketplace.common.cleaning import clean_identifier, clean_line, with_ascii_digits
from marketplace.common.errors import Invalid
from marketplace.common.sealing import seal, unseal

from .states import Provider

PURPOSE = "payout address"
MAX_HOLDER = 70
"""Letters of a name in a bank's file (ISO 20022, Max70Text of the SEPA rules)."""
NO_CHECK_DIGITS = {"00", "01", "99"}
"""Digits that fit by arithmetic and that no bank gives out (ISO 13616: 02 to 98)."""
_LABEL = re.compile(r"^IBAN\b[\s:.-]*", re.IGNORECASE)  # what a bank's app copies in front of it
_AT_STRIPE = re.compile(r"acct_[A-Za-z0-9]{8,40}")


@dataclass(frozen=True)
class BankAccount:
    """An account at a bank. Its words are for its owner and for the bank."""

    iban: str
    holder: str

    provider = Provider.MANUAL

    def __repr__(self) -> str:
        return f"BankAccount(…{self.last4})"  # a log must not tell the rest

    @property
    def spaced(self) -> str:
        """As it stands on a card: in groups of four."""
        return iban.format(self.iban)

    @property
    def country(self) -> str:
        return self.iban[:2]

    @property
    def last4(self) -> str:
        return self.iban[-4:]


@dataclass(frozen=True)
class StripeAccount:
    """An account at Stripe, connected to the store's own."""

    account_id: str
    holder: str

    provider = Provider.STRIPE
    country = ""

    def __repr__(self) -> str:
        return f"StripeAccount(…{self.last4})"

    @property
    def spaced(self) -> str:
        """As Stripe writes it."""
        return self.account_id

    @property
    def last4(self) -> str:
        return self.account_id[-4:]


Account = BankAccount | StripeAccount


def read_account(*, number: str, holder: str) -> Account:
    """The account that somebody typed: an IBAN, or `acct_…` where the store pays through Stripe.

    Raises `Invalid` where the IBAN's checksum, length or country is not right, or there is no holder.
    """
    holder = clean_line(holder)
    if not holder:
        raise Invalid(_("Please say whose account it is, as the bank knows them."), field="holder")
    if len(holder) > MAX_HOLDER:
        raise Invalid(_("Banks take %(most)d letters at most.") % {"most": MAX_HOLDER}, field="holder")
    takes_stripe = settings.PAYOUT_PROVIDER == Provider.STRIPE
    if takes_stripe and _AT_STRIPE.fullmatch(typed := clean_identifier(number)):
        return StripeAccount(typed, holder)
    found = read_number(number)
    if found is None:
        raise Invalid(
            _(
                "This is neither an IBAN whose digits fit together nor an account at Stripe (acct_…)."
                " Please compare it with where you have it from."
            )
            if takes_stripe
            else _(
                "This is no IBAN: its digits do not fit together. Please compare it with your bank's card or app."
            ),
            field="number",
        )
    return BankAccount(found, holder)


def read_number(typed: str) -> str | None:
    """The IBAN that somebody typed or pasted, in ASCII capitals and digits without spaces; None if it is none."""
    try:
        number: str = iban.validate(_LABEL.sub("", with_ascii_digits(clean_identifier(typed))))
    except NoIban:
        return None
    return number if number.isascii() and number[2:4] not in NO_CHECK_DIGITS else None


def seal_account(account: Account) -> str:
    """What the database keeps of it."""
    number = {"iban": account.iban} if isinstance(account, BankAccount) else {"stripe": account.account_id}
    return seal(PURPOSE, json.dumps({**number, "holder": account.holder}))


def unseal_account(sealed: str) -> Account | None:
    """The account again; None where no key reads it any more (SECRET_KEY was changed without its fallback)."""
    text = unseal(PURPOSE, sealed)
    if text is None:
        return None
    kept = json.loads(text)
    if "stripe" in kept:
        return StripeAccount(kept["stripe"], kept["holder"])
    return BankAccount(**kept)
