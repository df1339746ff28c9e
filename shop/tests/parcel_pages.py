"""The page of a parcel's order, as tests ask for it and read it."""

import re

from django.urls import reverse

from marketplace.delivery.shown import mark_of
from marketplace.web.tests.markup import markup


def url(name: str, job, *more: object) -> str:
    """The address of a page of the order that a job belongs to."""
    return reverse(f"shop:{name}", args=[job.shipment.order.number, *more])


def shown(job) -> dict[str, str]:
    """What a form about a job's shipment is drawn for now."""
    return {"shown": mark_of(job.shipment_id)}


def page_of(client, buyer, job) -> str:
    client.force_login(buyer)
    return markup(client.get(url("order_detail", job)))


def pin_on(page: str) -> str | None:
    found = re.search(r'data-testid="pin">([0-9 ]*)<', page)
    return found[1] if found else None
