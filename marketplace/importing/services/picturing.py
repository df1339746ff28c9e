"""The pictures of an import, one after the other, and then its products' way into review."""

import time
from contextlib import ExitStack
from functools import partial
from typing import IO

from django.utils.translation import gettext as _

from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import Busy, CannotSave, DomainError, StaleState
from marketplace.common.locking import lock_row
from marketplace.common.transactions import service
from marketplace.importing.edits import open_edit_of
from marketplace.importing.models import ImportLine, ImportPicture, ImportRun
from marketplace.importing.states import ImportStatus, PictureStatus
from marketplace.products.edit_states import EDIT_OPEN, STAGED
from marketplace.products.models import ListingEdit, Product
from marketplace.products.services import (
    add_image,
    begin_edit,
    lock_products,
    stage_picture,
    submit,
    submit_edit,
)
from marketplace.products.shopify.pictures import find_picture
from marketplace.products.shopify.zipped import PictureZip


def picture_next(run: ImportRun, ends_at: float) -> bool:
    """Draw and store the pictures that wait; whether none waits any more.

    One that cannot be had is noted as missing with the reason; its product is there without it.
    """
    waiting = ImportPicture.objects.filter(run=run, status=PictureStatus.WAITING).order_by("pk")
    with ExitStack() as stack:
        beside = PictureZip(stack.enter_context(run.pictures.open("rb"))) if run.pictures else None
        for picture in waiting.iterator(chunk_size=100):
            if time.monotonic() > ends_at or not _is_running(run):
                return False
            try:
                file = find_picture(picture.ref, beside)
                _bring(run, picture, file)
            except _TakenBySomebodyElse:
                continue
            except (Busy, CannotSave):
                raise
            except DomainError as error:
                _note_missing(picture_id=picture.pk, why=str(error))
    return True


def _bring(run: ImportRun, picture: ImportPicture, file: IO[bytes]) -> None:
    """A picture comes to its listing, or, where shoppers have seen that, to the edit that this import hands in."""
    product = Product.objects.get(pk=picture.product_id)
    if product.status not in STAGED:
        try:
            # It comes also where its listing waits for review already, which its seller cannot change.
            add_image(
                product_id=product.pk,
                file=file,
                alt_text=picture.alt,
                actor=SYSTEM,
                shows=picture.variant_ids,
                first=partial(_take_unseen, picture),
            )
        except _SeenMeanwhile:
            file.seek(0)
        else:
            return
    _stage(run, picture, product, file)


def _stage(run: ImportRun, picture: ImportPicture, product: Product, file: IO[bytes]) -> None:
    edit = open_edit_of(product)
    mine = ImportLine.objects.filter(run=run, product=product)
    if edit is not None and not mine.filter(hands_in=True).exists():
        raise StaleState(_("A change of this listing is open here. Hand it in, or cancel it first."))
    if edit is None:
        edit = begin_edit(product_id=product.pk, actor=run.seller)
        _mark_for_review(run_id=run.pk, product_id=product.pk)
    stage_picture(
        edit_id=edit.pk,
        file=file,
        alt_text=picture.alt,
        shows=picture.variant_ids,
        actor=run.seller,
        first=partial(_take_picture, picture),
    )


@service
def _mark_for_review(*, run_id: int, product_id: int) -> None:
    ImportLine.objects.filter(run=run_id, product=product_id).update(hands_in=True)


class _TakenBySomebodyElse(Exception):
    """Another worker has brought this picture while we drew it."""


class _SeenMeanwhile(Exception):
    """Its listing went on sale while we drew it."""


def _take_unseen(picture: ImportPicture) -> None:
    _take_picture(picture)
    if lock_products([picture.product_id])[picture.product_id].status in STAGED:
        raise _SeenMeanwhile


def _take_picture(picture: ImportPicture) -> None:
    """It is here from now on, in the transaction that adds it: of two workers who drew it, one adds it."""
    lock_row(ImportRun, picture.run_id)
    waiting = ImportPicture.objects.filter(pk=picture.pk, status=PictureStatus.WAITING)
    if not waiting.update(status=PictureStatus.HERE, why=""):
        raise _TakenBySomebodyElse


def _is_running(run: ImportRun) -> bool:
    return ImportRun.objects.filter(pk=run.pk, status=ImportStatus.RUNNING).exists()


@service
def _note_missing(*, picture_id: int, why: str) -> None:
    waiting = ImportPicture.objects.filter(pk=picture_id, status=PictureStatus.WAITING)
    waiting.update(status=PictureStatus.MISSING, why=why[:300])


def hand_in(run: ImportRun, ends_at: float) -> bool:
    """Hand in for review what the file says is on sale; whether all of it is."""
    waiting = ImportLine.objects.filter(run=run, hands_in=True, product__isnull=False).order_by("place")
    for line in waiting.iterator(chunk_size=100):
        if time.monotonic() > ends_at or not _is_running(run):
            return False
        try:
            _hand_in(run_id=run.pk, line_id=line.pk)
        except (Busy, CannotSave):
            raise
        except DomainError as error:
            _leave_draft(line_id=line.pk, why=str(error))
    return True


@service
def _hand_in(*, run_id: int, line_id: int) -> None:
    run = lock_row(ImportRun, run_id)
    line = ImportLine.objects.get(pk=line_id)
    if not line.hands_in or line.product_id is None:
        return
    if Product.objects.filter(pk=line.product_id, status__in=STAGED).exists():
        edit = ListingEdit.objects.filter(product=line.product_id, status__in=EDIT_OPEN).first()
        if edit is not None:
            submit_edit(edit_id=edit.pk, actor=run.seller)
    else:
        submit(product_id=line.product_id, actor=run.seller, as_it_is=True)
    ImportLine.objects.filter(pk=line_id).update(hands_in=False)


@service
def _leave_draft(*, line_id: int, why: str) -> None:
    line = ImportLine.objects.get(pk=line_id)
    line.hands_in = False
    line.remarks = [*line.remarks, [0, 0, "", why]]
    line.save(update_fields=["hands_in", "remarks"])
