"""System checks that refuse a database which would lose money quietly."""

from django.conf import settings
from django.core.checks import Error, register
from django.db import connections


@register()
def databases_are_safe(app_configs, **kwargs) -> list[Error]:
    """SQLite must begin IMMEDIATE (M2), MariaDB must read committed (M11), nobody uses ATOMIC_REQUESTS (M3)."""
    errors = []
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
