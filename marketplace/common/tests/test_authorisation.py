"""Every permission that is given out is also asked for."""

import re

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from rules.permissions import permissions

from marketplace.common.authorisation import SYSTEM, authorize


def test_nobody_defines_a_permission_that_nobody_asks():
    code = "".join(
        path.read_text()
        for folder in ("marketplace", "shop", "courier", "backoffice")
        for path in (settings.BASE_DIR / folder).rglob("*.py")
        if path.name != "rules.py" and "tests" not in path.parts
    )
    asked = set(re.findall(r'"(\w+\.\w+)"', code))

    ours = {
        name
        for name in permissions
        if apps.get_app_config(name.partition(".")[0]).name.startswith("marketplace.")
    }
    assert ours
    assert ours - asked == set()


def test_the_store_may_and_nobody_may_not():
    authorize(SYSTEM, "delivery.reassign")

    for nobody in (None, AnonymousUser()):
        with pytest.raises(PermissionDenied):
            authorize(nobody, "delivery.reassign")
