"""Who opens the door, as a page or a program says it."""

import pytest

from marketplace.common.errors import Invalid
from marketplace.orders.services import Recipient


def test_a_recipient_is_cleaned():
    """A NUL would end in PostgreSQL, a sign that turns the line round on the courier's phone."""
    recipient = Recipient(
        "\u202eBea\x00\u00a0Lee", "\u202d(555)\u00a0123\u20114567\u202c", "Second\r\nyard\u200b"
    )

    assert (recipient.name, recipient.phone, recipient.notes) == ("Bea Lee", "(555) 123-4567", "Second\nyard")


@pytest.mark.parametrize("name", ["\u200b", "\u3164 \u2800", ""])
def test_a_recipient_of_unseen_signs_has_no_name(name):
    with pytest.raises(Invalid) as refusal:
        Recipient(name, "+49 30 123456")

    assert refusal.value.field == "name"
