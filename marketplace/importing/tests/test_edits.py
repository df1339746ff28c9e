"""A file says something else of what shoppers have seen: it waits for review, price and stock do not."""

import io
import zipfile

import pytest

from marketplace.common.authorisation import SYSTEM
from marketplace.importing.states import Outcome
from marketplace.products import pictures
from marketplace.products.models import ListingEdit, Product, Variant
from marketplace.products.selectors import compared
from marketplace.products.services import (
    Changes,
    add_image,
    begin_edit,
    cancel_edit,
    change_edit,
    edit_listing,
    publish,
)
from marketplace.reviewing.models import Submission

from .goods import SHIRT, facts, shirt

pytestmark = [pytest.mark.usefixtures("books_balance")]

TEXT = "<p>Of cotton.</p>"


@pytest.fixture
def live(bring, seller, settings, tmp_path, picture_file) -> Product:
    """The shirt of the file, in the shop and with a picture."""
    settings.MEDIA_ROOT = tmp_path
    bring([row | ({"Status": "draft"} if "Title" in row else {}) for row in said()])
    product = Product.objects.get()
    edit_listing(product_id=product.pk, changes=Changes(description="Of cotton."), actor=seller)
    add_image(product_id=product.pk, file=picture_file(), alt_text="It", actor=SYSTEM)
    return publish(product_id=product.pk, actor=SYSTEM)


def said(*more, **cells):
    first, *others = SHIRT
    return [first | {"Body (HTML)": TEXT} | cells, *others, *more]


def test_it_is_one_edit_that_is_handed_in_and_the_price_changes_at_once(bring, live, decide_edit):
    before = facts()[0]
    rows = said(shirt("L"), Title="Linen shirt", **{"Variant Price": "21"})

    run = bring(rows)

    assert [line.words for line in run.lines.all()] == [
        [
            "Price of S: €20.00 → €21.00.",
            "For review, while it stays on sale as it is: title, options and variants.",
        ]
    ]
    assert facts()[0][0][1] == before[0][1] == "Shirt"
    assert Variant.objects.get(option1="S").price == 2100
    edit = ListingEdit.objects.get()
    assert edit.status == "pending"
    _was, shall = compared(edit)
    assert (shall.title, [row.values for row in shall.variants]) == ("Linen shirt", [("S",), ("M",), ("L",)])

    decide_edit(Submission.objects.get(kind="listing_edit"))
    live.refresh_from_db()
    assert live.title == "Linen shirt"
    assert list(live.variants.values_list("option1", "stock")) == [("S", 3), ("M", 3), ("L", 3)]


def test_the_dry_run_says_so_and_begins_nothing(upload, go_on, live):
    run = go_on(upload(said(Title="Linen shirt")))

    assert (run.lines.get().outcome, run.lines.get().words) == (
        Outcome.CHANGED,
        ["For review, while it stays on sale as it is: title."],
    )
    assert not ListingEdit.objects.exists()


def test_the_same_file_twice_changes_nothing(bring, live):
    bring(said(Title="Linen shirt"))
    before = (facts(), list(ListingEdit.objects.values()), list(Submission.objects.values()))

    run = bring(said(Title="Linen shirt"))

    assert run.lines.get().outcome == Outcome.SAME
    assert (facts(), list(ListingEdit.objects.values()), list(Submission.objects.values())) == before


def test_what_its_seller_writes_here_stays_and_the_file_may_come_again(bring, live, seller):
    edit = begin_edit(product_id=live.pk, actor=seller)
    change_edit(edit_id=edit.pk, changes=Changes(title="Mine"), actor=seller)

    run = bring(said(Title="Theirs", **{"Variant Price": "21"}))

    assert "is open here" in run.lines.get().remarks[0][3]
    assert Variant.objects.get(option1="S").price == 2100
    edit.refresh_from_db()
    assert (edit.title, edit.status) == ("Mine", "draft")

    cancel_edit(edit_id=edit.pk, actor=seller)
    bring(said(Title="Theirs", **{"Variant Price": "21"}))
    assert ListingEdit.objects.get(status="pending").title == "Theirs"


def test_an_open_edit_that_says_the_same_is_nothing_to_do(bring, live, seller):
    edit = begin_edit(product_id=live.pk, actor=seller)
    change_edit(edit_id=edit.pk, changes=Changes(title="Linen shirt"), actor=seller)

    run = bring(said(Title="Linen shirt"))

    assert (run.lines.get().outcome, run.lines.get().remarks) == (Outcome.SAME, [])
    assert ListingEdit.objects.get().status == "draft"


def beside(picture) -> io.BytesIO:
    """A ZIP with one picture in it, "new.png"."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        made.writestr("new.png", picture.read())
    held.seek(0)
    return held


def test_a_listing_that_goes_on_sale_while_its_picture_is_drawn_gets_it_by_an_edit(
    bring, seller, picture_file, settings, tmp_path, monkeypatch
):
    settings.MEDIA_ROOT = tmp_path
    rebuild = pictures.rebuild

    def draw(file):
        publish(product_id=Product.objects.get().pk, actor=SYSTEM)
        return rebuild(file)

    monkeypatch.setattr(pictures, "rebuild", draw)
    rows = said(Status="draft", **{"Image Src": "new.png", "Image Alt Text": "It"})

    run = bring(rows, pictures=beside(picture_file()))

    assert not Product.objects.get(status="live").images.exists()
    assert run.named_pictures.get().status == "here"
    edit = ListingEdit.objects.get(status="pending")
    assert [picture.alt_text for picture in edit.pictures.all()] == ["It"]


def test_its_new_pictures_come_with_the_edit(bring, live, picture_file, decide_edit):
    rows = said(**{"Image Src": "new.png", "Image Alt Text": "The collar"})

    bring(rows, pictures=beside(picture_file()))

    assert live.images.count() == 1
    decide_edit(Submission.objects.get(kind="listing_edit"))
    assert [image.alt_text for image in live.images.all()] == ["It", "The collar"]
