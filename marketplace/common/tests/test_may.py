"""What a page offers rests on the function that the service itself asks."""

import pytest
from django.core.exceptions import PermissionDenied

from marketplace.common.authorisation import SYSTEM, authorize, may
from marketplace.common.errors import StaleState


@pytest.mark.parametrize(
    ("refusal", "allowed"), [(PermissionDenied, False), (StaleState("Gone."), False), (None, True)]
)
def test_may_is_whether_the_precondition_lets_it_pass(refusal, allowed):
    def require(actor: object, thing: object) -> None:
        if refusal:
            raise refusal

    assert may(require, "actor", "thing") is allowed


def test_a_bug_in_a_precondition_is_not_a_refusal():
    def require(actor: object) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        may(require, "actor")


def test_the_store_itself_may_do_everything_and_has_no_row():
    authorize(SYSTEM, "orders.cancel_shipment")

    assert (SYSTEM.pk, str(SYSTEM)) == (None, "SYSTEM")


def test_whoever_is_suspended_may_nothing(admin):
    admin.is_active = False

    with pytest.raises(PermissionDenied):
        authorize(admin, "delivery.reassign")
