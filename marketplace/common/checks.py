"""System checks that refuse a database which would lose money quietly, and rules that make no sense."""

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, connections

from . import currency
from .money import minor_digits

# The least and the most that a rule of the store may be; None is no end.
RANGES: dict[str, tuple[int, int | None]] = {
    "COMMISSION_BPS": (0, 10_000),
    "COURIER_FEE": (0, None),
    "EARNING_PENDING_HOURS": (0, None),
    "RESERVE_BPS": (0, 10_000),
    "RESERVE_DAYS": (1, 365),
    "PAYOUT_MINIMUM": (1, None),
    "PAYOUT_MAXIMUM": (1, None),
    "PAYOUTS_A_DAY": (1, None),
    "PAYOUT_ADDRESS_WAIT_HOURS": (0, None),
    "COURIER_MAX_ACTIVE": (1, None),
    "COURIER_MAX_GIVEN_BACK": (1, None),
    "COMPLETION_DAYS": (0, None),
    "SHIP_BY_DAYS": (1, None),
}


@register()
def databases_are_safe(app_configs: object, **kwargs: object) -> list[Error]:
    """SQLite must begin IMMEDIATE (M2), MariaDB must read committed (M11), nobody uses ATOMIC_REQUESTS (M3)."""
    errors: list[Error] = []
    for alias, options in settings.DATABASES.items():
        vendor = connections[alias].vendor
        chosen = options.get("OPTIONS", {})
        if vendor == "sqlite" and chosen.get("transaction_mode") != "IMMEDIATE":
            errors.append(
                Error(
                    f"The SQLite database {alias!r} must use transaction_mode IMMEDIATE.",
                    hint="Without it a double click fails with 'database is locked'. See site_config/databases.py.",
                    id="common.E001",
                )
            )
        if vendor == "mysql" and chosen.get("isolation_level", "read committed").lower() != "read committed":
            errors.append(
                Error(
                    f"The MariaDB database {alias!r} must use the isolation level READ COMMITTED.",
                    hint="Under REPEATABLE READ a row read after its lock can be an old one.",
                    id="common.E002",
                )
            )
        if options.get("ATOMIC_REQUESTS"):
            errors.append(Error(f"{alias!r} must not use ATOMIC_REQUESTS.", id="common.E003"))
    return errors


@register()
def rules_are_in_range(app_configs: object, **kwargs: object) -> list[Error]:
    """A commission of 250 % or a fee below nothing would only be seen once it has moved money."""
    errors: list[Error] = []
    for name, (least, most) in RANGES.items():
        value = getattr(settings, name)
        if value < least or (most is not None and value > most):
            allowed = f"at least {least}" if most is None else f"from {least} to {most}"
            errors.append(Error(f"{name} is {value}; it must be {allowed}.", id="common.E004"))
    return errors


@register()
def currency_is_known(app_configs: object, **kwargs: object) -> list[Error]:
    """Of a currency that ISO 4217 does not know, nobody can say how many minor units make one."""
    try:
        minor_digits(settings.STORE_CURRENCY)
    except LookupError as unknown:
        return [
            Error(
                f"STORE_CURRENCY is not to be used: {unknown}.",
                hint="Its three letters, in capitals: EUR, USD, JPY …",
                id="common.E007",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def currency_is_the_books_own(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Under another currency every amount means something else, and all sums still add up."""
    try:
        said = currency.differs()
    except DatabaseError as error:
        return [Warning(f"Nobody looked what currency the amounts are in: {error}", id="common.W002")]
    if not said:
        return []
    hint = "Set it back. Amounts in another currency belong into another database."
    return [Error(said, hint=hint, id="common.E008")]


@register()
def couriers_are_paid_from_fees(app_configs: object, **kwargs: object) -> list[Warning]:
    """Couriers are paid out of the store's share of the sales; without a share that wallet only sinks."""
    if settings.COURIER_FEE <= 0 or settings.COMMISSION_BPS != 0:
        return []
    return [
        Warning(
            "COURIER_FEE is set, but COMMISSION_BPS is 0: the store pays couriers out of fees that it does not take.",
            hint="Set COMMISSION_BPS so that the store's share covers what couriers earn.",
            id="common.W001",
        )
    ]
