"""Barcodes of goods: GTIN-8, -12 (UPC), -13 (EAN, ISBN) and -14 of GS1, told from a typing mistake by their last digit.

GS1 General Specifications, 7.9.1 (standard check digit calculations): from the right, digits weigh 3 and 1 in turn.
"""

import re

from django.utils.translation import gettext as _

from marketplace.common.cleaning import clean_identifier
from marketplace.common.errors import Invalid

LENGTHS = (8, 12, 13, 14)


def check_digit(digits: str) -> str:
    """The last digit of the GTIN that begins with `digits`."""
    weighed = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(digits)))
    return str(-weighed % 10)


def clean_gtin(text: str) -> str:
    """The digits of a barcode as it is printed or typed ("978-3-16-148410-0"); "" for none.

    Raises `Invalid` (field "barcode") where it is none, or one digit of it must be wrong.
    """
    digits = re.sub(r"[ -]", "", clean_identifier(text))
    if not digits:
        return ""
    if not re.fullmatch(r"[0-9]+", digits) or len(digits) not in LENGTHS:
        raise Invalid(
            _("A barcode has 8, 12, 13 or 14 digits; “%(text)s” has not.") % {"text": text[:40]},
            field="barcode",
        )
    if check_digit(digits[:-1]) != digits[-1]:
        raise Invalid(
            _("One digit of the barcode %(digits)s must be wrong: its last one does not fit the others.")
            % {"digits": digits},
            field="barcode",
        )
    return digits
