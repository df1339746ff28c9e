"""Every page of the store: who looks at it and with what in the address.

The checks of test_pages.py (axe, light and dark; the Nu HTML checker) walk this table, and a route that
is neither in PAGES nor in NOT_PAGES fails `test_every_route_is_in_the_table`; what takes a POST only is
known from docs/permissions/. A new page gets a row: its route's name, the people who see it differently,
and what its address needs (from the `World`).
"""

from collections.abc import Callable
from dataclasses import dataclass

from e2e.world import World

VISITOR = "visitor"  # nobody is signed in
NEWCOMER = "newcomer"  # signed in, with nothing yet: every empty state
BUYER = "buyer"  # has money, a cart, orders, notifications
SELLER = "seller"
COURIER = "courier"
ADMIN = "admin"
PEOPLE = (VISITOR, NEWCOMER, BUYER, SELLER, COURIER, ADMIN)

Address = Callable[[World], dict[str, object]]


@dataclass(frozen=True)
class Shown:
    """How a page is looked at. `address` gives the route's arguments, `query` what follows the "?"."""

    people: tuple[str, ...]
    address: Address = lambda world: {}
    query: tuple[str, ...] = ("",)
    status: int = 200


def shown(*people: str, **options: object) -> Shown:
    return Shown(people or PEOPLE, **options)


def slug_of(things: str, name: str) -> Address:
    """The slug of a category or product of the world, by its name there."""
    return lambda world: {"slug": getattr(world, things)[name].slug}


def the_order(world: World) -> dict[str, object]:
    return {"number": world.order.number}


def its_shipment(world: World) -> dict[str, object]:
    return {**the_order(world), "shipment": world.order.shipments.order_by("pk").first().number}


def its_line(world: World) -> dict[str, object]:
    shipment = world.order.shipments.order_by("pk").first()
    return {**the_order(world), "shipment": shipment.number, "position": shipment.lines.count()}


def its_job(state: str) -> Address:
    """The courier's job for the parcel that is at this point of its way."""
    return lambda world: {"number": world.parcels[state].deliveries.latest("pk").number}


def parcel(state: str) -> Address:
    """One of the world's parcels by where it is, and its order."""
    return lambda world: {
        "number": world.parcels[state].order.number,
        "shipment": world.parcels[state].number,
    }


def the_parcel(state: str) -> Address:
    """As `parcel`, where its own number is all that the address needs."""
    return lambda world: {"number": world.parcels[state].number}


def track(world: World) -> dict[str, object]:
    from marketplace.delivery.selectors import tracking_token

    return {"token": tracking_token(world.parcels["failed"])}


PAGES: dict[str, Shown] = {
    # The storefront.
    "shop:home": shown(),
    "shop:categories": shown(VISITOR, BUYER),
    "shop:category": shown(
        VISITOR,
        BUYER,
        address=slug_of("categories", "kettles"),
        query=("", "price_min=20&in_stock=1&sort=price", "brand=northwind&price_max=1"),
    ),
    "shop:brand": shown(VISITOR, address=lambda world: {"slug": "northwind"}),
    "shop:seller": shown(VISITOR, address=lambda world: {"slug": world.seller.seller_profile.slug}),
    "shop:search": shown(VISITOR, BUYER, query=("", "q=kettle", "q=nothing+is+called+like+this")),
    "shop:product": shown(VISITOR, BUYER, SELLER, COURIER, address=slug_of("products", "Copper kettle")),
    "shop:cart": shown(VISITOR, NEWCOMER, BUYER),
    # A person's own pages.
    "shop:account": shown(NEWCOMER, BUYER, SELLER, COURIER, ADMIN),
    "shop:profile": shown(NEWCOMER, BUYER),
    "shop:location": shown(NEWCOMER, BUYER),
    "shop:wallet": shown(NEWCOMER, BUYER),
    "shop:wallet_top_up": shown(NEWCOMER, BUYER, query=("", "amount=40.00&next=/checkout/")),
    "shop:payment": shown(BUYER, address=lambda world: {"public_id": world.top_up.public_id}),
    "shop:demo_payment": shown(BUYER, address=lambda world: {"reference": world.top_up.provider_reference}),
    "shop:wallet_statement": shown(NEWCOMER, BUYER),
    "shop:notifications": shown(NEWCOMER, BUYER, SELLER),
    "shop:checkout": shown(BUYER),
    "shop:orders": shown(NEWCOMER, BUYER),
    "shop:order_detail": shown(BUYER, ADMIN, address=the_order),
    "shop:shipment_complete": shown(BUYER, address=parcel("delivered")),
    "shop:track": shown(VISITOR, BUYER, address=track),
    "shop:shipment_cancel": shown(BUYER, address=its_shipment),
    "shop:line_cancel": shown(BUYER, address=its_line),
    # The other faces.
    "seller_dashboard:home": shown(SELLER),
    "courier:home": shown(COURIER, query=("", "radius=2&sort=waiting")),
    "seller_dashboard:parcel": shown(
        SELLER, address=lambda world: {"number": world.parcels["returning"].number}
    ),
    "courier:jobs": shown(COURIER),
    "courier:me": shown(COURIER),
    "courier:job": shown(COURIER, address=its_job("claimed")),
    "courier:fail": shown(COURIER, address=its_job("failed")),
    "courier:scan": shown(COURIER),
    "courier:confirm": shown(COURIER, address=its_job("locked")),
    "courier:offline": shown(VISITOR, COURIER),
    "backoffice:home": shown(ADMIN),
    "backoffice:deliveries": shown(
        ADMIN, query=("", "trouble=locked", "status=placed&trouble=failed", "q=nothing", "status=delivered")
    ),
    "backoffice:shipment": shown(ADMIN, address=the_parcel("failed"), query=("", "trouble=failed")),
    "backoffice:couriers": shown(ADMIN, query=("", "suspended=1", "q=nobody")),
    "backoffice:sweeps": shown(ADMIN),
    # Signing in and staying safe (allauth in our look).
    "account_login": shown(VISITOR, query=("", "next=/account/")),
    "account_signup": shown(VISITOR),
    "account_logout": shown(BUYER),
    "account_inactive": shown(VISITOR),
    "account_reset_password": shown(VISITOR),
    "account_reset_password_done": shown(VISITOR),
    "account_reset_password_from_key": shown(VISITOR, address=lambda world: {"uidb36": "1", "key": "none"}),
    "account_reset_password_from_key_done": shown(VISITOR),
    "account_email": shown(BUYER),
    "account_change_password": shown(BUYER),
    "account_reauthenticate": shown(BUYER),
    "mfa_index": shown(BUYER, ADMIN),
    "mfa_activate_totp": shown(BUYER),
    "mfa_list_webauthn": shown(BUYER),
    "mfa_add_webauthn": shown(BUYER),
    "usersessions_list": shown(BUYER),
}

NOT_PAGES: dict[str, str] = {
    "healthz": "a word for machines",
    "favicon.ico": "leads to the icon",
    "courier:manifest": "JSON for phones",
    "courier:service_worker": "a script",
    "shop:robots": "a text file",
    "shop:sitemap": "XML",
    "shop:sitemap_pages": "XML",
    "shop:sitemap_products": "XML",
    "shop:search_suggest": "a fragment under the search field",
    "shop:wallet_statement_csv": "a CSV file",
    "shop:order_receipt": "a PDF",
    "shop:order_live": "a fragment of the order's page",
    "photo": "a picture",
    "account_email_verification_sent": "answers only while a code is awaited: the sign-up journey looks at it",
    "account_confirm_login_code": "answers only while a code is awaited",
    "account_set_password": "everybody here has a password: leads to the change of it",
    "mfa_authenticate": "answers only half way through signing in: test_sign_in looks at it",
    "mfa_reauthenticate": "leads away unless there is a second factor",
    "mfa_reauthenticate_webauthn": "leads away unless there is a passkey",
    "mfa_deactivate_totp": "leads away unless there is an authenticator app",
    "mfa_view_recovery_codes": "leads away unless there is a second factor",
    "mfa_generate_recovery_codes": "leads away unless there is a second factor",
    "mfa_download_recovery_codes": "a text file",
    "mfa_remove_webauthn": "needs a passkey, which a browser has to make",
    "mfa_edit_webauthn": "needs a passkey, which a browser has to make",
    "mfa_login_webauthn": "options for a script",
}

# What people see when something went wrong: an address that gives such an answer, for whom.
WRONG: tuple[tuple[str, str, int], ...] = (
    (VISITOR, "/there-is-nothing-here", 404),
    (BUYER, "/there-is-nothing-here", 404),
    (BUYER, "/backoffice/", 403),
)
