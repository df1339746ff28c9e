"""Every permission that is given out is also asked for."""

import re

import pytest
from django.conf import settings
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
        name for name in permissions if name.partition(".")[0] in ("accounts", "orders", "products", "wallet")
    }
    assert ours
    assert ours - asked == set()


def test_the_store_may_and_nobody_may_not():
    authorize(SYSTEM, "delivery.reassign")

    with pytest.raises(AttributeError):
        authorize(None, "delivery.reassign")
