"""What people write by hand, made fit to be kept: one way for every reason and note."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .cleaning import clean_text
from .errors import Invalid

MAX_REASON = 300  # letters: every column that keeps a reason has as many


def clean_reason(text: str, *, required: bool = True, field: str = "reason", missing: str = "") -> str:
    """`text` as a person reads it (`clean_text`).

    Raises `Invalid` (field `field`) if it is longer than `MAX_REASON`, or empty and `required`: `missing` is
    the sentence for that.
    """
    text = clean_text(text)
    if required and not text:
        raise Invalid(missing or _("Please say why."), field=field, code="reason_missing")
    if len(text) > MAX_REASON:
        sentence = ngettext(
            "Please say it in %(most)d character at most.",
            "Please say it in %(most)d characters at most.",
            MAX_REASON,
        )
        raise Invalid(sentence % {"most": MAX_REASON}, field=field, code="reason_too_long")
    return text
