"""What `check` must say of a store that would pay from an account that there is not, or through a provider that it
cannot speak with."""

from django.conf import settings
from django.core.checks import Error, register

from marketplace.wallet.payments.stripe_amounts import stripe_digits

from .accounts import read_number
from .states import Provider


@register()
def paying_account_is_one(app_configs: object, **kwargs: object) -> list[Error]:
    """A bank refuses a whole file from an IBAN that is none."""
    if not settings.PAYOUT_FROM_IBAN or read_number(settings.PAYOUT_FROM_IBAN):
        return []
    return [
        Error(
            "PAYOUT_FROM_IBAN is no IBAN: its digits do not fit together.",
            hint="Leave it out to write CSV files.",
            id="payouts.E001",
        )
    ]


@register()
def payout_provider_is_set_up(app_configs: object, **kwargs: object) -> list[Error]:
    """Stripe needs the store's key, and the secrets that its messages are signed with."""
    if settings.PAYOUT_PROVIDER != Provider.STRIPE:
        return []
    missing = [
        Error(f"PAYOUT_PROVIDER is stripe, but {name} is not set.", id="payouts.E002")
        for name in ("STRIPE_SECRET_KEY", "STRIPE_PAYOUT_WEBHOOK_SECRETS")
        if not getattr(settings, name)
    ]
    try:
        stripe_digits(settings.STORE_CURRENCY)
    except LookupError as unknown:
        return [*missing, Error(f"PAYOUT_PROVIDER is stripe, but {unknown}.", id="payouts.E003")]
    return missing
