"""A product with options: which variant its page shows, and that exactly this one is put into the cart."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from marketplace.common.idempotency import new_form_key
from marketplace.orders.models import CartLine

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def page_of(product, **chosen) -> str:
    query = "&".join(f"{name}={value}" for name, value in chosen.items())
    return reverse("shop:product", args=[product.slug]) + (f"?{query}" if query else "")


def add(client, product, **form):
    """Send the form of a visitor's product page."""
    key = new_form_key(user_id=None, action="cart_add", subject=product.pk)
    return client.post(reverse("shop:cart_add"), {"product": product.pk, "form_key": key, **form})


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def part_of(html: str, test_id: str) -> str:
    """The text of the first element with this test id, up to its end tag (none of them nests its own kind)."""
    tag = re.search(rf'<(\w+)[^>]*data-testid="{test_id}"', html)
    return text_of(html[tag.start() :].split(f"</{tag[1]}>")[0])


def checked(html: str) -> dict[str, str]:
    """What the radio buttons say is chosen: name → value."""
    inputs = re.findall(r"<input[^>]*type=\"radio\"[^>]*>", html)
    return {
        re.search(r'name="([^"]*)"', each)[1]: re.search(r'value="([^"]*)"', each)[1]
        for each in inputs
        if "checked" in each
    }


def structured(html: str) -> dict:
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html)[1])


@pytest.mark.every_database
def test_the_cheapest_that_can_be_had_is_chosen_at_first(client, shirt):
    html = client.get(page_of(shirt)).content.decode()

    assert checked(html) == {"option1": "S", "option2": "Red"}
    assert part_of(html, "price") == "Price €20.00"
    assert "Only 3 left" in part_of(html, "stock")


@pytest.mark.parametrize(
    ("chosen", "is_chosen", "price", "stock"),
    [
        ({"option1": "M", "option2": "Blue"}, ("M", "Blue"), "Price €22.00", "In stock"),
        ({"option1": "l"}, ("L", "Red"), "Price €25.00", "Only 4 left"),
        ({"option2": "Blue"}, ("S", "Blue"), "Price €20.00", "Only 2 left"),
        ({"option1": "M", "option2": "Red"}, ("M", "Red"), "Price €22.00", "Sold out"),
        ({"option1": "XXL", "option2": "Blue"}, ("S", "Blue"), "Price €20.00", "Only 2 left"),
        ({"option1": "XXL", "option2": "Mauve", "option3": "?"}, ("S", "Red"), "Price €20.00", "Only 3 left"),
        ({"option1": "L", "option2": "Blue"}, ("L", "Blue"), "Price from €20.00", "Not made"),
        ({"option1": "M" * 500}, ("S", "Red"), "Price €20.00", "Only 3 left"),
    ],
)
def test_an_address_can_be_shared(client, shirt, chosen, is_chosen, price, stock):
    html = client.get(page_of(shirt, **chosen)).content.decode()

    assert checked(html) == dict(zip(("option1", "option2"), is_chosen, strict=True))
    assert part_of(html, "price") == price
    assert part_of(html, "stock") == stock
    assert f'rel="canonical" href="http://localhost:8000{page_of(shirt)}"' in html


def test_what_cannot_be_had_says_so_at_its_button_and_in_words(client, shirt):
    html = client.get(page_of(shirt, option1="M", option2="Red")).content.decode()

    assert part_of(html, "option1") == "Size S M sold out L"
    assert part_of(html, "option2") == "Colour Red sold out Blue"
    assert part_of(html, "choice-said") == "Size: M · Colour: Red is sold out. Please choose another one."
    assert 'name="quantity"' not in html

    html = client.get(page_of(shirt, option1="L", option2="Blue")).content.decode()
    assert part_of(html, "option1") == "Size S M L not made"
    assert part_of(html, "option2") == "Colour Red Blue not made"
    assert part_of(html, "choice-said") == "Size: L · Colour: Blue is not made. Please choose another one."
    assert 'name="quantity"' not in html


@pytest.mark.every_database
def test_what_is_chosen_is_what_is_put_into_the_cart(client, shirt, variant_of):
    assert add(client, shirt, quantity="2", option1="M", option2="Blue").url == reverse("shop:cart")

    line = CartLine.objects.get()
    assert (line.variant, line.quantity, line.price_seen) == (variant_of(shirt, "M", "Blue"), 2, 2_200)
    cart = client.get(reverse("shop:cart")).content.decode()
    assert part_of(cart, "options") == "Size: M · Colour: Blue"


@pytest.mark.parametrize(
    ("size", "colour", "said"),
    [
        ("M", "Red", "“Linen shirt (M / Red)” is sold out."),
        ("L", "Blue", "This is not for sale at the moment."),
        ("XXL", "Blue", "This is not for sale at the moment."),
        ("", "", "This is not for sale at the moment."),
    ],
)
def test_what_cannot_be_had_is_not_put_into_the_cart(client, shirt, size, colour, said):
    answer = add(client, shirt, option1=size, option2=colour)

    assert answer.status_code == 409
    assert said in answer.content.decode()
    assert not CartLine.objects.exists()


def test_without_javascript_a_button_leads_to_the_page_of_the_choice(client, shirt):
    form = {"product": shirt.pk, "option1": "M", "option2": "Blue", "show": "1", "quantity": "x"}

    answer = client.post(reverse("shop:cart_add"), form)

    assert (answer.status_code, answer.url) == (303, page_of(shirt, option1="M", option2="Blue"))
    assert not CartLine.objects.exists()
    gone = client.post(reverse("shop:cart_add"), form | {"product": "999999"})
    assert (gone.status_code, gone.url) == (303, reverse("shop:cart"))


def test_htmx_swaps_what_a_choice_changes_and_pushes_its_address(client, shirt):
    answer = client.get(page_of(shirt, option1="M", option2="Blue", quantity=3), headers=HTMX)

    html = answer.content.decode()
    assert answer["HX-Push-Url"] == page_of(shirt, option1="M", option2="Blue")
    assert "HX-Request" in answer["Vary"]
    assert "<html" not in html
    assert "product-about" not in html
    assert part_of(html, "price") == "Price €22.00"
    assert re.search(r'name="quantity"\s+value="3"', html)
    assert part_of(html, "choice-said") == "Size: M · Colour: Blue: €22.00, in stock"
    assert 'id="gallery"' not in html  # no variant has a picture of its own


def test_machines_read_the_offers_of_all_variants(client, shirt):
    about = structured(client.get(page_of(shirt, option1="M")).content.decode())

    assert (about["@type"], about["url"]) == ("ProductGroup", f"http://localhost:8000{page_of(shirt)}")
    assert about["variesBy"] == ["https://schema.org/size", "https://schema.org/color"]
    offered = {each["sku"]: each for each in about["hasVariant"]}
    assert len(offered) == 5
    first, sold_out = offered["SHIRT-S-RED"], offered["SHIRT-M-RED"]
    assert (first["gtin"], first["size"], first["color"]) == ("4006381333931", "S", "Red")
    assert first["offers"]["url"].endswith("?option1=S&option2=Red")
    assert sold_out["offers"]["availability"] == "https://schema.org/OutOfStock"
    assert sold_out["offers"]["price"] == "22.00"


def test_a_product_without_options_has_nothing_to_choose(client, make_product):
    html = client.get(page_of(make_product(title="Lamp"), option1="M")).content.decode()

    assert 'type="radio" id="option' not in html
    assert "choice-said" not in html
    assert "Show this choice" not in html
    assert structured(html)["@type"] == "Product"


def test_choosing_and_adding_take_few_statements(client, shirt, django_assert_max_num_queries):
    client.get(page_of(shirt))
    with django_assert_max_num_queries(3):
        client.get(page_of(shirt, option1="M"))
    add(client, shirt, option1="M", option2="Blue")
    with CaptureQueriesContext(connection) as statements:
        assert add(client, shirt, option1="S", option2="Blue").status_code == 303
    counted = [
        query["sql"] for query in statements if not re.match("(SAVEPOINT|RELEASE|BEGIN|COMMIT)", query["sql"])
    ]
    assert len(counted) <= 8, counted
