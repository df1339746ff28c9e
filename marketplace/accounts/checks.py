"""System checks: nobody signs in to a real store with a password from the README."""

from django.conf import settings
from django.core.checks import Tags, Warning, register
from django.db import DatabaseError, connection

from .models import User
from .selectors import demo_accounts


@register(Tags.security, deploy=True)
def nobody_is_from_the_demo(app_configs: object, **kwargs: object) -> list[Warning]:
    """A store for show (DEMO_MONEY) has the demo's people; in any other one they are a way in."""
    if settings.DEMO_MONEY and not settings.DEMO_STAFF_FROM_ANYWHERE:
        return []
    try:
        if User._meta.db_table not in connection.introspection.table_names():
            return []
        emails = list(demo_accounts().values_list("email", flat=True))
    except DatabaseError as error:
        return [Warning(f"Nobody looked for demo accounts: {error}", id="accounts.W002")]
    if not emails:
        return []
    return [
        Warning(
            f"{len(emails)} demo accounts can sign in with a password that everybody can read: {emails[0]} …",
            hint="Begin with an empty database. A store that is only for show says DEMO_MONEY=true, "
            "and leaves DEMO_STAFF_FROM_ANYWHERE off.",
            id="accounts.W001",
        )
    ]
