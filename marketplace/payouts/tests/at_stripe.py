"""What the tests of payouts through Stripe say and read."""

import hashlib
import hmac
import json
import time
from datetime import timedelta

from marketplace.common import clock
from marketplace.notifications.models import Notification
from marketplace.payouts.models import Payout
from marketplace.payouts.providers import (
    desk,
    payout_provider,
)

OURS = "acct_1SellersOwn4242"
CALLBACK = "/payouts/stripe/callback/"


def run(minutes=0):
    """The clock's round, so many minutes from now."""
    return desk.send_transfers(clock.now() + timedelta(minutes=minutes))


def made_for(payout):
    """What Stripe has made for a payout."""
    group = f"payout-{payout.public_id}"
    return payout_provider("stripe").api.transfers.list(params={"transfer_group": group, "limit": 10}).data


def fresh(payout):
    return Payout.objects.select_related("address", "transfer").get(pk=payout.pk)


def told(person):
    return list(Notification.objects.filter(recipient=person).order_by("pk").values_list("kind", flat=True))


def signed(body, secret, at=None):
    at = int(at or time.time())
    signature = hmac.new(secret.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={at},v1={signature}"}


def event(kind, reference, **more):
    return json.dumps({"id": "evt_1", "type": kind, "data": {"object": {"id": reference}}, **more})
