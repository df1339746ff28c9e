from django.db import models


class FormKey(models.Model):
    """A form that was carried out: its key, what it said and where its result is.

    Written in the business transaction, so a key exists exactly if its effect does.
    """

    key = models.CharField(max_length=64, primary_key=True)
    nonce = models.CharField(max_length=32)
    user_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=40)
    input_sha256 = models.CharField(max_length=64)
    result = models.CharField(max_length=200)
    created_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.action} {self.key[:8]}"


class RateWindow(models.Model):
    """How often somebody did something in one window of time (marketplace.common.limits)."""

    key = models.CharField(max_length=120, primary_key=True)
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"
