"""Nonsense in every form, on every database: a page, a redirect or a refusal, never a 500.

The world is the permission table's, and whoever may send a form sends it.
"""

import pytest
from django.conf import settings
from django.test import Client

from .doors import FORMS
from .everybody import PEOPLE
from .test_permissions import ALLAUTHS, ROWS, path_of, undone
from .test_permissions import world as world  # the fixture

pytestmark = pytest.mark.django_db
POSTS = {
    row.route: row for row in reversed(ROWS) if row.method == "POST" and not row.route.startswith(ALLAUTHS)
}
# What views read beside their form classes.
BESIDE = (
    "form_key",
    "next",
    "number",
    "delivery",
    "pin",
    "token",
    "up",
    "down",
    "lat",
    "newest",
    "price",
    "line",
)
NONSENSE = ("\0", str(10**30), "x" * 5_000, "\u202e😀")


@pytest.mark.parametrize("route", POSTS)
def test_no_form_breaks_over_nonsense(world, route):
    row = POSTS[route]
    who = next((code for code in PEOPLE if row.answers[code] == "Y"), "Su")
    form = FORMS[route](world, who, row.state) if route in FORMS else {}
    names = dict.fromkeys([*form, *BESIDE])
    tries = [form | {name: "\0"} for name in names]
    tries += [{"pin": "1"} | {name: "\0"} for name in BESIDE]
    tries += [dict.fromkeys(names, nonsense) for nonsense in NONSENSE]
    client = Client(raise_request_exception=False)
    if world.sessions[who]:
        client.cookies[settings.SESSION_COOKIE_NAME] = world.sessions[who]

    broken = []
    for sent in tries:
        with undone():
            if client.post(path_of(row, world, made_up=False), sent).status_code >= 500:
                broken.append(sent)

    assert broken == []
