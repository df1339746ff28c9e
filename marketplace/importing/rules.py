"""Who may bring products over: sellers, their own (docs/permissions.md)."""

import rules

from marketplace.accounts.models import User

from .models import ImportRun


@rules.predicate
def is_seller(user: User) -> bool:
    return user.is_seller


@rules.predicate
def owns_import(user: User, run: ImportRun | None) -> bool:
    return run is not None and run.seller_id == user.pk


rules.add_perm("importing.upload_import", is_seller)
rules.add_perm("importing.run_import", is_seller & owns_import)
