"""Fixtures of the payouts domain: people who earned something, by the real services."""

import uuid
from collections.abc import Callable
from types import ModuleType

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.accounts.models import User
from marketplace.delivery.services import complete_shipment
from marketplace.orders.models import Shipment
from marketplace.orders.states import ShipmentStatus
from marketplace.wallet.models import HoldKind
from marketplace.wallet.services import HoldRequest, capture_hold, place_holds
from site_config.acts import payouts as acts
from site_config.testing.people import PASSWORD


@pytest.fixture
def earn(person, fund):
    """`earn(seller, 1_000, 500)`: so many entries of the ledger by which somebody earned; the audit follows."""

    def run(earner: User, *amounts: int) -> User:
        for amount in amounts:
            payer, name = fund(person(), amount), f"test:{uuid.uuid4().hex}"
            place_holds(
                owner_id=payer.pk, kind=HoldKind.SHIPMENT, requests=[HoldRequest(amount, name, payer)]
            )
            capture_hold(open_key=name, payees={earner.pk: amount}, key=f"{name}:paid")
        return earner

    return run


@pytest.fixture
def ready(earn):
    """`ready(seller, 1_000)`: who earned that has an account, too, whose wait is over."""

    def run(earner: User, *amounts: int) -> User:
        earn(earner, *amounts)
        acts.give_account(earner)
        return earner

    return run


@pytest.fixture
def reserve_of(person, goods, fund, fill_cart, check_out, walk, settings):
    """`reserve_of(seller, 2_022)`: a parcel of theirs that was paid, of which a tenth is kept for 30 days."""
    settings.RESERVE_BPS, settings.RESERVE_DAYS = 1_000, 30

    def run(seller: User, price: int) -> Shipment:
        buyer = fund(person(), price)
        fill_cart(buyer, {goods(seller, price=price): 1})
        way = (ShipmentStatus.PROCESSING, ShipmentStatus.SHIPPED, ShipmentStatus.DELIVERED)
        shipment = walk(check_out(buyer).shipments.get(), *way)
        return complete_shipment(shipment_id=shipment.pk, actor=buyer)

    return run


@pytest.fixture
def payouts() -> ModuleType:
    """What people do with payouts (site_config/acts/payouts.py): `payouts.ask(seller, 1_000)`."""
    return acts


@pytest.fixture
def sure(as_person) -> Callable[[User], Client]:
    """`sure(seller)`: their browser, a moment after they have typed their password once more."""

    def sign_in(user: User) -> Client:
        client = as_person(user)
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        return client

    return sign_in
