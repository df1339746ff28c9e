"""A new version of the store's rates: it holds from now on, and what was ordered keeps its own."""

from dataclasses import asdict

from django.db import IntegrityError
from django.utils.translation import gettext as _

from marketplace.common import clock
from marketplace.common.authorisation import Actor, authorize
from marketplace.common.errors import StaleState
from marketplace.common.texts import clean_reason
from marketplace.common.transactions import service
from marketplace.rates.models import RateTable
from marketplace.rates.selectors import current_table
from marketplace.rates.versions import Rates


@service
def publish_rates(*, rates: Rates, actor: Actor, expected_version: int, note: str = "") -> RateTable:
    """Write the next version; it holds for what is ordered from now on.

    `expected_version` is the newest that the form was drawn with (0 for none): where there is another since,
    raises `StaleState`. The same rates as the newest has change nothing: it is returned. Raises
    `PermissionDenied` and `Invalid` (field "note").
    """
    authorize(actor, "rates.publish")
    note = clean_reason(note, required=False, field="note")
    newest = current_table()
    if newest and asdict(rates) == {name: getattr(newest, name) for name in asdict(rates)}:
        return newest
    if expected_version != (newest.version if newest else 0):
        raise StaleState(_("Somebody has changed the rates since. Please look at them again."))
    try:
        # Nothing is locked: of two who come at once, the key lets one write this version.
        return RateTable.objects.create(
            **asdict(rates),
            version=expected_version + 1,
            note=note,
            made_by_id=actor.pk,
            holds_from=clock.not_before(newest.holds_from if newest else None),
        )
    except IntegrityError as error:
        raise StaleState(_("Somebody has changed the rates since. Please look at them again.")) from error
