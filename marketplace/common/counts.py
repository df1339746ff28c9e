"""How many there are, without counting to the end."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Count:
    """How many there are: exactly, or at least."""

    number: int
    is_at_least: bool = False

    def __str__(self) -> str:
        number = number_format(self.number, use_l10n=True, force_grouping=True)
        return _("%(number)s+") % {"number": number} if self.is_at_least else number


def count_up_to(queryset: QuerySet[Any], most: int) -> Count:
    """How many rows there are; past `most` the database stops counting and it says "at least"."""
    number = queryset.order_by()[: most + 1].count()
    return Count(min(number, most), is_at_least=number > most)
