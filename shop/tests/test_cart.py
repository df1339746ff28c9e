"""The cart's pages, for visitors and for accounts."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from marketplace.accounts.models import Role
from marketplace.common import clock
from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import Busy
from marketplace.common.idempotency import new_form_key
from marketplace.orders.models import Cart, CartLine
from marketplace.orders.selectors import cart_count
from marketplace.orders.services import CartRef
from marketplace.products.models import Product, Variant
from marketplace.products.services import change_price, create_discount, refresh_prices
from marketplace.products.states import ListingStatus

HTMX = {"HX-Request": "true"}


@pytest.fixture
def lamp(goods, seller):
    return goods(seller, title="Lamp", price=1999, stock=5)


def key_of(client, product) -> str:
    """A form key as the product's page draws it for whoever looks."""
    user = client.session.get("_auth_user_id")
    return new_form_key(user_id=int(user) if user else None, action="cart_add", subject=product.pk)


def add(client, product, quantity=1, key="", **options):
    form = {"product": product.pk, "quantity": quantity, "form_key": key or key_of(client, product)}
    return client.post(reverse("shop:cart_add"), form, **options)


def change(client, line, quantity, **options):
    return client.post(reverse("shop:cart_change"), {"line": line, "quantity": quantity}, **options)


@pytest.mark.every_database
def test_a_visitors_cart_lives_in_a_signed_cookie_that_scripts_cannot_read(client, lamp):
    response = add(client, lamp, 2)

    assert response.status_code == 303
    assert response.url == reverse("shop:cart")
    cookie = response.cookies["cart"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert Cart.objects.get().token_hash not in cookie.value
    page = client.get(reverse("shop:cart")).content.decode()
    assert "Lamp" in page
    assert "€39.98" in page


def test_a_tampered_cookie_is_an_empty_cart(client, lamp):
    add(client, lamp)
    client.cookies["cart"] = client.cookies["cart"].value[:-1] + "x"

    assert "Your cart is empty" in client.get(reverse("shop:cart")).content.decode()


def test_a_visit_without_a_cart_sets_no_cookie_and_asks_nothing(client, db, django_assert_num_queries):
    client.get(reverse("shop:cart"))  # the header's categories are in memory from here on
    with django_assert_num_queries(0):
        response = client.get(reverse("shop:cart"))

    assert "cart" not in response.cookies


def test_signing_in_brings_the_cart_along(client, buyer, lamp):
    add(client, lamp, 2)

    response = client.post(
        reverse("account_login"), {"login": buyer.email, "password": "correct horse battery staple"}
    )

    assert response.status_code == 302
    assert cart_count(CartRef(user_id=buyer.pk)) == 2
    assert Cart.objects.count() == 1
    assert client.cookies["cart"].value == ""


def test_htmx_gets_a_word_and_the_new_count(client, buyer, lamp):
    client.force_login(buyer)

    response = add(client, lamp, 3, headers=HTMX)

    page = response.content.decode()
    assert response.status_code == 200
    assert response["HX-Reswap"] == "none"
    assert 'id="cart-link"' in page
    assert ">3</span>" in page
    assert "In your cart: 3 × Lamp." in page


def test_a_change_by_htmx_answers_with_the_cart_and_the_count(client, buyer, lamp):
    client.force_login(buyer)
    add(client, lamp)

    response = change(client, CartLine.objects.get().pk, 4, headers=HTMX)

    page = response.content.decode()
    assert "<html" not in page
    assert "€79.96" in page
    assert 'hx-swap-oob="true"' in page


def test_a_change_without_javascript_comes_back_to_the_cart(client, buyer, lamp):
    client.force_login(buyer)
    add(client, lamp)

    response = change(client, CartLine.objects.get().pk, 4)

    assert (response.status_code, response.url) == (303, reverse("shop:cart"))
    assert CartLine.objects.get().quantity == 4


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
@pytest.mark.parametrize("typed", ["6", "0", "100", "abc", "1_0", "٣", ""])
@pytest.mark.every_database
def test_a_quantity_that_cannot_be_stays_typed_with_the_reason_beside_it(client, buyer, lamp, typed, headers):
    client.force_login(buyer)
    add(client, lamp, 2)
    line = CartLine.objects.get()

    response = change(client, line.pk, typed, headers=headers)

    page = response.content.decode()
    assert response.status_code == 422
    assert f'value="{typed}"' in page
    assert 'data-testid="line-error"' in page
    line.refresh_from_db()
    assert line.quantity == 2


def test_a_line_goes_and_its_going_twice_is_fine(client, buyer, lamp):
    client.force_login(buyer)
    add(client, lamp)
    line = CartLine.objects.get().pk

    for _ in range(2):
        assert client.post(reverse("shop:cart_remove"), {"line": line}).status_code == 303

    assert not CartLine.objects.exists()


@pytest.mark.every_database
def test_a_rise_is_shown_and_accepted_as_shown(client, buyer, lamp, variant_of):
    client.force_login(buyer)
    add(client, lamp)
    Variant.objects.update(price=2500, current_price=2500)

    page = client.get(reverse("shop:cart")).content.decode()
    assert 'data-testid="accept-prices"' in page
    assert 'data-testid="to-checkout"' not in page
    client.post(reverse("shop:cart_accept"), {"price": f"{variant_of(lamp).pk}:2500"})

    assert 'data-testid="to-checkout"' in client.get(reverse("shop:cart")).content.decode()


def test_accepting_leads_back_to_the_checkout_but_never_out_of_the_store(client, buyer, lamp):
    client.force_login(buyer)
    add(client, lamp)

    assert client.post(reverse("shop:cart_accept"), {"next": "/checkout/"}).url == "/checkout/"
    assert client.post(reverse("shop:cart_accept"), {"next": "https://evil.example/"}).url == reverse(
        "shop:cart"
    )


@pytest.mark.every_database
def test_a_drop_and_what_does_not_count_are_shown(client, buyer, lamp, goods, seller):
    client.force_login(buyer)
    gone, paused = goods(seller), goods(seller)
    for product in (lamp, gone, paused):
        add(client, product)
    Variant.objects.filter(product=lamp).update(price=1000, current_price=1000)
    Variant.objects.filter(product=gone).update(stock=0)
    Product.objects.filter(pk=paused.pk).update(status=ListingStatus.PAUSED)

    page = client.get(reverse("shop:cart")).content.decode()

    assert page.count('data-testid="line-dropped"') == 1
    assert page.count('data-testid="line-off"') == 2
    assert 'data-testid="cart-total">€10.00' in page


@pytest.mark.parametrize("role", [Role.DELIVERY, Role.ADMIN, Role.SUPERADMIN])
def test_couriers_and_staff_have_no_cart(client, person, lamp, role):
    client.force_login(person(role))

    assert client.get(reverse("shop:cart")).status_code == 403
    for name in ("cart_add", "cart_change", "cart_remove", "cart_accept"):
        assert client.post(reverse(f"shop:{name}"), {"product": lamp.pk}).status_code == 403

    assert not Cart.objects.exists()


def test_sellers_buy_from_others_but_not_from_themselves(client, seller, other_seller, lamp, goods):
    client.force_login(seller)

    assert add(client, lamp).status_code == 409
    assert not CartLine.objects.exists()
    assert add(client, goods(other_seller)).status_code == 303


@pytest.mark.parametrize("name", ["cart_add", "cart_change", "cart_remove", "cart_accept"])
def test_changes_need_a_post(client, db, name):
    assert client.get(reverse(f"shop:{name}")).status_code == 405


GARBAGE = ["", "abc", "-1", "1e3", "9" * 30, "1\x00", "١"]


@pytest.mark.parametrize("value", GARBAGE)
def test_garbage_is_refused_and_never_breaks(client, buyer, lamp, value):
    client.force_login(buyer)
    add(client, lamp)

    answers = [
        client.post(reverse("shop:cart_add"), {"product": value, "quantity": "1"}),
        client.post(reverse("shop:cart_add"), {"product": lamp.pk, "quantity": value or "x"}),
        client.post(reverse("shop:cart_change"), {"line": value, "quantity": "1"}),
        client.post(reverse("shop:cart_change"), {"line": CartLine.objects.get().pk, "quantity": value}),
        client.post(reverse("shop:cart_remove"), {"line": value}),
        client.post(reverse("shop:cart_accept"), {"price": value, "next": value}),
    ]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 422, 303, 303]
    assert CartLine.objects.get().quantity == 1


def test_half_a_character_is_refused(client, buyer):
    client.force_login(buyer)

    response = client.post(
        reverse("shop:cart_add"),
        "product=%ED%A0%80&quantity=%ED%A0%80",
        content_type="application/x-www-form-urlencoded",
    )

    assert response.status_code == 422


@pytest.mark.every_database
@pytest.mark.parametrize("typed", ["6", "100", "abc", "0"])
def test_without_a_script_what_was_typed_stays_on_the_products_page(client, buyer, lamp, typed):
    client.force_login(buyer)

    answer = add(client, lamp, typed)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'value="{typed}"' in page
    assert 'data-testid="add-error"' in page
    assert f'{reverse("shop:product", args=[lamp.slug])}"' in page.split('rel="canonical"')[1].split(">")[0]
    assert not CartLine.objects.exists()


def test_what_has_just_been_sold_out_is_said_on_the_products_page(client, buyer, lamp):
    client.force_login(buyer)
    Variant.objects.filter(product=lamp).update(stock=0)

    answer = add(client, lamp)

    assert answer.status_code == 409
    assert 'data-testid="add-error"' in answer.content.decode()
    assert 'data-testid="sold-out"' in answer.content.decode()


def test_what_is_not_for_sale_any_more_has_no_page_to_go_back_to(client, buyer, lamp):
    client.force_login(buyer)
    Product.objects.filter(pk=lamp.pk).update(status=ListingStatus.PAUSED)

    answer = add(client, lamp)

    assert answer.status_code == 409
    assert "This is not for sale at the moment." in answer.content.decode()
    assert "Your cart is empty" in answer.content.decode()


def test_htmx_hears_in_a_word_why_it_was_not_added(client, buyer, lamp):
    client.force_login(buyer)

    answer = add(client, lamp, 6, headers=HTMX)

    assert (answer.status_code, answer["HX-Retarget"]) == (422, "#messages")
    assert "Only 5 are left." in answer.content.decode()


@pytest.mark.every_database
@pytest.mark.parametrize("signed_in", [True, False])
def test_a_form_that_is_sent_twice_adds_once(client, buyer, lamp, signed_in):
    if signed_in:
        client.force_login(buyer)
    key = key_of(client, lamp)

    for _ in range(2):
        assert add(client, lamp, 2, key).status_code == 303

    assert CartLine.objects.get().quantity == 2
    assert add(client, lamp, 3, key).status_code == 422  # the same form says something else
    assert CartLine.objects.get().quantity == 2


@pytest.mark.parametrize("key", ["", "forged", "of another product"])
def test_without_the_key_of_its_form_nothing_is_added(client, buyer, lamp, goods, key):
    client.force_login(buyer)
    sent = key_of(client, goods()) if key == "of another product" else key
    form = {"product": lamp.pk, "quantity": 2, "form_key": sent}

    answer = client.post(reverse("shop:cart_add"), form)

    assert answer.status_code == 422
    assert 'value="2"' in answer.content.decode()
    assert not CartLine.objects.exists()


def test_the_next_click_on_a_page_that_stays_counts_anew(client, buyer, lamp):
    """With HTMX the form stays where it is: the answer brings its next key."""
    client.force_login(buyer)
    page = client.get(reverse("shop:product", args=[lamp.slug])).content.decode()

    for _ in range(2):
        key = re.search(r'id="add-key"\s+value="([^"]+)"', page)[1]
        page = add(client, lamp, 1, key, headers=HTMX).content.decode()

    assert CartLine.objects.get().quantity == 2
    assert 'hx-swap-oob="true"' in page.split('id="add-key"')[1].split(">")[0]


def test_a_busy_store_keeps_the_key_of_the_form(client, buyer, lamp, monkeypatch):
    def busy(**_given):
        raise Busy("The store is very busy right now. Please try again.")

    client.force_login(buyer)
    key = key_of(client, lamp)
    monkeypatch.setattr("marketplace.orders.services.add_to_cart", busy)

    answer = add(client, lamp, 2, key)

    assert answer.status_code == 503
    assert f'value="{key}"' in answer.content.decode()


@pytest.mark.every_database
@pytest.mark.parametrize("name", ["cart_change", "cart_remove"])
def test_a_line_of_somebody_elses_cart_is_not_there(client, as_person, buyer, stranger, lamp, name):
    add(as_person(stranger), lamp, 2)
    line = CartLine.objects.get()
    visitor, mine = client, as_person(buyer)
    add(mine, lamp, 1)

    for who in (visitor, mine):
        assert who.post(reverse(f"shop:{name}"), {"line": line.pk, "quantity": "1"}).status_code == 404

    line.refresh_from_db()
    assert line.quantity == 2


def test_too_many_changes_have_to_wait(client, buyer, lamp, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"cart": (2, 60)}
    client.force_login(buyer)

    answers = [add(client, lamp) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert int(answers[2]["Retry-After"]) > 0
    assert CartLine.objects.get().quantity == 2


@pytest.mark.parametrize(("options", "most"), [({}, 9), ({"headers": HTMX}, 9)], ids=["plain", "htmx"])
def test_adding_takes_few_statements_however_full_the_cart(
    client, buyer, goods, options, most, django_assert_max_num_queries
):
    client.force_login(buyer)
    add(client, goods())
    for count in (1, 20):
        for _ in range(count):
            add(client, goods())
        product = goods()
        key = key_of(client, product)
        with django_assert_max_num_queries(most):
            add(client, product, key=key, **options)


def test_the_first_thing_ever_takes_ten_statements(client, buyer, lamp, django_assert_max_num_queries):
    client.force_login(buyer)

    key = key_of(client, lamp)
    with django_assert_max_num_queries(10):
        assert add(client, lamp, key=key).status_code == 303


def test_the_cart_page_takes_five_statements_however_full(
    client, buyer, goods, django_assert_max_num_queries
):
    client.force_login(buyer)
    for count in (1, 20):
        for _ in range(count):
            add(client, goods())
        client.get(reverse("shop:cart"))  # the header's categories are in memory from here on
        with django_assert_max_num_queries(5):
            assert client.get(reverse("shop:cart")).status_code == 200


@pytest.mark.parametrize("is_swept", [True, False])
def test_a_reduced_price_stands_beside_the_lowest_of_30_days(
    client, buyer, lamp, variant_of, is_swept, time_machine
):
    now = clock.now()
    time_machine.move_to(now, tick=False)
    change_price(variant_id=variant_of(lamp).pk, price=2500, actor=SYSTEM)
    create_discount(
        product_id=lamp.pk,
        percent_bps=3000,
        starts_at=now + timedelta(hours=1),
        ends_at=now + timedelta(hours=2),
        actor=SYSTEM,
    )
    client.force_login(buyer)
    add(client, lamp)
    time_machine.move_to(now + timedelta(hours=1), tick=False)
    if is_swept:
        refresh_prices(clock.now())

    page = client.get(reverse("shop:cart")).content.decode()

    assert '<s class="price-was">€19.99</s>' in page
    assert "Lowest price of the 30 days before" in page
    assert "€17.50" in page
