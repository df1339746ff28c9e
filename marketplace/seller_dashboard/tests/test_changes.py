"""A seller changes what a listing says that shoppers have seen: beside it, in the editor, until it is confirmed."""

from html import unescape

import pytest
from django.urls import reverse

from marketplace.products import services
from marketplace.products.content import content_of, content_of_edit
from marketplace.products.edit_states import EditStatus
from marketplace.products.models import ListingEdit, Product, StagedPicture, Variant
from marketplace.products.shown import mark_of_edit, mark_of_listing
from marketplace.products.states import ListingStatus
from marketplace.reviewing.models import Submission
from marketplace.reviewing.states import Decision
from marketplace.seller_dashboard.editor import initial_of

pytestmark = pytest.mark.usefixtures("books_balance")


@pytest.fixture
def mine(client, seller):
    client.force_login(seller)
    return client


@pytest.fixture
def edit(shirt, seller) -> ListingEdit:
    return services.begin_edit(product_id=shirt.pk, actor=seller)


def url(name: str, product: Product, *more: object) -> str:
    return reverse(f"seller_dashboard:{name}", args=[product.slug, *more])


def read(client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def cells(at: int, value: str, **typed: object) -> dict[str, object]:
    said = {"option1": value, "sku": "", "barcode": "", "weight_grams": "0", "size_class": "medium"} | typed
    return {f"v-{at}-{name}": text for name, text in said.items()}


def form(edit: ListingEdit, *rows: dict[str, object], **said: object) -> dict[str, object]:
    """The editor's form about an edit, as a browser sends it."""
    edit.refresh_from_db()
    rows = rows or (cells(0, "S", sku="S-1"), cells(1, "M", sku="M-1"))
    sent = {
        **initial_of(content_of_edit(edit)),
        "shown": mark_of_edit(edit),
        "v-TOTAL_FORMS": len(rows),
        "v-INITIAL_FORMS": len(rows),
    }
    for row in rows:
        sent |= row
    return sent | said


def store() -> list[object]:
    """All that a refusal must leave alone."""
    models = (Product, Variant, ListingEdit, StagedPicture, Submission)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.every_database
def test_a_live_listing_is_changed_beside_what_shoppers_see(mine, shirt, picture_file):
    before = content_of(shirt)
    page = read(mine, url("listing", shirt))
    assert 'data-testid="change-begin"' in page
    mark = {"shown": mark_of_listing(shirt.pk, shirt.status)}

    first, again = (mine.post(url("change_begin", shirt), mark) for _ in range(2))

    assert first.url == again.url == url("change_edit", shirt)
    edit = ListingEdit.objects.get()
    page = read(mine, first.url)
    assert 'data-testid="nothing-differs"' in page
    rows = (cells(0, "S", sku="S-1"), cells(1, "M", sku="M-9"), cells(2, "L", price="14", stock="4"))
    answer = mine.post(
        url("change_edit", shirt),
        form(edit, *rows, title="Linen shirt", description="Of linen.", option1_values="S, M, L"),
    )
    assert (answer.status_code, answer.url) == (303, url("change_edit", shirt))
    file = picture_file()
    file.name = "c.png"
    mine.post(url("change_pictures", shirt), {"file": [file], "alt_text": "The collar"})

    page = read(mine, url("change_edit", shirt))
    assert '<del><span class="visually-hidden">removed: </span>Shirt</del>' in page
    assert '<ins><span class="visually-hidden">added: </span>Linen shirt</ins>' in page
    assert 'data-testid="differs-pictures"' in page
    assert page.count('data-testid="differs-variant"') == 2
    shirt.refresh_from_db()
    assert content_of(shirt) == before
    kept, renamed, new = content_of_edit(ListingEdit.objects.get()).variants
    assert (kept.price, renamed.sku, new.price, new.stock) == (1000, "M-9", 1400, 4)


def test_price_and_stock_of_what_is_sold_are_shown_not_typed(mine, shirt, edit):
    page = read(mine, url("change_edit", shirt))
    assert page.count('data-testid="sold"') == 2
    assert 'name="v-0-price"' not in page
    assert url("offer", shirt, shirt.variants.get(option1="S").pk) in page
    rows = (cells(0, "S", sku="S-1", price="0.01", stock="999"), cells(1, "M", sku="M-1"))

    assert mine.post(url("change_edit", shirt), form(edit, *rows)).status_code == 303

    assert list(Variant.objects.order_by("pk").values_list("price", "stock")) == [(1000, 5), (1200, 3)]
    edit.refresh_from_db()
    assert content_of_edit(edit) == content_of(shirt)


@pytest.mark.parametrize(
    ("said", "typed", "sentence"),
    [
        ({"title": ""}, {}, "This field is required."),
        ({"category": "404"}, {}, "Select a valid choice"),
        ({"option1_values": "S, M, L"}, {"price": ""}, "Please enter a price."),
        ({"option1_values": "S, M, L"}, {"price": "cheap"}, "Enter an amount like"),
        ({"option1_values": "S, M, L"}, {"price": "5", "barcode": "4006381333930"}, "must be wrong"),
        ({"option1_values": "S, S, L"}, {"price": "5"}, "at least one value"),
    ],
)
def test_nothing_typed_is_lost_on_an_error(mine, shirt, edit, said, typed, sentence):
    rows = (cells(0, "S", sku="S-1"), cells(1, "M", sku="TYPED"), cells(2, "L", **typed))
    sent = form(edit, *rows, **{"description": "Typed for an hour.", "option1_values": "S, M, L"} | said)
    before = store()

    answer = mine.post(url("change_edit", shirt), sent)

    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    for text in (sentence, "Typed for an hour.", "TYPED", *typed.values()):
        assert text in page
    assert store() == before


def test_the_table_is_made_of_the_values(mine, shirt, edit):
    sent = form(edit, title="Typed title", option1_values="S, L") | {"table": "1"}

    page = unescape(mine.post(url("change_edit", shirt), sent).content.decode())

    assert page.count('data-testid="variant-row"') == 2
    assert page.count('data-testid="sold"') == 1
    assert 'name="v-1-price" value="10.00"' in page  # a new one begins with what the first one costs
    assert "Typed title" in page


def test_it_is_kept_while_somebody_types(mine, shirt, edit):
    good = mine.post(url("change_keep", shirt), form(edit, title="Better"), headers={"HX-Request": "true"})
    assert "Saved just now" in good.content.decode()
    again = mine.post(url("change_keep", shirt), form(edit, title="Best"), headers={"HX-Request": "true"})
    assert again.status_code == 200
    edit.refresh_from_db()
    assert (edit.title, Product.objects.get().title) == ("Best", "Shirt")


@pytest.mark.every_database
def test_its_pictures_are_sorted_described_removed_and_the_listing_keeps_its_own(mine, shirt, edit):
    front, back = edit.pictures.all()
    mine.post(url("change_sort", shirt), {"picture": [front.pk, back.pk], "down": front.pk})
    assert list(edit.pictures.values_list("pk", flat=True)) == [back.pk, front.pk]
    mine.post(url("change_picture", shirt, back.pk), {"alt_text": "From behind"})
    part = mine.post(
        url("change_picture", shirt, front.pk), {"remove": "1"}, headers={"HX-Request": "true"}
    ).content.decode()

    assert part.count('data-testid="picture"') == 1
    assert "Taken away" in part.split('id="differs"')[1]
    assert "disabled" not in part.split('data-testid="submit"')[1]
    assert [row.alt_text for row in edit.pictures.all()] == ["From behind"]
    assert list(shirt.images.values_list("alt_text", flat=True)) == ["The front", "The back"]
    page = read(mine, url("change_edit", shirt))
    assert "Taken away" in page
    assert mine.post(url("change_picture", shirt, 10**9), {"alt_text": "x"}).status_code == 404


@pytest.mark.every_database
def test_from_begun_to_asked_for_to_confirmed(mine, shirt, edit, decide_edit):
    mark = {"shown": mark_of_edit(edit)}
    refused = mine.post(url("change_submit", shirt), mark)
    assert refused.status_code == 409
    assert "Nothing differs" in refused.content.decode()
    mine.post(url("change_edit", shirt), form(edit, title="Linen shirt"))
    preview = read(mine, url("change_preview", shirt))
    assert "Linen shirt" in preview
    assert "10.00" in preview

    assert mine.post(url("change_submit", shirt), mark).url == url("listing", shirt)

    page = read(mine, url("listing", shirt))
    assert "Waiting for review" in page.split('data-testid="edit-status"')[1][:80]
    assert (
        "Waiting for review"
        in read(mine, reverse("seller_dashboard:listings")).split('data-testid="row-edit"')[1]
    )
    page = read(mine, url("change_edit", shirt))
    assert 'data-testid="not-editable"' in page
    assert 'data-testid="differences"' in page
    late = mine.post(url("change_edit", shirt), form(edit, title="Sneaked"))
    assert late.status_code == 409
    edit.refresh_from_db()
    assert edit.title == "Linen shirt"

    decide_edit(Submission.objects.get(), Decision.ASK_FOR_CHANGES, "Say how soft")
    assert "Say how soft" in read(mine, url("listing", shirt))
    assert "Say how soft" in read(mine, url("change_edit", shirt)).split('data-testid="asked-for"')[1]
    mine.post(url("change_edit", shirt), form(edit, title="Soft linen shirt"))
    mine.post(url("change_submit", shirt), {"shown": mark_of_edit(ListingEdit.objects.get())})
    decide_edit(Submission.objects.get())

    page = read(mine, url("listing", shirt))
    assert "Soft linen shirt" in page
    assert "Your change was confirmed" in page
    assert 'data-testid="change-begin"' in page
    assert "cannot be worked on" in read(mine, url("change_edit", shirt))


def test_it_is_taken_back_and_let_go(mine, shirt, edit, seller):
    services.change_edit(edit_id=edit.pk, changes=services.Changes(title="Other"), actor=seller)
    early = mine.post(url("change_withdraw", shirt), {"shown": mark_of_edit(edit)})
    assert early.status_code == 303  # it is one already
    services.submit_edit(edit_id=edit.pk, actor=seller)
    edit.refresh_from_db()

    back = mine.post(url("change_withdraw", shirt), {"shown": mark_of_edit(edit)})

    edit.refresh_from_db()
    assert (back.url, edit.status) == (url("change_edit", shirt), EditStatus.DRAFT)
    question = read(mine, url("change_cancel", shirt))
    assert "is lost" in question
    assert ListingEdit.objects.get().status == EditStatus.DRAFT
    gone = mine.post(url("change_cancel", shirt), {"shown": mark_of_edit(edit)})
    assert gone.url == url("listing", shirt)
    assert ListingEdit.objects.get().status == EditStatus.CANCELLED
    assert Product.objects.get().title == "Shirt"
    assert "let your change go" in read(mine, url("listing", shirt))


@pytest.mark.parametrize("action", ["change_edit", "change_submit", "change_withdraw", "change_cancel"])
def test_a_form_of_another_state_does_nothing(mine, shirt, edit, seller, action):
    services.change_edit(edit_id=edit.pk, changes=services.Changes(title="Other"), actor=seller)
    if action == "change_withdraw":
        services.submit_edit(edit_id=edit.pk, actor=seller)
    before = store()

    answer = mine.post(url(action, shirt), form(edit, title="Late", shown="of-an-earlier-state"))

    assert answer.status_code == 409
    assert store() == before


@pytest.mark.parametrize("status", [ListingStatus.DRAFT, ListingStatus.ARCHIVED])
def test_what_shoppers_have_not_seen_has_no_change(mine, make_product, status):
    listing = make_product(status=status)

    assert "change-begin" not in read(mine, url("listing", listing))
    answer = mine.post(url("change_begin", listing), {"shown": mark_of_listing(listing.pk, status)})

    assert answer.status_code == 409
    assert "shoppers have seen" in answer.content.decode()
    assert not ListingEdit.objects.exists()
    assert mine.get(url("change_edit", listing)).status_code == 404


@pytest.mark.every_database
@pytest.mark.parametrize(("who", "status"), [("other_seller", 404), ("buyer", 403), ("admin", 403)])
def test_a_change_is_nobody_elses(request, client, shirt, edit, who, status):
    client.force_login(request.getfixturevalue(who))
    before = store()

    for name in ("change_edit", "change_preview", "change_cancel"):
        assert client.get(url(name, shirt)).status_code == status
    sent = form(edit, title="Theirs")
    for name in ("begin", "edit", "keep", "submit", "pictures", "sort", "withdraw", "cancel"):
        assert client.post(url(f"change_{name}", shirt), sent).status_code == status
    picture = url("change_picture", shirt, edit.pictures.first().pk)
    assert client.post(picture, {"remove": "1"}).status_code == status

    assert store() == before


@pytest.mark.every_database
def test_what_nobody_may_write_is_not_written(mine, shirt, edit, other_seller):
    sneaked = {"status": "confirmed", "based_on": "9", "open_key": "", "product": "0", "v-0-pk": "0"}
    before = ListingEdit.objects.values("status", "based_on", "open_key", "product").get()

    assert mine.post(url("change_edit", shirt), form(edit, title="Fine", **sneaked)).status_code == 303

    assert ListingEdit.objects.values("status", "based_on", "open_key", "product").get() == before


@pytest.mark.every_database
def test_the_editor_costs_no_more_for_more_variants(
    mine, make_product, seller, django_assert_max_num_queries
):
    many = make_product(
        options=[("Number", [str(number) for number in range(60)])],
        variants=[services.NewVariant(100, 1, (str(number),)) for number in range(60)],
    )
    services.begin_edit(product_id=many.pk, actor=seller)

    with django_assert_max_num_queries(20):
        assert mine.get(url("change_edit", many)).status_code == 200
