"""A Stripe on this machine: localstripe, plus the hosted Checkout that it does not have.

Run as a script (`python stripe_stand_in.py PORT`); it knows nothing of Django. What localstripe gives:
payment intents and methods that accept, decline and fail like Stripe's test cards, keys, webhooks with
Stripe's signature. What is added here: `/v1/checkout/sessions` (create with idempotency keys, retrieve,
expire), the hosted page, and the session's events; Connect is in stripe_connect.py.
Shapes follow stripe-python's own types.
"""

import sys

from aiohttp import web
from localstripe import server
from localstripe.errors import UserError
from localstripe.resources import Event, PaymentIntent, PaymentMethod, StripeObject
from localstripe.webhooks import schedule_webhook
from stripe_connect import add_routes

CARDS = {"approve": "4242424242424242", "decline": "4000000000000341"}


class CheckoutSession(StripeObject):
    object = "checkout.session"
    _id_prefix = "cs_"

    def __init__(
        self,
        mode=None,
        client_reference_id=None,
        line_items=None,
        payment_intent_data=None,
        success_url=None,
        cancel_url=None,
        **unexpected,
    ):
        if unexpected or mode != "payment" or not success_url or len(line_items or []) != 1:
            raise UserError(400, f"Bad request {sorted(unexpected)}")
        [line] = line_items
        price = line["price_data"]
        if not price["product_data"]["name"] or int(price["unit_amount"]) < 1:
            raise UserError(400, "Bad request")
        modulus = {"isk": 100, "ugx": 100, "bhd": 10, "jod": 10, "kwd": 10, "omr": 10, "tnd": 10}
        if int(price["unit_amount"]) % modulus.get(price["currency"], 1):
            raise UserError(400, "Invalid integer: this currency has no such decimals")
        super().__init__()
        self.amount_total = int(price["unit_amount"]) * int(line["quantity"])
        self.currency = price["currency"]
        self.client_reference_id = client_reference_id
        self.success_url, self.cancel_url = success_url, cancel_url
        self.payment_intent = None
        self.payment_status, self.status = "unpaid", "open"
        self.url = f"{BASE}/_config/pay/{self.id}"

    def _pay(self, card):
        """What the hosted page does with a card; a refused one leaves the session open."""
        method = PaymentMethod(
            type="card", card={"number": card, "exp_month": 12, "exp_year": 2030, "cvc": "123"}
        )
        intent = PaymentIntent._api_create(
            amount=self.amount_total, currency=self.currency, payment_method=method.id, confirm=True
        )
        if intent.status != "succeeded":
            raise UserError(402, "The card was declined")
        self.payment_intent = intent.id
        self.status, self.payment_status = "complete", "paid"
        self.url = None
        schedule_webhook(Event("checkout.session.completed", self))

    @classmethod
    def _api_expire(cls, id, **unexpected):
        session = cls._api_retrieve(id)
        if unexpected or session.status != "open":
            raise UserError(400, "Only open sessions can be expired")
        session.status, session.url = "expired", None
        schedule_webhook(Event("checkout.session.expired", session))
        return session


_first_answers = {}


async def create(request):
    """POST /v1/checkout/sessions; the same Idempotency-Key gives the same session."""
    key = request.headers.get("Idempotency-Key")
    if key not in _first_answers:
        data = await server.get_post_data(request)
        _first_answers[key] = CheckoutSession._api_create(**data).id
    return server.json_response(CheckoutSession._api_retrieve(_first_answers[key])._export())


async def page(request):
    """The hosted page: two buttons and a way back."""
    session = CheckoutSession._api_retrieve(request.match_info["id"])
    buttons = "".join(
        f'<form method="post" action="{session.id}/{verb}"><button>{verb}</button></form>' for verb in CARDS
    )
    body = f"<title>Checkout</title><h1>{session.amount_total} {session.currency}</h1>{buttons}"
    return web.Response(text=f'{body}<a href="{session.cancel_url}">back</a>', content_type="text/html")


async def pay(request):
    """A click on the hosted page."""
    session = CheckoutSession._api_retrieve(request.match_info["id"])
    try:
        session._pay(CARDS[request.match_info["verb"]])
    except UserError:
        raise web.HTTPSeeOther(session.cancel_url) from None
    raise web.HTTPSeeOther(session.success_url)


async def ready(request):
    """GET /_config/ready: 200 once the server is up."""
    return web.Response(text="ready")


def main(port: int) -> None:
    routes = server.app.router
    routes.add_post("/v1/checkout/sessions/{id}/expire", server.api_extra(CheckoutSession._api_expire, ""))
    routes.add_post("/v1/checkout/sessions", create)
    routes.add_get("/v1/checkout/sessions/{id}", server.api_retrieve(CheckoutSession, ""))
    routes.add_get("/_config/pay/{id}", page)
    routes.add_post("/_config/pay/{id}/{verb}", pay)
    routes.add_get("/_config/ready", ready)
    add_routes(routes)
    web.run_app(server.app, host="127.0.0.1", port=port, print=None)


if __name__ == "__main__":
    PORT = int(sys.argv[1])
    BASE = f"http://127.0.0.1:{PORT}"
    main(PORT)
