"""The doors of the back office."""

from backoffice.actions import ACTIONS
from backoffice.forms import ReasonForm
from marketplace.accounts.models import SellerProfile
from marketplace.accounts.shown import mark_of_suspension
from marketplace.payouts.shown import mark_of_batch, mark_of_payout
from marketplace.products.shown import mark_of_tax_classes
from marketplace.rates.models import PAYERS
from marketplace.reviewing.shown import mark_of_assignment, mark_of_submission
from marketplace.wallet.models import Wallet
from marketplace.wallet.shown import mark_of_reserve
from site_config.tests.everybody import World, a_photo

from .things import Address, Form, a_shipment, as_shown, the_shipment


def a_try(world: World, state: str) -> dict[str, object]:
    return a_shipment(world, state) | {"position": 1}


def _because(world: World, who: str, state: str) -> dict[str, object]:
    return {"reason": "The courier called", **as_shown(world, state)}


def a_case(world: World, state: str) -> dict[str, object]:
    return {"public_id": world.submission(state).public_id}


def _decision(world: World, who: str, state: str) -> dict[str, object]:
    return {
        "decision": "rejected",
        "reason": "Not here",
        "shown": mark_of_submission(world.submission(state)),
    }


def _my_case(world: World, who: str, state: str) -> dict[str, object]:
    return {"to": "me", "shown": mark_of_assignment(world.submission(state))}


def a_shop(world: World, state: str) -> dict[str, object]:
    return {"slug": _shop(world).slug}


def _shop(world: World) -> SellerProfile:
    return SellerProfile.objects.get(pk=world.people["So"].pk)


def a_payout(world: World, state: str) -> dict[str, object]:
    return {"public_id": world.payouts[state].public_id}


def _about_a_payout(world: World, who: str, state: str) -> dict[str, object]:
    return {
        "reason": "The bank says so",
        "reference": "BANK-7",
        "shown": mark_of_payout(world.payouts[state]),
    }


def a_batch(world: World, state: str) -> dict[str, object]:
    return {"public_id": world.batches[state].public_id}


PAYOUT_ACTS = ("approve", "decline", "sent", "returned")

ADDRESSES: dict[str, Address] = {
    "backoffice:shop": a_shop,
    "backoffice:shop_suspend": a_shop,
    "backoffice:shop_lift": a_shop,
    "backoffice:shop_reserve": a_shop,
    "backoffice:payout": a_payout,
    "backoffice:payout_batch": a_batch,
    "backoffice:payout_batch_file": a_batch,
    "backoffice:payout_batch_sent": a_batch,
    "backoffice:payout_batch_withdraw": a_batch,
    **{f"backoffice:payout_{act}": a_payout for act in PAYOUT_ACTS},
    "backoffice:review": a_case,
    "backoffice:review_decide": a_case,
    "backoffice:review_assign": a_case,
    "backoffice:invoice_pdf": lambda world, state: {"number": world.invoice.number},
    "backoffice:sweep_run": lambda world, state: {"name": "forget_old_keys"},
    "backoffice:event_end": lambda world, state: {"slug": world.own_event.slug},
    "backoffice:shipment": a_shipment,
    "backoffice:shipment_address": a_shipment,
    **{
        f"backoffice:{action.route}": a_try if action.on_attempt else a_shipment
        for action in ACTIONS.values()
    },
}

FORMS: dict[str, Form] = {
    "backoffice:shop_reserve": lambda world, who, state: {
        "bps": "10",
        "days": "30",
        "reason": "Many returns",
        "shown": mark_of_reserve(Wallet.objects.filter(owner_id=_shop(world).pk).first()),
    },
    "backoffice:shop_suspend": lambda world, who, state: {
        "reason": "Fakes",
        "shown": mark_of_suspension(_shop(world)),
    },
    **{f"backoffice:payout_{act}": _about_a_payout for act in PAYOUT_ACTS},
    "backoffice:payout_batches": lambda world, who, state: {
        "form_key": world.key(who, "payout_batch"),
        "kind": "csv",
    },
    "backoffice:payout_batch_withdraw": lambda world, who, state: {
        "reason": "Wrong day",
        "shown": mark_of_batch(world.batches[state]),
    },
    "backoffice:payout_batch_sent": lambda world, who, state: {
        "reference": "BANK-8",
        "shown": mark_of_batch(world.batches[state]),
    },
    "backoffice:review_decide": _decision,
    "backoffice:review_assign": _my_case,
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
    "backoffice:shipment_reissue": lambda world, who, state: as_shown(world, state),
    "backoffice:events": lambda world, who, state: {
        "form_key": world.key(who, "open_sale_event"),
        "name": "Summer",
        "percent_bps": "10",
        "starts_at": "2090-05-01T09:00",
        "ends_at": "2090-05-02T09:00",
    },
    "backoffice:rates": lambda world, who, state: {
        "version": "1",
        "publish": "1",
        "max_km": "0",
        "store_bps": "10",
        "back_bps": "50",
        **dict.fromkeys(
            ("base", "per_km", "free_from", "courier_least", "extra_small", "extra_medium", "extra_large"),
            "0",
        ),
        **dict.fromkeys(("again_fee", "wait_free", "wait_fee", "wait_most"), "0"),
        **dict.fromkeys(PAYERS, "store"),
        "extra_bulky": "1",
    },
    "backoffice:tax": lambda world, who, state: {
        "category": str(world.category.pk),
        "tax_class": "reduced",
        "shown": mark_of_tax_classes(),
    },
    "backoffice:courier_lift": lambda world, who, state: {"courier": world.people["Ca"].email},
}
