"""What a seller says of their import: go on, stop, try the pictures again."""

from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.common.authorisation import authorize
from marketplace.common.errors import Invalid
from marketplace.common.locking import lock_row
from marketplace.common.transactions import service
from marketplace.importing.models import ImportPicture, ImportRun
from marketplace.importing.states import ImportStatus, PictureStatus

from .moving import advance


def _mine(run_id: int, actor: User) -> ImportRun:
    run = lock_row(ImportRun, run_id)
    authorize(actor, "importing.run_import", run)
    return run


@service
def start_import(*, run_id: int, actor: User) -> ImportRun:
    """Make what the preview showed. Repeating it changes nothing. Raises `PermissionDenied`, `InvalidTransition`."""
    run = _mine(run_id, actor)
    if run.status != ImportStatus.RUNNING:
        advance(run, ImportStatus.RUNNING, place=0)
    return run


@service
def cancel_import(*, run_id: int, actor: User) -> ImportRun:
    """Stop; what was made stays. Repeating it changes nothing. Raises `PermissionDenied`, `InvalidTransition`."""
    run = _mine(run_id, actor)
    if run.status != ImportStatus.CANCELLED:
        advance(run, ImportStatus.CANCELLED)
    return run


@service
def try_pictures_again(*, run_id: int, actor: User) -> ImportRun:
    """Look once more for the pictures that could not be had.

    Raises `Invalid` where none is missing or another import is open, `PermissionDenied`, `InvalidTransition`.
    """
    run = _mine(run_id, actor)
    if ImportRun.objects.filter(open_key=actor.pk).exclude(pk=run.pk).exists():
        raise Invalid(_("One file at a time: please finish or stop the import that is open."))
    missing = ImportPicture.objects.filter(run=run, status=PictureStatus.MISSING)
    if not missing.update(status=PictureStatus.WAITING, why=""):
        raise Invalid(_("No picture of this import is missing."))
    advance(run, ImportStatus.RUNNING)
    return run
