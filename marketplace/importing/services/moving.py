"""The only writer of an import's status."""

from marketplace.common import clock
from marketplace.common.moving import move
from marketplace.importing.models import ImportRun
from marketplace.importing.states import IMPORT_NEXT, OPEN, ImportStatus, import_not_possible


def advance(run: ImportRun, to: ImportStatus, **changes: object) -> None:
    """Move a locked import one step. Raises `InvalidTransition` for one that `IMPORT_NEXT` does not know."""
    now = clock.now()
    move(
        run,
        to,
        steps=IMPORT_NEXT,
        refuse=import_not_possible,
        open_key=run.seller_id if to in OPEN else None,
        touched_at=now,
        finished_at=None if to in OPEN else now,
        **changes,
    )
