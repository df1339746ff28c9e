"""What must always hold of notifications: each SQL must return no row."""

from marketplace.common.invariants import Invariant

from .kinds import kinds

_KINDS = ", ".join(f"'{name}'" for name in kinds())

INVARIANTS = [
    Invariant(
        "I35 one event tells one person once",
        "SELECT event_key, recipient_id, COUNT(*) FROM notifications_notification"
        " GROUP BY event_key, recipient_id HAVING COUNT(*) > 1",
    ),
    Invariant(
        "I35 every notification is of a kind that can be shown",
        f"SELECT id, kind FROM notifications_notification WHERE kind NOT IN ({_KINDS})",  # noqa: S608
    ),
    Invariant(
        "I35 nothing is read before it is written",
        "SELECT id FROM notifications_notification WHERE read_at < created_at",
    ),
]
