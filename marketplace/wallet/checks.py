"""System checks: a store that is run for real takes real money, and can tell who says it came."""

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register

from marketplace.wallet.payments.stripe_amounts import stripe_digits

PROVIDERS = ("demo", "stripe")


@register()
def payments_are_set_up(app_configs: object, **kwargs: object) -> list[Error]:
    if settings.PAYMENT_PROVIDER not in PROVIDERS:
        known = ", ".join(PROVIDERS)
        return [
            Error(f"PAYMENT_PROVIDER is {settings.PAYMENT_PROVIDER!r}; known: {known}.", id="wallet.E001")
        ]
    if settings.PAYMENT_PROVIDER != "stripe":
        return []
    return [
        Error(f"PAYMENT_PROVIDER is stripe, but {name} is not set.", id="wallet.E002")
        for name in ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET")
        if not getattr(settings, name)
    ]


@register()
def stripe_takes_the_currency(app_configs: object, **kwargs: object) -> list[Error]:
    """Of a currency that Stripe counts in a way of its own, a wrong factor would take 100 times as much."""
    if settings.PAYMENT_PROVIDER != "stripe":
        return []
    try:
        stripe_digits(settings.STORE_CURRENCY)
    except LookupError as unknown:
        return [Error(f"PAYMENT_PROVIDER is stripe, but {unknown}.", id="wallet.E003")]
    return []


@register(Tags.security, deploy=True)
def payments_are_real(app_configs: object, **kwargs: object) -> list[Warning]:
    """The demo provider lets everybody give themselves money: fine for a show, not for a store."""
    if settings.PAYMENT_PROVIDER != "demo" or settings.DEMO_MONEY:
        return []
    return [
        Warning(
            "PAYMENT_PROVIDER is demo: everybody can give themselves money.",
            hint="Set PAYMENT_PROVIDER=stripe, or DEMO_MONEY=true if this store is only for show.",
            id="wallet.W001",
        )
    ]
