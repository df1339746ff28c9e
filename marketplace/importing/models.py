from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from marketplace.common import clock
from marketplace.common.fields import KeyField, LineField, ProseField
from marketplace.common.ids import new_public_id
from marketplace.products.models import Category, Product

from .states import OPEN, OUTCOME_TONES, TONES, ImportStatus, Outcome, PictureStatus


def private_storage() -> Storage:
    """Where uploaded tables and pictures wait: never in the public folder (I42)."""
    return storages["private"]


class ImportRun(models.Model):
    """A seller's product file, from its upload to the last product made of it.

    `place` is how many products of the file have been looked through, or made: whoever goes on begins there, and
    moves it in the transaction of what they do, so that a killed run loses and repeats nothing. `open_key` is the
    seller while the run is open, so that there is one at a time (NULL after).
    """

    LOCK_RANK = 8.3

    seller = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="imports", db_index=False
    )
    public_id = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)
    open_key = models.BigIntegerField(null=True, unique=True)
    status = models.CharField(max_length=12, choices=ImportStatus, default=ImportStatus.UPLOADED)
    file_name = LineField(_("file"), max_length=120)
    table = models.FileField(storage=private_storage, upload_to="imports", blank=True)
    pictures = models.FileField(storage=private_storage, upload_to="imports", blank=True)
    category = models.ForeignKey(Category, models.SET_NULL, null=True, related_name="+")
    counts_stock = models.BooleanField(default=False)
    products = models.PositiveIntegerField(default=0)
    place = models.PositiveIntegerField(default=0)
    unknown_columns = ProseField(max_length=2000, blank=True)
    problem = ProseField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    touched_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["seller", "created_at"], name="importing_run_seller"),
            models.Index(fields=["status", "touched_at"], name="importing_run_due"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=OPEN, open_key__isnull=False)
                | (~Q(status__in=OPEN) & Q(open_key__isnull=True)),
                name="importing_run_open_has_key",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def tone(self) -> str:
        return TONES[ImportStatus(self.status)]

    @property
    def is_worked_on(self) -> bool:
        return self.status in (ImportStatus.UPLOADED, ImportStatus.RUNNING)

    @property
    def is_checked(self) -> bool:
        return self.status == ImportStatus.CHECKED

    @property
    def can_stop(self) -> bool:
        return self.status in OPEN

    @property
    def is_done(self) -> bool:
        return self.status == ImportStatus.DONE


class ImportLine(models.Model):
    """What is to become, and then became, of one product of the file.

    `words` are what changes, a sentence each; `remarks` are [line, row, column, why] of the file: why it was left
    out, or what of it was. `hands_in`: it is to be handed in for review once its pictures are there.
    """

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="lines", db_index=False)
    place = models.PositiveIntegerField()
    handle = KeyField(max_length=255, blank=True)
    title = LineField(max_length=140, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome)
    words = models.JSONField(default=list)
    remarks = models.JSONField(default=list)
    product = models.ForeignKey(Product, models.SET_NULL, null=True, related_name="+")
    hands_in = models.BooleanField(default=False)

    class Meta:
        ordering = ["place"]
        constraints = [models.UniqueConstraint(fields=["run", "place"], name="importing_line_once")]

    def __str__(self) -> str:
        return f"{self.handle}: {self.outcome}"

    @property
    def tone(self) -> str:
        return OUTCOME_TONES[Outcome(self.outcome)]

    @property
    def told(self) -> list[dict[str, object]]:
        """Its remarks with names to what they hold."""
        return [dict(zip(("line", "row", "column", "why"), remark, strict=True)) for remark in self.remarks]


class ImportPicture(models.Model):
    """A picture that a file names for a product and some of its variants, and whether it could be had."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="named_pictures")
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    ref = models.CharField(max_length=2000)
    alt = LineField(max_length=200, blank=True)
    line = models.PositiveIntegerField()
    variant_ids = models.JSONField(default=list)
    status = models.CharField(max_length=8, choices=PictureStatus, default=PictureStatus.WAITING)
    why = ProseField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.ref}: {self.status}"


class ImportedProduct(models.Model):
    """Which product of ours a handle of the seller's other shop is, and what its file last said of it."""

    seller = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    handle = KeyField(max_length=255)
    product = models.OneToOneField(Product, models.CASCADE, related_name="imported")
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["seller", "handle"], name="importing_handle_once")]

    def __str__(self) -> str:
        return self.handle
