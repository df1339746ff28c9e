"""The editor: a draft is begun, saved, shown, handed in; what is wrong is said and what was typed stays."""

import re

import pytest
from django.urls import reverse

from marketplace.common.idempotency import new_form_key
from marketplace.products import services
from marketplace.products.content import content_of
from marketplace.products.models import Product, ProductImage, Variant
from marketplace.products.shown import mark_of_listing
from marketplace.products.states import ListingStatus
from marketplace.reviewing.models import Submission
from marketplace.reviewing.shown import mark_of_submission
from marketplace.reviewing.states import Decision
from marketplace.seller_dashboard.editor import initial_of, read_values, write_values

pytestmark = pytest.mark.usefixtures("books_balance")


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def mine(client, seller):
    client.force_login(seller)
    return client


@pytest.fixture
def draft(make_product):
    return make_product(title="Shirt", price=1500, stock=3, sku="SHIRT", status=ListingStatus.DRAFT)


def url(name: str, product, *more) -> str:
    return reverse(f"seller_dashboard:listing_{name}", args=[product.slug, *more])


def row(at: int, *values: str, **cells: object) -> dict[str, object]:
    named = {f"option{number}": value for number, value in enumerate(values, start=1)}
    typed = {"price": "15.00", "stock": "3", "sku": "", "barcode": "", "weight_grams": "120"}
    return {
        f"v-{at}-{name}": text for name, text in {**typed, "size_class": "small", **named, **cells}.items()
    }


def decide(submission: Submission, admin: object, decision: str = Decision.APPROVE, reason: str = "") -> None:
    services.decide_listing(
        submission_id=submission.pk,
        decision=decision,
        reason=reason,
        actor=admin,
        expected=mark_of_submission(submission),
    )


def form(draft, *rows: dict[str, object], **said: object) -> dict[str, object]:
    """The editor's form, as a browser sends it."""
    sent = {
        "title": draft.title,
        "description": "Soft.",
        "category": draft.category_id,
        "brand": "",
        "shown": mark_of_listing(draft.pk, draft.status),
        "v-TOTAL_FORMS": len(rows),
        "v-INITIAL_FORMS": len(rows),
    }
    for one in rows:
        sent |= one
    return sent | said


def test_a_listing_begins_with_three_words(mine, seller, category):
    address = reverse("seller_dashboard:listing_new")
    assert mine.get(address).status_code == 200
    key = new_form_key(user_id=seller.pk, action="listing_new")
    sent = {"title": "Shirt", "category": category.pk, "price": "15", "form_key": key}

    first, again = mine.post(address, sent), mine.post(address, sent)

    draft = Product.objects.get()
    assert first.url == again.url == url("edit", draft)
    assert (draft.status, draft.seller, draft.price) == ("draft", seller, 1500)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [({"title": ""}, "required"), ({"category": "404"}, "valid choice"), ({"price": "0"}, "not possible")],
)
def test_what_cannot_begin_is_said(mine, seller, category, wrong, sentence):
    key = new_form_key(user_id=seller.pk, action="listing_new")
    sent = {"title": "Shirt", "category": category.pk, "price": "15", "form_key": key} | wrong

    answer = mine.post(reverse("seller_dashboard:listing_new"), sent)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Product.objects.exists()


@pytest.mark.every_database
def test_it_is_saved_with_options_and_a_table(mine, draft, make_brand):
    brand = make_brand("Acme")
    rows = [
        row(0, "S", price="15", stock="2", sku="S-1", barcode="4006381333931"),
        row(1, "M", price="17,50", stock="", sku="S-2"),
    ]

    answer = mine.post(
        url("edit", draft),
        form(draft, *rows, option1_name="Size", option1_values="S, M", brand=brand.pk, title="Linen shirt"),
    )

    assert (answer.status_code, answer.url) == (303, url("edit", draft))
    draft.refresh_from_db()
    assert (draft.title, draft.description, draft.brand, draft.status) == (
        "Linen shirt",
        "Soft.",
        brand,
        "draft",
    )
    variants = Variant.objects.filter(product=draft, is_offered=True).order_by("position")
    assert [(one.option1, one.price, one.stock, one.sku, one.weight_grams) for one in variants] == [
        ("S", 1500, 2, "S-1", 120),
        ("M", 1750, 0, "S-2", 120),
    ]
    page = mine.get(url("edit", draft)).content.decode()
    assert 'value="S, M"' in page
    assert 'value="17.50"' in page


@pytest.mark.every_database
def test_what_nobody_may_write_is_not_written(mine, draft, other_seller):
    before = Product.objects.values("status", "seller", "rating_average", "slug", "sold_count").get()
    sneaked = {"status": "live", "seller": other_seller.pk, "rating_average": 500, "current_price": 1}

    mine.post(url("edit", draft), form(draft, row(0, price="15", current_price="0.01"), **sneaked))

    assert Product.objects.values("status", "seller", "rating_average", "slug", "sold_count").get() == before
    assert Variant.objects.get().current_price == 1500


@pytest.mark.parametrize(
    ("said", "cells", "sentence"),
    [
        ({"title": ""}, {}, "This field is required."),
        ({"category": "404"}, {}, "Select a valid choice"),
        ({}, {"price": "cheap"}, "Enter an amount like"),
        ({}, {"stock": "few"}, "Enter a whole number."),
        ({}, {"size_class": "planet"}, "Select a valid choice"),
        ({}, {"barcode": "4006381333930"}, "must be wrong: its last one does not fit"),
        ({"option1_name": "Size", "option1_values": "S, S"}, {}, "at least one value"),
        ({"option1_name": "Size", "option1_values": "S"}, {}, "A variant has one value of each option"),
    ],
)
def test_nothing_typed_is_lost_on_an_error(mine, draft, said, cells, sentence):
    before = (Product.objects.values().get(), Variant.objects.values().get())

    answer = mine.post(
        url("edit", draft),
        form(draft, row(0, **({"sku": "TYPED-SKU"} | cells)), description="Typed for an hour.", **said),
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    for typed in ("Typed for an hour.", "TYPED-SKU", *map(str, cells.values())):
        assert typed in page
    assert (Product.objects.values().get(), Variant.objects.values().get()) == before


def test_the_table_is_made_of_the_values_and_filled_down(mine, draft):
    sent = form(
        draft,
        row(0, "S", price="15", sku="S-1"),
        title="Typed title",
        option1_name="Size",
        option1_values="S, M",
        option2_name="Colour",
        option2_values="Red, Blue",
    )

    page = mine.post(url("edit", draft), sent | {"table": "1"}).content.decode()

    assert page.count('data-testid="variant-row"') == 4
    assert "Typed title" in page
    assert re.findall(r'name="v-\d-option2" value="(\w+)"', page) == ["Red", "Blue", "Red", "Blue"]
    filled = mine.post(
        url("edit", draft),
        form(draft, row(0, "S", price="15"), row(1, "M", price="17"), **{"fill": "1", "all-price": "9.99"}),
    )
    assert filled.content.decode().count('value="9.99"') == 2
    assert Variant.objects.get().option1 == ""


def test_it_is_kept_while_somebody_types(mine, draft):
    good = mine.post(url("keep", draft), form(draft, row(0), title="Better"), headers={"HX-Request": "true"})
    assert "Saved just now" in good.content.decode()
    bad = mine.post(url("keep", draft), form(draft, row(0), title=""), headers={"HX-Request": "true"})
    assert bad.status_code == 422
    assert "Not saved yet" in bad.content.decode()
    assert Product.objects.get().title == "Better"


def test_what_is_missing_follows_what_is_kept(mine, draft):
    assert "Describe it" in mine.get(url("edit", draft)).content.decode()

    kept = mine.post(
        url("keep", draft), form(draft, row(0), description="Of brass."), headers={"HX-Request": "true"}
    ).content.decode()

    assert 'id="hand-in"' in kept
    assert 'hx-swap-oob="true"' in kept
    assert "Add a picture" in kept
    assert "Describe it" not in kept
    refused = mine.post(url("keep", draft), form(draft, row(0), title=""), headers={"HX-Request": "true"})
    assert "hx-swap-oob" not in refused.content.decode()


@pytest.mark.every_database
def test_pictures_go_up_together_and_are_ordered_described_removed(mine, draft, picture_file):
    files = [picture_file(), picture_file("JPEG")]
    for number, file in enumerate(files):
        file.name = f"{number}.png"
    answer = mine.post(url("pictures", draft), {"file": files})
    assert answer.url == url("edit", draft) + "#pictures"
    first, second = ProductImage.objects.order_by("position")

    assert "Say what 2 pictures show" in mine.get(url("edit", draft)).content.decode()
    mine.post(url("picture", draft, first.pk), {"alt_text": "From the front"})
    assert ProductImage.objects.get(pk=first.pk).alt_text == "From the front"

    mine.post(url("sort", draft), {"picture": [first.pk, second.pk], "place": ["2", "1"]})
    assert list(draft.images.values_list("pk", flat=True)) == [second.pk, first.pk]
    mine.post(url("sort", draft), {"picture": [second.pk, first.pk], "place": ["1", "2"], "up": first.pk})
    assert list(draft.images.values_list("pk", flat=True)) == [first.pk, second.pk]

    part = mine.post(
        url("picture", draft, first.pk), {"remove": "1"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert part.count('data-testid="picture"') == 1
    draft.refresh_from_db()
    assert draft.cover_name == second.picture.name


@pytest.mark.every_database
def test_what_is_missing_changes_along_with_the_pictures(mine, draft, picture_file):
    services.edit_listing(
        product_id=draft.pk, changes=services.Changes(description="Soft."), actor=draft.seller
    )
    swap, file = {"headers": {"HX-Request": "true"}}, picture_file()
    file.name = "a.png"

    up = mine.post(url("pictures", draft), {"file": [file]}, **swap).content.decode()
    assert up.count("hx-swap-oob") == 1
    assert "Say what 1 picture shows" in up.split('id="hand-in"')[1]
    assert "disabled" in up.split('data-testid="submit"')[1]
    image = ProductImage.objects.get()
    said = mine.post(url("picture", draft, image.pk), {"alt_text": "A shirt"}, **swap).content.decode()
    assert 'data-testid="missing"' not in said
    assert "disabled" not in said.split('data-testid="submit"')[1]

    services.submit(product_id=draft.pk, actor=draft.seller)
    late = mine.post(url("picture", draft, image.pk), {"alt_text": "Late"}, **swap)
    assert late.status_code == 409
    assert 'data-testid="submit"' not in late.content.decode()


def test_what_is_no_picture_is_said(mine, draft, picture_file):
    import io

    file = io.BytesIO(b"not a picture")
    file.name = "x.png"
    answer = mine.post(url("pictures", draft), {"file": file})

    assert answer.status_code == 422
    assert "not a picture that we can read" in answer.content.decode()
    assert not ProductImage.objects.exists()


@pytest.mark.every_database
def test_from_draft_to_changes_to_the_shop(mine, draft, admin, picture_file, as_person):
    page = mine.get(url("edit", draft)).content.decode()
    assert "Describe it" in page
    refused = mine.post(url("submit", draft), {"shown": mark_of_listing(draft.pk, "draft")})
    assert refused.status_code == 409
    assert "Add a picture" in refused.content.decode()

    mine.post(url("edit", draft), form(draft, row(0), description="**Soft** <script>"))
    file = picture_file()
    file.name = "a.png"
    mine.post(url("pictures", draft), {"file": [file], "alt_text": "A shirt"})
    shown = mine.get(url("preview", draft)).content.decode()
    assert "<strong>Soft</strong> &lt;script&gt;" in shown
    assert mine.post(url("submit", draft), {"shown": mark_of_listing(draft.pk, "draft")}).status_code == 303

    assert "cannot be changed in this state" in mine.get(url("edit", draft)).content.decode()
    late = form(draft, row(0), title="Sneaked", shown=mark_of_listing(draft.pk, "pending"))
    assert mine.post(url("edit", draft), late).status_code == 409
    submission = Submission.objects.get()
    case = as_person(admin).get(reverse("backoffice:review", args=[submission.public_id])).content.decode()
    assert "<strong>Soft</strong>" in case
    decide(submission, admin, Decision.ASK_FOR_CHANGES, "Say how soft")

    page = mine.get(url("edit", draft)).content.decode()
    assert "Say how soft" in page.split('data-testid="asked-for"')[1]
    mine.post(
        url("edit", draft),
        form(draft, row(0), title="Softest", shown=mark_of_listing(draft.pk, "changes_requested")),
    )
    mine.post(url("submit", draft), {"shown": mark_of_listing(draft.pk, "changes_requested")})
    submission.refresh_from_db()
    decide(submission, admin)
    draft.refresh_from_db()
    assert (draft.title, draft.status) == ("Softest", "live")


def test_categories_are_searched(mine, make_category):
    kitchen = make_category("Kitchen")
    kettles, lamps = make_category("Kettles", parent=kitchen), make_category("Lamps")

    found = mine.get(
        reverse("seller_dashboard:listing_categories"), {"category-q": "kitch ket", "category": lamps.pk}
    ).content.decode()

    assert "Kitchen › Kettles" in found
    assert f'value="{kettles.pk}"' in found
    assert f'value="{lamps.pk}" selected' in found
    assert f'value="{kitchen.pk}"' not in found


@pytest.mark.every_database
@pytest.mark.parametrize(("who", "status"), [("other_seller", 404), ("buyer", 403), ("admin", 403)])
def test_a_draft_is_nobody_elses(request, client, draft, picture_file, who, status):
    image = services.add_image(
        product_id=draft.pk, file=picture_file(), alt_text="A", actor=Product.objects.get().seller
    )
    client.force_login(request.getfixturevalue(who))
    before = (Product.objects.values().get(), ProductImage.objects.values().get())

    for name in ("edit", "preview"):
        assert client.get(url(name, draft)).status_code == status
    for name in ("edit", "keep", "submit", "pictures", "sort"):
        assert client.post(url(name, draft), form(draft, row(0))).status_code == status
    assert client.post(url("picture", draft, image.pk), {"remove": "1"}).status_code == status

    assert (Product.objects.values().get(), ProductImage.objects.values().get()) == before


@pytest.mark.every_database
def test_the_editor_costs_no_more_for_more_variants(mine, make_product, django_assert_max_num_queries):
    many = make_product(
        status=ListingStatus.DRAFT,
        options=[("Number", [str(number) for number in range(60)])],
        variants=[services.NewVariant(100, 1, (str(number),)) for number in range(60)],
    )

    with django_assert_max_num_queries(20):
        assert mine.get(url("edit", many)).status_code == 200


@pytest.mark.parametrize(
    "values", [["5,5", "6"], ['"Big", he said', "Small"], ['7"', '8"'], ["a,", ",b"], ['"', "x"], ["S"]]
)
def test_values_are_read_as_they_were_written(values):
    assert read_values(write_values(values)) == values


@pytest.mark.every_database
def test_a_listing_with_a_comma_in_a_value_is_saved(mine, make_product):
    draft = make_product(
        status=ListingStatus.DRAFT,
        options=[("Size", ["5,5", "6"])],
        variants=[services.NewVariant(1500, 3, ("5,5",)), services.NewVariant(1500, 3, ("6",))],
    )
    before = list(draft.variants.values_list("pk", "option1"))
    sent = {
        **initial_of(content_of(draft)),
        "brand": "",
        "shown": mark_of_listing(draft.pk, draft.status),
        "v-TOTAL_FORMS": "2",
        "v-INITIAL_FORMS": "2",
        **row(0, "5,5"),
        **row(1, "6"),
    }

    answer = mine.post(url("edit", draft), sent)

    assert answer.status_code == 303
    draft.refresh_from_db()
    assert draft.options == [["Size", ["5,5", "6"]]]
    assert list(draft.variants.values_list("pk", "option1")) == before
