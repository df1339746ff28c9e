"""A file arrives: looked at as far as a page waits for it, stored where only its seller gets at it."""

from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import PurePosixPath
from typing import IO, Any

from django.core.files.base import File
from django.db import IntegrityError
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.common import idempotency
from marketplace.common.authorisation import authorize
from marketplace.common.cleaning import clean_line
from marketplace.common.errors import Invalid
from marketplace.common.files import forgotten_on_failure, remove_orphans, stored_whole
from marketplace.common.ids import new_public_id
from marketplace.common.limits import limited
from marketplace.common.transactions import service
from marketplace.importing.models import ImportRun, private_storage
from marketplace.importing.states import OPEN
from marketplace.products.models import Category
from marketplace.products.shopify.rows import Table
from marketplace.products.shopify.zipped import PictureZip, is_zip, table_in

FOLDER = "imports"
KEPT_FOR = timedelta(days=30)
"""How long a file stays once its import has ended; its report stays."""


@limited("import")
def upload_import(
    *,
    actor: User,
    table: IO[bytes],
    file_name: str,
    pictures: IO[bytes] | None = None,
    category_id: int | None = None,
    counts_stock: bool = False,
    form_key: str | None = None,
) -> ImportRun:
    """Take a seller's product file, and a ZIP with its pictures, or one ZIP with both; it is looked through next.

    `category_id` is where products go whose own category is not known here. `counts_stock`: what the file says
    of the stock of what is listed already was counted and is so; else that stock stays. The same `form_key`
    (action "import"; None for who has no form) again gives the import that it made. Raises `Invalid` (field
    "table", "pictures" or "category"), `PermissionDenied`, `KeyReused`, `TooMany` and `CannotSave`.
    """
    authorize(actor, "importing.upload_import")
    if is_zip(table):
        if pictures is not None:
            raise Invalid(
                _("The product file is a ZIP already. Please choose one of the two."), field="pictures"
            )
        table, pictures = table_in(table), table
    try:
        Table(table)
    except Invalid as error:
        raise Invalid(error.message, field="table") from error
    if pictures is not None:
        PictureZip(pictures)
    if category_id is not None and not Category.objects.filter(pk=category_id).exists():
        raise Invalid(_("That category does not exist."), field="category")
    run = ImportRun(
        seller=actor,
        file_name=clean_line(PurePosixPath(file_name).name)[:120] or "products.csv",
        category_id=category_id,
        counts_stock=counts_stock,
        open_key=actor.pk,
    )
    key = {"form_key": form_key, "payload": _said(table, pictures, run)} if form_key is not None else None
    run.table = _stored(table, f"{FOLDER}/{run.public_id}-{new_public_id()}.csv")
    with forgotten_on_failure(_forget, run.table.name):
        if pictures is None:
            return _noted(run, actor, key)
        run.pictures = _stored(pictures, f"{FOLDER}/{run.public_id}-{new_public_id()}.zip")
        with forgotten_on_failure(_forget, run.pictures.name):
            return _noted(run, actor, key)


def _said(table: IO[bytes], pictures: IO[bytes] | None, run: ImportRun) -> list[object]:
    """What the form said: the same files and the same wishes."""
    files = [_digest(file) if file else "" for file in (table, pictures)]
    return [*files, run.category_id, run.counts_stock]


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    total = sha256()
    while piece := file.read(1024 * 1024):
        total.update(piece)
    return total.hexdigest()


def _noted(run: ImportRun, actor: User, key: dict[str, Any] | None) -> ImportRun:
    """Keep it; where its form was sent before, its files go again and that one's import is the answer."""
    noted = _note(run=run, actor=actor, key=key)
    if noted.public_id != run.public_id:
        _forget(str(run.table.name))
        _forget(str(run.pictures.name or ""))
    return noted


def _require_none_open(actor: User) -> None:
    if ImportRun.objects.filter(open_key=actor.pk).exists():
        raise Invalid(_("One file at a time: please finish or stop the import that is open."), field="table")


@service
def _note(*, run: ImportRun, actor: User, key: dict[str, Any] | None) -> ImportRun:
    if key is not None:
        done = idempotency.begin(**key, user_id=actor.pk, action="import", result=run.public_id)
        if done:
            return ImportRun.objects.get(public_id=done, seller=actor)
    _require_none_open(actor)
    run.pk = None  # another try after a deadlock inserts again
    try:
        run.save(force_insert=True)
    except IntegrityError as error:  # two uploads at once
        raise Invalid(
            _("One file at a time: please finish or stop the import that is open."), field="table"
        ) from error
    return run


def _stored(file: IO[bytes], name: str) -> str:
    file.seek(0)
    with stored_whole(_forget, name):
        return private_storage().save(name, File(file))


def _forget(name: str) -> None:
    if name:
        private_storage().delete(name)


def forget_old_imports(now: datetime) -> int:
    """Sweep: remove the files of imports that ended a month ago, and files of no import. Returns how many."""
    old = ImportRun.objects.exclude(status__in=OPEN).filter(finished_at__lt=now - KEPT_FOR)
    removed = 0
    for run in old.exclude(table="", pictures="")[:100]:
        names = [name for name in (run.table.name, run.pictures.name) if name]
        _unname(run_id=run.pk)
        for name in names:
            _forget(name)
        removed += len(names)
    return removed + sum(_forget_orphans(column, suffix, now) for column, suffix in COLUMNS)


COLUMNS = (("table", ".csv"), ("pictures", ".zip"))


@service
def _unname(*, run_id: int) -> None:
    ImportRun.objects.filter(pk=run_id).update(table="", pictures="")


def _forget_orphans(column: str, suffix: str, now: datetime) -> int:
    try:
        _folders, files = private_storage().listdir(FOLDER)
    except FileNotFoundError:
        return 0
    names = [f"{FOLDER}/{name}" for name in files if name.endswith(suffix)]
    if not names:
        return 0
    rows = ImportRun.objects.exclude(**{column: ""})
    return remove_orphans(names, column, rows, storage=private_storage(), now=now)
