"""What the health page says: one word for a load balancer, a sentence for who looks after the store."""

from datetime import timedelta

import pytest
from django.core.mail import EmailMessage

from marketplace.common import clock
from marketplace.mail.selectors import LATE_AFTER
from marketplace.mail.services import post

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


@pytest.mark.parametrize(
    ("waits", "says"),
    [
        (LATE_AFTER - timedelta(minutes=1), b"ok\n"),
        (LATE_AFTER, b"degraded: mail waits for more than 15 minutes\n"),
    ],
)
def test_mail_that_waits_for_too_long_is_told(client, waits, says):
    with clock.moved(-waits - timedelta(seconds=1)):
        post(EmailMessage("Hello", "words", None, ["kim@example.org"]))

    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, says)
