"""The table of own listings, price and stock in its rows, many at once, one listing's page."""

import pytest
from django.urls import reverse

from marketplace.common.idempotency import new_form_key
from marketplace.products.models import ListingEvent, Product, Variant
from marketplace.products.selectors import own_listing
from marketplace.products.services import NewVariant
from marketplace.products.states import ListingStatus

pytestmark = pytest.mark.usefixtures("books_balance")
TABLE = "/seller/listings/"


@pytest.fixture
def mine(client, seller):
    """The seller's browser."""
    client.force_login(seller)
    return client


def titles(answer) -> list[str]:
    return [row.title for row in answer.context["page"].rows]


def url(name: str, product, *more) -> str:
    return reverse(f"seller_dashboard:{name}", args=[product.slug, *more])


def pick(seller, *products) -> list[str]:
    return [f"{row.pk}.{own_listing(seller, row.slug).mark}" for row in products]


@pytest.fixture
def shirt(make_product):
    return make_product(
        title="Shirt",
        options=[("Size", ["S", "M", "L"])],
        variants=[
            NewVariant(1500, 9, ("S",), sku="SH-S"),
            NewVariant(1700, 2, ("M",), sku="SH-M"),
            NewVariant(1700, 0, ("L",), sku="SH-L"),
        ],
    )


def test_a_new_shop_is_told_what_will_be_here(mine):
    page = mine.get(TABLE).content.decode()

    assert "You have no listings yet" in page


def test_a_row_says_what_there_is(mine, shirt, other_seller, make_product):
    make_product(seller=other_seller, title="Not mine")

    answer = mine.get(TABLE)
    page = answer.content.decode()

    assert titles(answer) == ["Shirt"]
    assert "€15.00" in page
    assert "€17.00" in page
    assert "11 in stock · 3 variants" in page
    assert "2 with few left" in page
    assert "Live" in page


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", ["Draft", "Shirt", "Lamp", "Chair"]),
        ("q=SHI", ["Shirt"]),
        ("q=sh-m", ["Shirt"]),
        ("q=sh+sh-s", ["Shirt"]),
        ("q=lamp+shirt", []),
        ("q=nothing", []),
        ("q=%25", []),
        ("q=---", []),
        ("status=draft", ["Draft"]),
        ("status=nonsense", ["Draft", "Shirt", "Lamp", "Chair"]),
        ("stock=out", ["Chair"]),
        ("stock=low", ["Shirt", "Chair"]),
        ("sort=title", ["Chair", "Draft", "Lamp", "Shirt"]),
        ("sort=price", ["Chair", "Lamp", "Draft", "Shirt"]),
        ("sort=price-desc", ["Shirt", "Draft", "Lamp", "Chair"]),
        ("sort=oldest", ["Chair", "Lamp", "Shirt", "Draft"]),
        ("stock=low&status=live&sort=title&q=sh", ["Shirt"]),
        ("after=nonsense", ["Draft", "Shirt", "Lamp", "Chair"]),
    ],
)
@pytest.mark.every_database
def test_it_is_searched_filtered_and_sorted(mine, make_product, category, asked, found):
    make_product(title="Chair", price=500, stock=0)
    make_product(title="Lamp", price=900, stock=50)
    make_product(
        title="Shirt",
        options=[("Size", ["S", "M"])],
        variants=[NewVariant(1500, 9, ("S",), sku="SH-S"), NewVariant(1700, 2, ("M",), sku="SH-M")],
    )
    make_product(title="Draft", price=1000, stock=50, status=ListingStatus.DRAFT)

    assert titles(mine.get(f"{TABLE}?{asked}")) == found


@pytest.mark.parametrize("sort", ["newest", "oldest", "title", "price", "price-desc"])
@pytest.mark.every_database
def test_pages_show_each_listing_once(mine, seller, make_product, monkeypatch, sort):
    from marketplace.products.selectors import OwnQuery, own_page

    for number in range(7):
        make_product(title=f"Thing {number % 3}", price=100 * (number % 2) + 100)
    seen, after = [], ""
    while True:
        page = own_page(seller, OwnQuery(sort=sort), after=after, size=2)
        seen += [row.id for row in page.rows]
        after = page.next_after
        if not after:
            break

    assert seen == [row.id for row in own_page(seller, OwnQuery(sort=sort), size=50).rows]
    assert len(set(seen)) == 7


@pytest.mark.parametrize("number", [1, 30])
@pytest.mark.every_database
def test_the_table_costs_eight_queries(mine, make_product, number, django_assert_num_queries):
    """Who asks (2), the rows, their variants (2), their open edits, open orders, the header's numbers."""
    for _ in range(number):
        make_product()

    with django_assert_num_queries(8):
        mine.get(TABLE)


def test_the_next_page_comes_by_itself(mine, make_product):
    for number in range(27):
        make_product(title=f"Thing {number}")

    first = mine.get(TABLE)
    rest = mine.get(first.context["more_url"], headers={"HX-Request": "true"})

    assert len(titles(first)) == 25
    assert titles(rest) == ["Thing 1", "Thing 0"]
    assert b"<h1" not in rest.content


# --- price and stock -----------------------------------------------------------------------------


@pytest.fixture
def offer(product, variant_of, mine):
    """`offer("price", price="15")`: what the form of the product's only variant is answered with."""
    variant = variant_of(product)

    def send(what: str, **said):
        if what == "stock":
            said.setdefault(
                "form_key", new_form_key(user_id=product.seller_id, action="stock", subject=variant.pk)
            )
        return mine.post(url(f"offer_{what}", product, variant.pk), said)

    return send


def test_a_price_counts_at_once(offer, product, variant_of):
    answer = offer("price", price="15.50", next=f"{TABLE}?q=lamp")

    assert (answer.status_code, answer.url) == (303, f"{TABLE}?q=lamp")
    assert variant_of(product).current_price == 1550


@pytest.mark.parametrize(
    ("what", "typed", "sentence"),
    [
        ("price", "", "Please enter a price."),
        ("price", "0", "This price is not possible."),
        ("price", "cheap", "Enter an amount like"),
        ("stock", "", "Write what came"),
        ("stock", "a few", "Write what came"),
        ("stock", "-11", "There are only 10."),
        ("stock", "+99999999", "Write what came"),
        ("stock", "+9999999", "Stock is between"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field_and_kept(offer, product, variant_of, what, typed, sentence):
    before = Variant.objects.values().get()

    answer = offer(what, **{what: typed})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page.split(f'data-testid="{what}-error"')[1]
    assert f'value="{typed}"' in page
    assert Variant.objects.values().get() == before


@pytest.mark.parametrize(("typed", "stock"), [("+5", 15), ("-2", 8), ("−2", 8), (" + 5 ", 15)])
def test_what_came_or_went_is_written_at_once(offer, product, stock_of, typed, stock):
    assert offer("stock", stock=typed).status_code == 303
    assert stock_of(product) == stock


@pytest.mark.every_database
def test_a_count_is_asked_about_first(offer, mine, product, variant_of, stock_of):
    answer = offer("stock", stock="12")
    assert answer.status_code == 303
    assert stock_of(product) == 10

    page = mine.get(answer.url).content.decode()
    assert "There are 12 of it now?" in page
    assert 'name="expected" value="10"' in page

    assert offer("stock", stock="12", expected="10").status_code == 303
    assert stock_of(product) == 12
    assert variant_of(product).stock_moves.latest("pk").delta == 2


def test_a_count_that_a_sale_came_before_is_refused(offer, product, stock_of):
    offer("stock", stock="-1")

    answer = offer("stock", stock="12", expected="10")

    assert answer.status_code == 409
    assert "There are 9 of it now, not 10" in answer.content.decode()
    assert stock_of(product) == 9


def test_htmx_swaps_the_cell(mine, product, variant_of):
    variant = variant_of(product)
    key = new_form_key(user_id=product.seller_id, action="stock", subject=variant.pk)

    def send(**said):
        address = url("offer_stock", product, variant.pk)
        return mine.post(address, {"form_key": key, **said}, headers={"HX-Request": "true"})

    asked = send(stock="12").content.decode()
    assert "There are 12 of it now?" in asked
    assert "<h1" not in asked
    assert '<b data-testid="stock">12</b>' in send(stock="12", expected="10").content.decode()


# --- many at once, and one ---------------------------------------------------------------------


@pytest.mark.every_database
def test_ticked_listings_are_paused(mine, seller, make_product):
    lamp, chair, bed = make_product(title="Lamp"), make_product(title="Chair"), make_product(title="Bed")

    answer = mine.post(f"{TABLE}move/?q=a", {"move": "pause", "pick": pick(seller, lamp, chair)})

    assert (answer.status_code, answer.url) == (303, f"{TABLE}?q=a")
    assert dict(Product.objects.values_list("title", "status")) == {
        "Lamp": "paused",
        "Chair": "paused",
        "Bed": "live",
    }
    assert bed.status == "live"


def test_what_cannot_be_moved_is_named(mine, seller, make_product):
    lamp, draft = make_product(title="Lamp"), make_product(title="Draft", status=ListingStatus.DRAFT)

    answer = mine.post(f"{TABLE}move/", {"move": "pause", "pick": pick(seller, lamp, draft)})

    said = answer.content.decode().split('data-testid="not-moved"')[1].split("</div>")[0]
    assert answer.status_code == 409
    assert "Draft" in said
    assert "Lamp" not in said
    assert Product.objects.get(pk=lamp.pk).status == "paused"


@pytest.mark.parametrize(
    ("form", "status"), [({"move": "pause"}, 422), ({"move": "", "pick": "x"}, 422), ({"move": "sell"}, 422)]
)
def test_nothing_ticked_or_chosen_is_said(mine, product, form, status):
    answer = mine.post(f"{TABLE}move/", form)

    assert answer.status_code == status
    assert 'data-testid="move-error"' in answer.content.decode()
    assert Product.objects.get().status == "live"


@pytest.mark.every_database
def test_somebody_elses_among_the_ticked_is_not_there(mine, seller, other_seller, make_product):
    lamp, theirs = make_product(title="Lamp"), make_product(title="Theirs", seller=other_seller)
    picked = [*pick(seller, lamp), *pick(other_seller, theirs)]

    assert mine.post(f"{TABLE}move/", {"move": "archive", "pick": picked}).status_code == 404
    assert set(Product.objects.values_list("status", flat=True)) == {"live"}


def test_a_listing_is_paused_and_resumed_from_its_page(mine, seller, product):
    for step, status in (("pause", "paused"), ("resume", "live"), ("archive", "archived")):
        page = mine.get(url("listing", product)).content.decode()
        assert f'data-testid="{step}"' in page
        answer = mine.post(url(f"listing_{step}", product), {"shown": own_listing(seller, product.slug).mark})
        assert (answer.status_code, answer.url) == (303, url("listing", product))
        assert Product.objects.get().status == status
    page = mine.get(url("listing", product)).content.decode()
    assert 'data-testid="offer"' not in page


def test_a_page_of_another_state_moves_nothing(mine, product):
    events = ListingEvent.objects.count()
    for step in ("pause", "archive"):
        answer = mine.post(url(f"listing_{step}", product), {"shown": "old"})
        assert answer.status_code == 409
        assert 'data-testid="refused"' in answer.content.decode()
    assert mine.post(url("listing_resume", product), {"shown": "old"}).status_code == 303  # it is live
    assert mine.post(url("listing_withdraw", product), {"shown": "old"}).status_code == 409

    assert Product.objects.get().status == "live"
    assert ListingEvent.objects.count() == events


@pytest.mark.every_database
def test_a_copy_opens_as_a_draft(mine, seller, product):
    key = new_form_key(user_id=seller.pk, action="listing_duplicate", subject=product.pk)

    answer = mine.post(url("listing_duplicate", product), {"form_key": key})

    draft = Product.objects.latest("pk")
    assert (answer.status_code, answer.url) == (303, url("listing_edit", draft))
    assert draft.status == "draft"


@pytest.mark.parametrize(("who", "status"), [("other_seller", 404), ("buyer", 403), ("admin", 403)])
def test_a_listing_is_nobody_elses(request, client, product, variant_of, who, status):
    variant = variant_of(product)
    client.force_login(request.getfixturevalue(who))
    before = (Product.objects.values().get(), Variant.objects.values().get())

    assert client.get(url("listing", product)).status_code == status
    assert client.get(url("offer", product, variant.pk)).status_code == status
    for name in ("pause", "resume", "archive", "withdraw", "duplicate"):
        assert client.post(url(f"listing_{name}", product), {"shown": ""}).status_code == status
    for name, said in (("price", {"price": "1"}), ("stock", {"stock": "+1"})):
        assert client.post(url(f"offer_{name}", product, variant.pk), said).status_code == status

    assert (Product.objects.values().get(), Variant.objects.values().get()) == before


def test_a_variant_of_another_listing_is_not_there(mine, product, make_product, variant_of):
    other = make_product(title="Other")

    assert mine.get(url("offer", product, variant_of(other).pk)).status_code == 404
    assert mine.post(url("offer_price", product, variant_of(other).pk), {"price": "1"}).status_code == 404
