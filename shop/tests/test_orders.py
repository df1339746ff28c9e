"""The pages of orders: whose they are, cancelling, buying again, the receipt."""

import re

import pytest
from django.urls import reverse

from marketplace.accounts.models import Role
from marketplace.common.errors import Busy
from marketplace.common.idempotency import new_form_key
from marketplace.common.money import format_money
from marketplace.delivery import services
from marketplace.delivery.shown import mark_of
from marketplace.orders import receipts
from marketplace.orders.models import CartLine, Shipment, ShipmentLine
from marketplace.orders.selectors import order_view
from marketplace.products.models import Product
from marketplace.products.states import ListingStatus
from marketplace.wallet.selectors import wallet_of

pytestmark = pytest.mark.usefixtures("books_balance")


@pytest.fixture
def order(buyer, seller, other_seller, goods, fund, fill_cart, check_out):
    """Three lamps by Sam (75.00) and a chair by Sue (40.00)."""
    fund(buyer, 20_000)
    lamp = goods(seller, title="Lamp", price=2500, stock=5)
    chair = goods(other_seller, title="Chair", price=4000, stock=2)
    fill_cart(buyer, {lamp: 3, chair: 1})
    return check_out(buyer)


@pytest.fixture
def lamps(order):
    return ShipmentLine.objects.get(title="Lamp")


@pytest.fixture
def urls(order, lamps):
    number, shipment = order.number, lamps.shipment.number
    return {
        "detail": reverse("shop:order_detail", args=[number]),
        "receipt": reverse("shop:order_receipt", args=[number]),
        "again": reverse("shop:order_again", args=[number]),
        "cancel": reverse("shop:shipment_cancel", args=[number, shipment]),
        "cancel_line": reverse("shop:line_cancel", args=[number, shipment, 1]),
    }


@pytest.fixture
def shown(lamps):
    """`shown()` is what a form about the lamps' shipment is drawn for now."""
    return lambda: {"shown": mark_of(lamps.shipment_id)}


def again(buyer, order) -> dict:
    return {"form_key": new_form_key(user_id=buyer.pk, action="reorder", subject=order.pk)}


def status_of(client, urls, name) -> int:
    return (client.post if name == "again" else client.get)(urls[name]).status_code


WHO_SEES_WHAT = {
    "buyer": {"detail": 200, "receipt": 200, "again": 422, "cancel": 200, "cancel_line": 200},
    "stranger": {"detail": 404, "receipt": 404, "again": 404, "cancel": 404, "cancel_line": 404},
    "seller": {"detail": 404, "receipt": 404, "again": 404, "cancel": 404, "cancel_line": 404},
    "courier": {"detail": 404, "receipt": 404, "again": 403, "cancel": 404, "cancel_line": 404},
    "admin": {"detail": 200, "receipt": 200, "again": 403, "cancel": 200, "cancel_line": 200},
    None: {"detail": 302, "receipt": 302, "again": 302, "cancel": 302, "cancel_line": 302},
}


@pytest.mark.parametrize("who", WHO_SEES_WHAT)
def test_who_sees_what(request, client, urls, who):
    if who:
        client.force_login(request.getfixturevalue(who))

    assert {name: status_of(client, urls, name) for name in urls} == WHO_SEES_WHAT[who]


def test_the_order_tells_where_each_part_and_its_money_is(client, buyer, urls):
    client.force_login(buyer)

    page = client.get(urls["detail"]).content.decode()

    assert page.count('data-testid="shipment"') == 2
    assert "€75.00 is held" in page
    assert "€40.00 is held" in page
    assert page.count('data-testid="timeline"') == 2
    assert "Torstraße 1, 10119 Berlin" in page
    assert 'data-testid="order-held">€115.00' in page


def test_an_order_of_which_a_part_was_cancelled_says_so_where_its_state_stands(
    client, buyer, order, lamps, urls
):
    client.force_login(buyer)
    pages = (urls["detail"], reverse("shop:orders"))
    assert ["Partly cancelled" in client.get(page).content.decode() for page in pages] == [False, False]

    services.cancel_line(
        line_id=lamps.pk,
        quantity=1,
        actor=buyer,
        form_key=new_form_key(user_id=buyer.pk, action="cancel_line", subject=lamps.pk),
    )

    assert ["Partly cancelled" in client.get(page).content.decode() for page in pages] == [True, True]


def test_the_list_shows_orders_and_an_empty_one_says_what_to_do(client, buyer, stranger, order):
    client.force_login(buyer)
    page = client.get(reverse("shop:orders")).content.decode()
    assert page.count('data-testid="order-card"') == 1
    assert order.number in page

    client.force_login(stranger)
    assert "No orders yet" in client.get(reverse("shop:orders")).content.decode()


def test_the_list_goes_on_with_htmx_and_without(client, buyer, order, goods, fill_cart, check_out, fund):
    fund(buyer, 100_000)
    for _ in range(10):
        fill_cart(buyer, {goods(): 1})
        check_out(buyer)
    client.force_login(buyer)

    first = client.get(reverse("shop:orders")).content.decode()
    more = first.split('data-testid="more"')[0].rsplit('href="', 1)[1].split('"')[0]
    rest = client.get(more).content.decode()
    part = client.get(more, headers={"HX-Request": "true"}).content.decode()

    assert first.count('data-testid="order-card"') == 10
    assert rest.count('data-testid="order-card"') == part.count('data-testid="order-card"') == 1
    assert "<html" in rest
    assert "<html" not in part


@pytest.mark.parametrize("after", ["nonsense", "a\x00b", "9" * 500, "%ED%A0%80", "-1", "' OR 1=1"])
def test_garbage_in_the_address_breaks_nothing(client, buyer, order, after):
    client.force_login(buyer)

    assert client.get(reverse("shop:orders"), {"after": after}).status_code == 200
    assert client.get(f"{reverse('shop:orders')}?after=%ED%A0%80").status_code == 200


def test_unknown_numbers_are_not_found(client, buyer, order):
    client.force_login(buyer)

    assert client.get("/orders/nothing/").status_code == 404
    assert (
        client.get(
            f"/orders/{order.number}/shipments/{order.shipments.first().number}/lines/{10**30}/cancel/"
        ).status_code
        == 404
    )
    assert client.get(f"/orders/{order.number}/shipments/nothing/cancel/").status_code == 404


@pytest.mark.every_database
def test_a_line_of_another_order_is_not_found(client, buyer, order, goods, fill_cart, check_out):
    fill_cart(buyer, {goods(): 1})
    other = ShipmentLine.objects.get(shipment__order=check_out(buyer))
    client.force_login(buyer)

    assert (
        client.get(reverse("shop:line_cancel", args=[order.number, other.shipment.number, 1])).status_code
        == 404
    )


def test_a_shipment_is_cancelled_after_being_asked(client, buyer, order, lamps, urls, shown):
    client.force_login(buyer)
    assert "€75.00 goes back" in client.get(urls["cancel"]).content.decode()

    response = client.post(urls["cancel"], {"reason": "", **shown()})

    assert (response.status_code, response.url) == (303, urls["detail"])
    page = client.get(urls["detail"]).content.decode()
    assert "€75.00 went back to the wallet." in page
    assert 'data-testid="order-total">€40.00' in page
    assert wallet_of(buyer.pk).held_balance == 4000


def test_some_pieces_are_cancelled(client, buyer, lamps, urls, shown):
    client.force_login(buyer)
    key = new_form_key(user_id=buyer.pk, action="cancel_line", subject=lamps.pk)

    form = {"quantity": "2", "reason": "", "form_key": key, **shown()}
    for _ in range(2):
        response = client.post(urls["cancel_line"], form)
        assert response.status_code == 303

    lamps.refresh_from_db()
    assert lamps.cancelled_quantity == 2
    assert "2 cancelled" in client.get(urls["detail"]).content.decode()


@pytest.mark.parametrize("quantity", ["0", "4", "abc", "1e1", "", "9" * 40])
def test_a_quantity_that_cannot_be_stays_typed(client, buyer, lamps, urls, shown, quantity):
    client.force_login(buyer)
    key = new_form_key(user_id=buyer.pk, action="cancel_line", subject=lamps.pk)

    response = client.post(
        urls["cancel_line"], {"quantity": quantity, "reason": "Typed", "form_key": key, **shown()}
    )

    page = response.content.decode()
    assert response.status_code == 422
    assert 'value="Typed"' in page
    lamps.refresh_from_db()
    assert lamps.cancelled_quantity == 0


def test_cancelling_without_a_form_key_does_nothing(client, buyer, lamps, urls, shown):
    client.force_login(buyer)

    assert client.post(urls["cancel_line"], {"quantity": "1", **shown()}).status_code == 422
    assert wallet_of(buyer.pk).held_balance == 11_500


def test_after_the_pick_up_the_page_says_so_and_nothing_moves(client, buyer, lamps, urls, shown, walk):
    walk(lamps.shipment, "processing", "shipped")
    client.force_login(buyer)

    response = client.post(urls["cancel"], {"reason": "", **shown()})

    assert response.status_code == 409
    assert "on its way" in response.content.decode()
    assert wallet_of(buyer.pk).held_balance == 11_500
    assert client.get(urls["detail"]).content.decode().count('data-testid="cancel-shipment"') == 1


def test_staff_must_say_why(client, admin, lamps, urls, shown):
    client.force_login(admin)

    assert client.post(urls["cancel"], {"reason": "", **shown()}).status_code == 422
    assert client.post(urls["cancel"], {"reason": "Recalled", **shown()}).status_code == 303

    assert Shipment.objects.get(pk=lamps.shipment_id).status == "cancelled"


def test_buying_again_fills_the_cart_and_says_what_is_missing(client, buyer, order, urls, change):
    change(Product.objects.get(title="Chair"), status=ListingStatus.PAUSED)
    client.force_login(buyer)

    response = client.post(urls["again"], again(buyer, order), follow=True)

    # Three lamps were bought of five, so two are left.
    assert CartLine.objects.get().quantity == 2
    page = response.content.decode()
    assert "1 product is in your cart." in page
    assert "“Chair” cannot be bought right now." in page
    assert "“Lamp”: your cart has 2 now" in page


@pytest.mark.every_database
def test_buying_again_sent_twice_fills_the_cart_once(client, buyer, order, urls):
    client.force_login(buyer)
    form = again(buyer, order)

    for _ in range(2):
        response = client.post(urls["again"], form, follow=True)

    assert dict(CartLine.objects.values_list("variant__product__title", "quantity")) == {
        "Lamp": 2,
        "Chair": 1,
    }
    assert "This is in your cart already." in response.content.decode()


def test_buying_again_without_its_forms_key_adds_nothing(client, buyer, order, urls):
    client.force_login(buyer)

    assert client.post(urls["again"]).status_code == 422
    assert not CartLine.objects.exists()


def test_the_page_of_an_order_carries_the_key_for_buying_again(client, buyer, order, urls):
    client.force_login(buyer)
    page = client.get(urls["detail"]).content.decode()
    again_url = urls["again"]
    form = re.search(f'action="{again_url}">(.*?)</form>', page, re.DOTALL)[1]
    key = re.search(r'name="form_key" value="([^"]*)"', form)[1]

    assert client.post(urls["again"], {"form_key": key}).status_code == 303


@pytest.mark.every_database
def test_buying_again_adds_to_what_is_there(client, buyer, order, urls, fill_cart):
    fill_cart(buyer, {Product.objects.get(title="Lamp"): 1})
    client.force_login(buyer)

    client.post(urls["again"], again(buyer, order))

    assert dict(CartLine.objects.values_list("variant__product__title", "quantity")) == {
        "Lamp": 2,
        "Chair": 1,
    }


def test_drawing_receipts_is_limited_a_person(client, buyer, order, urls, settings):
    """One takes a processor a fifth of a second."""
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"receipt": (2, 60)}
    client.force_login(buyer)

    assert [client.get(urls["receipt"]).status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize(("who", "says"), [("buyer", True), ("admin", False)])
def test_staff_read_where_it_goes_in_the_back_office_only_where_it_is_written_down(
    request, client, urls, monkeypatch, who, says
):
    client.force_login(request.getfixturevalue(who))
    drawn = []
    monkeypatch.setattr(receipts, "_line", lambda pdf, text, **look: drawn.append(text))

    client.get(urls["receipt"])
    page = client.get(urls["detail"]).content.decode()

    assert ("Torstraße 1, 10119 Berlin" in drawn) == ("Torstraße 1, 10119 Berlin" in page) == says


def test_the_receipt_is_a_private_pdf(client, buyer, order, urls):
    client.force_login(buyer)

    response = client.get(urls["receipt"])

    assert response["Content-Type"] == "application/pdf"
    assert f"receipt-{order.number}.pdf" in response["Content-Disposition"]
    assert "no-store" in response["Cache-Control"]
    assert response.content.startswith(b"%PDF")


def test_the_list_says_what_stands_and_what_went_back(client, buyer, lamps, urls, shown):
    client.force_login(buyer)
    key = new_form_key(user_id=buyer.pk, action="cancel_line", subject=lamps.pk)
    client.post(urls["cancel_line"], {"quantity": "2", "form_key": key, **shown()})
    view = order_view(lamps.shipment.order)

    page = client.get(reverse("shop:orders")).content.decode()

    assert view.given_back
    assert f'data-testid="order-card-total">{format_money(view.total_now)}<' in page
    assert f"{format_money(view.given_back)} of it went back to your wallet." in page


@pytest.mark.parametrize(("role", "status"), [(Role.DELIVERY, 200), (Role.ADMIN, 403)])
def test_staff_have_no_list_and_couriers_that_of_before(client, person, role, status):
    client.force_login(person(role))

    assert client.get(reverse("shop:orders")).status_code == status


@pytest.mark.every_database
def test_an_order_strikes_no_price_through(client, buyer, order, urls):
    """A struck-through price needs the lowest of 30 days beside it (98/6/EC); an order is no offer."""
    ShipmentLine.objects.filter(title="Lamp").update(list_price=3000)
    client.force_login(buyer)

    page = client.get(urls["detail"]).content.decode()

    assert "<s>" not in page
    assert "<s " not in page


def test_a_busy_database_leaves_the_cancel_form_with_its_key_so_that_it_counts_once(
    buyer, as_person, urls, shown, lamps, monkeypatch
):
    client = as_person(buyer)
    key = new_form_key(user_id=buyer.pk, action="cancel_line", subject=lamps.pk)
    form = {"quantity": "2", "reason": "", "form_key": key, **shown()}

    def refuse(**_kwargs):
        raise Busy("The store is very busy right now. Please try again.")

    with monkeypatch.context() as patch:
        patch.setattr(services, "cancel_line", refuse)
        response = client.post(urls["cancel_line"], form)

    assert response.status_code == 503
    assert f'value="{key}"' in response.content.decode()
    for _ in range(2):
        assert client.post(urls["cancel_line"], form).status_code == 303
    lamps.refresh_from_db()
    assert lamps.cancelled_quantity == 2
