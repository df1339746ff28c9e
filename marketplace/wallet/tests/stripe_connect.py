"""Connect for the Stripe on this machine (stripe_stand_in.py): accounts, transfers, reversals, and what went wrong.

`/v1/accounts/{id}`, `/v1/transfers` (create with idempotency keys, retrieve, list by group), `/reversals`, and the
balance transactions of a connected account's payout. Accounts are told by their names: `acct_closed…` takes no
transfer, `acct_young…` may not yet, `acct_other…` is nobody's; every other one is there. `/_config/…` plays what only
Stripe does.
"""

import asyncio

from aiohttp import web
from localstripe import server
from localstripe.errors import UserError
from localstripe.resources import BalanceTransaction, Event, List, StripeObject
from localstripe.webhooks import schedule_webhook

_keys = {}  # Idempotency-Key → the first answer, until Stripe forgets it
_state = {"funds": None, "silent": 0, "slow": False}


class Refusal(UserError):
    """An error as Stripe words it, with a code and the parameter that it is about."""

    def __init__(self, code, message, *, status=400, param=None):
        super().__init__(status, message)
        self.body["error"] |= {"code": code, "param": param}


class Transfer(StripeObject):
    object = "transfer"
    _id_prefix = "tr_"

    def __init__(self, amount, currency, destination, transfer_group, description, metadata, **unexpected):
        if unexpected or int(amount) < 1 or not description or not metadata["payout"]:
            raise UserError(400, f"Bad request {sorted(unexpected)}")
        _require_account(destination)
        if _state["funds"] is not None and int(amount) > _state["funds"]:
            raise Refusal("balance_insufficient", "You have insufficient available funds.")
        super().__init__()
        self.amount, self.currency, self.destination = int(amount), currency, destination
        self.transfer_group, self.description, self.metadata = transfer_group, description, metadata
        self.amount_reversed, self.reversed = 0, False

    def _reverse(self, amount=None):
        part = self.amount - self.amount_reversed if amount is None else int(amount)
        if part < 1:
            raise Refusal("transfer_already_reversed", "It was reversed already")
        self.amount_reversed += part
        self.reversed = self.amount_reversed == self.amount
        schedule_webhook(Event("transfer.reversed", self))


class Reversal(StripeObject):
    object = "transfer_reversal"
    _id_prefix = "trr_"

    def __init__(self, transfer):
        super().__init__()
        self.transfer = transfer.id


def _require_account(name):
    if name.startswith("acct_other"):
        raise Refusal("resource_missing", f"No such destination: '{name}'", param="destination")
    if name.startswith("acct_closed"):
        raise Refusal("insufficient_capabilities_for_transfer", "The account cannot take transfers.")


async def _once(request, make):
    """What `make` makes of the data, or what the same Idempotency-Key got before, be it an error."""
    key = request.headers.get("Idempotency-Key")
    if key not in _keys:
        try:
            _keys[key] = make(await server.get_post_data(request) or {})
        except UserError as error:
            _keys[key] = error
    if isinstance(_keys[key], UserError):
        raise _keys[key]
    return _keys[key]


async def create(request):
    """POST /v1/transfers."""
    made = await _once(request, lambda data: Transfer._api_create(**data))
    if _state["silent"]:
        _state["silent"] -= 1
        request.transport.abort()  # it was done, and nobody hears of it
    while _state["slow"]:  # it was done, and the answer takes its time
        await asyncio.sleep(0.05)
    return server.json_response(made._export())


async def listed(request):
    """GET /v1/transfers?transfer_group=…, newest first."""
    group, most = request.query["transfer_group"], int(request.query["limit"])
    found = [one for one in Transfer._api_list_all("/v1/transfers")._list if one.transfer_group == group]
    data = [one._export() for one in found[:most]]
    return server.json_response({"object": "list", "data": data, "has_more": False, "url": "/v1/transfers"})


async def reverse(request):
    """POST /v1/transfers/{id}/reversals."""
    transfer = Transfer._api_retrieve(request.match_info["id"])

    def make(data):
        transfer._reverse()
        return Reversal(transfer)

    return server.json_response((await _once(request, make))._export())


async def account(request):
    """GET /v1/accounts/{id}."""
    name = request.match_info["id"]
    if name.startswith("acct_other"):
        raise Refusal("account_invalid", "The key does not have access to this account.", status=403)
    takes = "pending" if name.startswith("acct_young") else "active"
    return server.json_response({"id": name, "object": "account", "capabilities": {"transfers": takes}})


def _paid_on(url, payout=None, type=None, limit=None, expand=None, **unexpected):
    """The transfers that a connected account's payout pays on: "po_tr_1_tr_2" is of those two."""
    if unexpected or type != "payment" or expand:
        raise UserError(400, "Bad request")
    rows = List(url, limit=limit)
    for name in payout.removeprefix("po_").split("."):
        row = StripeObject.__new__(StripeObject)
        charge = {"id": f"py_{name}", "object": "charge", "source_transfer": name}
        vars(row).update(id=f"txn_{name}", object="balance_transaction", type=type, source=charge)
        rows._list.append(row)
    return rows


async def configure(request):
    """POST /_config/connect: `funds` there are, so many `silent` answers, or `slow` ones; or forget keys."""
    data = await request.json()
    if data.pop("forget", False):
        _keys.clear()
    _state.update(data)
    return web.json_response(_state)


async def reverse_in_part(request):
    """POST /_config/transfers/{id}/reverse?amount=…: what somebody does on Stripe's own pages."""
    Transfer._api_retrieve(request.match_info["id"])._reverse(request.query.get("amount"))
    return web.json_response({})


def add_routes(router):
    """Put all of it before localstripe's own."""
    BalanceTransaction._api_list_all = staticmethod(_paid_on)
    router.add_get("/v1/accounts/{id}", account)
    router.add_post("/v1/transfers", create)
    router.add_get("/v1/transfers", listed)
    router.add_get("/v1/transfers/{id}", server.api_retrieve(Transfer, ""))
    router.add_post("/v1/transfers/{id}/reversals", reverse)
    router.add_post("/_config/connect", configure)
    router.add_post("/_config/transfers/{id}/reverse", reverse_in_part)
