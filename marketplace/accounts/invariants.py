"""What must always hold of people and their roles (shared RELIABILITY.md §2): each SQL must return no row.

Staff without a second factor is no breach: they may sign in, and get no further than setting one up.
"""

from marketplace.common.invariants import Invariant

from .models import Role

_ROLES = ", ".join(f"'{role}'" for role in Role.values)

INVARIANTS = [
    Invariant(
        "I39 everybody has one role, and it is one of the five",
        f"SELECT id, role FROM accounts_user WHERE role NOT IN ({_ROLES})",  # noqa: S608
    ),
    Invariant(
        "I39 a store that has or had staff has an active superadmin",
        "SELECT u.id, u.role FROM accounts_user u WHERE u.role IN ('admin', 'superadmin') AND NOT EXISTS"
        " (SELECT 1 FROM accounts_user s WHERE s.role = 'superadmin' AND s.is_active)",
    ),
    Invariant(
        "everybody has a profile",
        "SELECT u.id FROM accounts_user u LEFT JOIN accounts_profile p ON p.user_id = u.id"
        " WHERE p.user_id IS NULL",
    ),
]
