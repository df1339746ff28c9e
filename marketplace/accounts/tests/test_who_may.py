"""What somebody says of themselves nobody else says for them."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from marketplace.accounts import services
from marketplace.accounts.models import Profile, SellerProfile, User

CALLS = {
    "save_profile": {"name": "New", "phone": "", "time_zone": ""},
    "save_location": {"lat": Decimal("52.5"), "lng": Decimal("13.4"), "address": "Elsewhere 1"},
}


def everything() -> list[list[dict]]:
    return [list(model.objects.order_by("pk").values()) for model in (User, Profile, SellerProfile)]


@pytest.mark.parametrize("name", CALLS)
def test_nobody_acts_for_somebody_else(name, buyer, stranger, seller, courier, admin, superadmin):
    call = getattr(services, name)
    others = (stranger, seller, courier, admin, superadmin)
    before = everything()

    for actor in others:
        with pytest.raises(PermissionDenied):
            call(user_id=buyer.pk, actor=actor, **CALLS[name])
    buyer.is_active = False
    with pytest.raises(PermissionDenied):
        call(user_id=buyer.pk, actor=buyer, **CALLS[name])
    assert everything() == before

    buyer.is_active = True
    call(user_id=buyer.pk, actor=buyer, **CALLS[name])
    assert everything() != before
