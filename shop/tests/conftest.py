"""What tests of the shop's pages share."""

import pytest

from marketplace.common.idempotency import new_form_key
from marketplace.products.services import NewVariant
from marketplace.wallet.models import TopUp
from marketplace.wallet.payments import desk
from marketplace.wallet.services import start_top_up


@pytest.fixture
def bea(client, buyer):
    """The browser of the fixtures' buyer, signed in."""
    client.force_login(buyer)
    return client


@pytest.fixture
def open_payment(buyer):
    """A top-up of 50.00 that the demo bank has not decided."""
    key = new_form_key(user_id=buyer.pk, action="top_up")
    top_up = start_top_up(actor=buyer, amount=5_000, form_key=key, next_url="/cart/")
    desk.payment_page(actor=buyer, top_up_id=top_up.pk, return_url=f"/wallet/top-up/{top_up.public_id}/")
    return TopUp.objects.get(pk=top_up.pk)


@pytest.fixture
def shirt(make_product):
    """A shirt in S, M and L, red and blue, at 20.00 to 25.00: red M is sold out, and blue L is not made."""
    made = [("S", "Red", 3), ("S", "Blue", 2), ("M", "Red", 0), ("M", "Blue", 9), ("L", "Red", 4)]
    return make_product(
        title="Linen shirt",
        options=[("Size", ["S", "M", "L"]), ("Colour", ["Red", "Blue"])],
        variants=[
            NewVariant(
                price={"S": 2_000, "M": 2_200, "L": 2_500}[size],
                stock=stock,
                values=(size, colour),
                sku=f"SHIRT-{size}-{colour}".upper(),
                barcode="4006381333931" if (size, colour) == ("S", "Red") else "",
            )
            for size, colour, stock in made
        ],
    )


@pytest.fixture
def kettles(make_category):
    return make_category("Kettles", parent=make_category("Kitchen"))


@pytest.fixture
def shelf(make_product, make_brand, kettles):
    """Three kettles: a dear one, a cheap one, and one that is sold out."""
    copper, north = make_brand("Copperline"), make_brand("Northwind")
    return {
        "copper": make_product(title="Copper kettle", price=4990, category=kettles, brand=copper),
        "travel": make_product(title="Travel kettle", price=1999, category=kettles, brand=north, stock=2),
        "enamel": make_product(title="Enamel kettle", price=2950, category=kettles, brand=copper, stock=0),
    }
