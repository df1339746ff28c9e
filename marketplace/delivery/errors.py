"""What couriers, buyers and sellers are told when a parcel's way is not as they thought."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.common.errors import DomainError, StaleState, TooMany


class AlreadyClaimed(StaleState):
    """Another courier was quicker."""

    code = "already_claimed"

    def __init__(self) -> None:
        super().__init__(_("Another courier has just taken this parcel."))


class TooManyActive(StaleState):
    """The courier has as many parcels as one may have at a time."""

    code = "too_many_parcels"

    def __init__(self, limit: int) -> None:
        sentence = ngettext(
            "You have %(limit)d parcel already, and that is as many as you can carry at a time.",
            "You have %(limit)d parcels already, and that is as many as you can carry at a time.",
            limit,
        )
        super().__init__(sentence % {"limit": limit})
        self.limit = limit


class GaveBackTooOften(StaleState):
    """The courier has given back as many parcels within a day as one may; each claim showed them an address."""

    code = "gave_back_too_often"

    def __init__(self, given_back: int, *, retry_after: int) -> None:
        hours = max(1, round(retry_after / 3600))
        counted = ngettext(
            "You have given back %(number)d parcel within a day, and that is as many as one may.",
            "You have given back %(number)d parcels within a day, and that is as many as one may.",
            given_back,
        )
        again = ngettext(
            "You can take new ones in about %(hours)d hour.",
            "You can take new ones in about %(hours)d hours.",
            hours,
        )
        super().__init__(f"{counted % {'number': given_back}} {again % {'hours': hours}}")


class OwnParcel(StaleState):
    """Nobody carries what they bought or sold."""

    code = "own_parcel"

    def __init__(self) -> None:
        super().__init__(_("This is a parcel of your own; another courier will carry it."))


class ClaimsSuspended(DomainError):
    """Too many wrong PINs: no new parcels until an admin has looked into it. Those on the way go on."""

    code = "claims_suspended"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            _(
                "You cannot take new parcels for now: too many wrong PINs were given. The store looks into it."
                " Parcels that you have already can be delivered."
            )
        )


class TooManyIssues(TooMany):
    """No more new PINs today."""

    code = "too_many_pins"

    def __init__(self, *, retry_after: int) -> None:
        hours = max(1, round(retry_after / 3600))
        sentence = ngettext(
            "There have been three PINs within a day. A new one can be made in about %(hours)d hour.",
            "There have been three PINs within a day. A new one can be made in about %(hours)d hours.",
            hours,
        )
        super().__init__(sentence % {"hours": hours}, retry_after=retry_after)
