"""What a page offers is what the service then does: every action, in every state, for every kind of person.

Both rest on one function a service, `require_…` (marketplace/common/authorisation.py, `may`). What is done
already may be done again without being offered: it succeeds and changes nothing.
"""

from collections.abc import Iterator
from html import unescape

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from marketplace.accounts.models import Role, User
from marketplace.common.models import FormKey

from .doors import ADDRESSES, FORMS
from .everybody import PEOPLE, STATES, World
from .test_permissions import Writes, undone, world  # noqa: F401  `world` is a fixture

pytestmark = pytest.mark.django_db

# Page → the routes of what it offers. A link to a page that asks first counts as the form behind it.
PAGES = {
    "backoffice:shipment": (
        *("backoffice:shipment_reassign", "backoffice:shipment_take_back", "backoffice:shipment_bypass"),
        *("backoffice:shipment_send_back", "backoffice:shipment_reissue", "backoffice:shipment_complete"),
        *("backoffice:shipment_cancel", "backoffice:attempt_void"),
    ),
    "shop:order_detail": ("shop:shipment_cancel", "shop:shipment_complete", "shop:proof_reissue"),
    "seller_dashboard:parcel": ("seller_dashboard:parcel_pack", "seller_dashboard:parcel_reissue"),
    "courier:job": ("courier:pick_up", "courier:give_back", "courier:arrive", "courier:fail"),
    "courier:home": ("courier:claim",),
}
# Staff have pages of their own for these, where they say why.
ELSEWHERE = {("shop:order_detail", "shop:proof_reissue")}
NO_JOB = ("placed", "cancelled")
# Whoever bought, sold or carried it before they came to work for the store.
PROMOTED = {"Bo+": "Bo", "So+": "So", "Ca+": "Ca"}
WHO = {code: code for code in PEOPLE if code != "An"} | PROMOTED
STAFF = ("Ad", "Su", *PROMOTED)


@pytest.fixture
def people(world, request) -> Iterator[World]:  # noqa: F811
    """The world, in which the one who asks works for the store if their name says so."""
    with undone():
        if request.param in PROMOTED:
            User.objects.filter(pk=world.people[PROMOTED[request.param]].pk).update(role=Role.ADMIN)
        yield world


def client_of(world: World, who: str) -> Client:  # noqa: F811
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = world.sessions[WHO[who]]
    return client


def path_of(world: World, route: str, state: str) -> str:  # noqa: F811
    return reverse(route, kwargs=ADDRESSES[route](world, state) if route in ADDRESSES else {})


def read_page(world: World, who: str, page: str, state: str) -> str:  # noqa: F811
    """What stands on it; "" for whom it is not there: what they may is in docs/permissions/."""
    with undone():
        answer = client_of(world, who).get(path_of(world, page, state))
    return unescape(answer.content.decode()) if answer.status_code == 200 else ""


def is_done(world: World, who: str, route: str, state: str) -> bool:  # noqa: F811
    """Whether the service does it now, and it was not only done already."""
    form = FORMS[route](world, WHO[who], state) if route in FORMS else {}
    writes = Writes()
    writes.elsewhere.append(FormKey._meta.db_table)
    with undone(), connection.execute_wrapper(writes):
        answer = client_of(world, who).post(path_of(world, route, state), form)
    return answer.status_code == 303 and writes.seen


def is_wrong(world: World, who: str, page: str, route: str, state: str, text: str) -> str:  # noqa: F811
    """How what the page offers differs from what can be done; "" where it does not."""
    path = path_of(world, route, state)
    is_offered = f'action="{path}"' in text or f'href="{path}"' in text
    if is_offered == is_done(world, who, route, state):
        return ""
    if not is_offered and (page, route) in ELSEWHERE and who in STAFF:
        return ""
    return f"{route} {state}: {'offered, and refused' if is_offered else 'possible, and not offered'}"


@pytest.mark.parametrize("where", PAGES)
@pytest.mark.parametrize(("people", "who"), [(who, who) for who in WHO], indirect=["people"], ids=WHO)
def test_what_is_offered_is_what_can_be_done(people, who, where):
    wrong = []
    for state in STATES:
        if where == "courier:job" and state in NO_JOB:
            continue
        text = read_page(people, who, where, state)
        routes = [route for route in PAGES[where] if not ("void" in route and state in NO_JOB)]
        wrong += filter(None, (is_wrong(people, who, where, route, state, text) for route in routes if text))

    assert not wrong, "\n".join(wrong)


def test_every_page_offers_something_to_somebody(world):  # noqa: F811
    """The control of what the test above looks for."""
    for who, page, route, state in (
        ("Ad", "backoffice:shipment", "backoffice:shipment_bypass", "carried"),
        ("Bo", "shop:order_detail", "shop:shipment_complete", "delivered"),
        ("So", "seller_dashboard:parcel", "seller_dashboard:parcel_pack", "placed"),
        ("Ca", "courier:job", "courier:pick_up", "claimed"),
        ("Cx", "courier:home", "courier:claim", "placed"),
    ):
        text = read_page(world, who, page, state)
        assert path_of(world, route, state) in text
        assert not is_wrong(world, who, page, route, state, text)
        assert is_wrong(world, who, page, route, state, "nothing")
