"""The doors of the back office."""

from backoffice.actions import ACTIONS
from backoffice.forms import ReasonForm
from site_config.tests.everybody import World, a_photo

from .things import Address, Form, a_shipment, the_shipment


def a_try(world: World, state: str) -> dict[str, object]:
    return a_shipment(world, state) | {"position": 1}


def _because(world: World, who: str, state: str) -> dict[str, object]:
    return {"reason": "The courier called"}


ADDRESSES: dict[str, Address] = {
    "backoffice:sweep_run": lambda world, state: {"name": "forget_old_keys"},
    "backoffice:shipment": a_shipment,
    "backoffice:shipment_address": a_shipment,
    **{
        f"backoffice:{action.route}": a_try if action.on_attempt else a_shipment
        for action in ACTIONS.values()
    },
}

FORMS: dict[str, Form] = {
    **{f"backoffice:{action.route}": _because for action in ACTIONS.values() if action.form is ReasonForm},
    "backoffice:shipment_reassign": lambda world, who, state: {
        "courier": world.people["Cx"].email,
        **_because(world, who, state),
    },
    "backoffice:shipment_bypass": lambda world, who, state: {
        "form_key": world.key(who, "bypass_proof", the_shipment(world, state).pk),
        "photo": a_photo(),
        **_because(world, who, state),
    },
    "backoffice:courier_lift": lambda world, who, state: {"courier": world.people["Ca"].email},
}
