"""Pieces of sentences that the kinds of several domains share."""

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from marketplace.common.moments import exact

from .kinds import Extra


def because(told: str, extra: Extra) -> str:
    """`told`, and the reason if one was given."""
    reason = extra.get("reason")
    return _("%(told)s Reason: %(reason)s") % {"told": told, "reason": reason} if reason else told


def moment(at: object) -> str:
    """An ISO 8601 moment in the reader's zone; "" for none."""
    parsed = parse_datetime(at) if isinstance(at, str) else None
    return exact(parsed) if parsed else ""
