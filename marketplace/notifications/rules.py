"""Who may do what with notifications (docs/permissions.md)."""

import rules

from marketplace.accounts.models import User

from .models import Notification


@rules.predicate
def is_recipient(user: User, notification: Notification | None) -> bool:
    return notification is not None and notification.recipient_id == user.pk


rules.add_perm("notifications.mark_read", is_recipient)
