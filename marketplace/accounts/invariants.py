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
    Invariant(
        "a profile says where its default address is, and it is a door of its owner",
        "SELECT p.user_id FROM accounts_profile p JOIN accounts_savedaddress a ON a.id = p.default_address_id"
        " WHERE a.owner_id <> p.user_id OR a.kind <> 'door' OR p.location_lat IS NULL OR p.location_lng IS NULL"
        " OR a.lat <> p.location_lat OR a.lng <> p.location_lng OR a.address <> p.location_address"
        " OR a.notes <> p.access_notes",
    ),
    Invariant(
        "who has saved addresses has a default one",
        "SELECT a.owner_id FROM accounts_savedaddress a JOIN accounts_profile p ON p.user_id = a.owner_id"
        " WHERE (a.kind = 'door' AND p.default_address_id IS NULL)"
        " OR (a.kind = 'pick_up' AND p.default_pick_up_id IS NULL)",
    ),
    Invariant(
        "a default pick-up place is one of its owner's",
        "SELECT p.user_id FROM accounts_profile p JOIN accounts_savedaddress a ON a.id = p.default_pick_up_id"
        " WHERE a.owner_id <> p.user_id OR a.kind <> 'pick_up'",
    ),
]
