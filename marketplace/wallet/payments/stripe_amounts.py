"""How Stripe counts money, which is neither ISO 4217's way nor that of any display.

https://docs.stripe.com/currencies: most currencies in hundredths; some in whole units; three decimals where the last
must be 0; and ISK and UGX, which have no decimals, in hundredths that must be 00.
"""

from marketplace.common.money import minor_digits

_WHOLE = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
_THOUSANDTHS = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
_WHOLE_IN_HUNDREDTHS = frozenset(["ISK", "UGX"])


def stripe_digits(currency: str) -> int:
    """How many decimals an amount has at Stripe. Raises `LookupError` where that is not known.

    A currency that its list does not name has hundredths there, if it has hundredths at all.
    """
    if currency in _WHOLE:
        return 0
    if currency in _THOUSANDTHS:
        return 3
    if currency in _WHOLE_IN_HUNDREDTHS or minor_digits(currency) == 2:
        return 2
    raise LookupError(f"how Stripe counts {currency} is not known")


def stripe_step(currency: str) -> int:
    """What an amount must be a multiple of to be paid through Stripe, in minor units of the books."""
    whole = 10 ** minor_digits(currency)
    if currency in _WHOLE:
        return whole
    if currency in _THOUSANDTHS:
        return whole // 100
    return max(1, whole // 10 ** stripe_digits(currency))


def to_stripe(minor: int, currency: str) -> int:
    """An amount of the books as Stripe counts it. Raises `ValueError` for one that it cannot take, never rounds."""
    if minor % stripe_step(currency):
        raise ValueError(f"Stripe cannot take {minor} minor units of {currency}")
    return minor * 10 ** stripe_digits(currency) // 10 ** minor_digits(currency)


def from_stripe(amount: int, currency: str) -> int:
    """What Stripe says, in minor units of the books. Raises `ValueError` where it is no whole number of them."""
    minor, rest = divmod(amount * 10 ** minor_digits(currency), 10 ** stripe_digits(currency))
    if rest:
        raise ValueError(f"{amount} of Stripe's is no whole number of minor units of {currency}")
    return minor
