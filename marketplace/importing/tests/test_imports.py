"""Bringing a shop over: looked through, started, made in the background, the same file twice for nothing."""

import io
import time
import zipfile
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from marketplace.common import clock
from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import Invalid, InvalidTransition
from marketplace.importing import services
from marketplace.importing.models import ImportPicture, ImportRun
from marketplace.importing.selectors import import_page, report_rows, shop_drafts
from marketplace.importing.services import making, picturing, running, uploading
from marketplace.importing.states import ImportStatus, Outcome, PictureStatus
from marketplace.products.models import ListingEdit, Product, Variant
from marketplace.products.services import change_price, count_stock, publish
from marketplace.products.states import ListingStatus
from marketplace.products.tests.shopify_files import OLD, catalogue, table

from .goods import MUG, SHIRT, facts, shirt

pytestmark = [pytest.mark.usefixtures("books_balance")]


def test_a_file_is_looked_through_and_nothing_is_made_before_its_seller_says_so(upload, go_on):
    run = go_on(upload([MUG, *SHIRT]))

    assert (run.status, run.products) == (ImportStatus.CHECKED, 2)
    assert import_page(run).counts == {"made": 2, "changed": 0, "same": 0, "refused": 0}
    assert not Product.objects.exists()


def test_then_its_products_are_made_and_handed_in(bring, seller, shirts):
    run = bring([MUG | {"Status": "draft"}, *SHIRT])

    assert (run.status, run.open_key) == (ImportStatus.DONE, None)
    mug, listed = Product.objects.order_by("pk")
    assert (mug.status, listed.status) == (ListingStatus.DRAFT, ListingStatus.PENDING)
    assert (listed.seller, listed.category, listed.options) == (seller, shirts, [["Size", ["S", "M"]]])
    assert [(row.option1, row.sku, row.price, row.stock) for row in listed.variants.all()] == [
        ("S", "S-S", 2000, 3),
        ("M", "S-M", 2000, 3),
    ]
    assert mug.variants.get().stock == 7


def test_the_same_file_twice_changes_nothing(bring):
    bring([MUG, *SHIRT])
    before = facts()

    run = bring([MUG, *SHIRT])

    assert facts() == before
    assert import_page(run).counts["same"] == 2


def test_what_a_seller_changed_since_stays_when_the_same_file_comes_again(bring, seller):
    bring([MUG])
    variant = Variant.objects.get()
    change_price(variant_id=variant.pk, price=1100, actor=seller)
    count_stock(variant_id=variant.pk, counted=2, expected=7, actor=seller)
    before = facts()

    bring([MUG])

    assert facts() == before


def test_another_price_is_a_change_and_stock_stays_unless_it_was_counted(bring):
    bring([MUG, *SHIRT])
    dearer = [MUG | {"Variant Price": "10", "Variant Inventory Qty": "1"}, *SHIRT]

    run = bring(dearer)

    variant = Variant.objects.get(sku="M-1")
    assert (variant.price, variant.stock) == (1000, 7)
    assert [line.words for line in run.lines.filter(outcome=Outcome.CHANGED)] == [
        ["Price of M-1: €9.50 → €10.00."]
    ]

    bring(dearer, counts_stock=True)
    variant.refresh_from_db()
    assert variant.stock == 1
    assert [move.delta for move in variant.stock_moves.order_by("pk")] == [7, -6]


def test_a_draft_takes_new_variants_and_a_live_listing_keeps_its_own(bring):
    drafts = [row | ({"Status": "draft"} if "Title" in row else {}) for row in SHIRT]
    bring(drafts)
    product = Product.objects.get()

    bring([*drafts, shirt("L")])
    assert [row.option1 for row in product.variants.all()] == ["S", "M", "L"]

    publish(product_id=product.pk, actor=SYSTEM)
    run = bring([*drafts, shirt("XL"), shirt("XXL")])

    assert product.variants.count() == 3
    line = run.lines.get()
    assert "options and variants" in line.words[0]
    assert "missing" in line.remarks[0][3]  # it says nothing of itself yet, and has no picture
    assert [row["values"] for row in ListingEdit.objects.get(status="draft").variants][2:] == [
        ["XL"],
        ["XXL"],
    ]


def test_one_bad_cell_refuses_its_product_and_the_others_arrive(bring):
    run = bring([*SHIRT, shirt("L", **{"Variant Price": "x"}), MUG])

    assert [product.title for product in Product.objects.all()] == ["Mug"]
    [row] = report_rows(run)
    assert row[:2] + row[5:6] == ["4", "4", "Variant Price"]


@pytest.mark.parametrize("cells", [{"Type": "Mugs"}, {"Type": ""}])
def test_a_product_of_no_known_category_needs_one(bring, make_category, cells):
    other = make_category("Other")

    run = bring([MUG | cells])
    assert not Product.objects.exists()
    assert "none was chosen" in run.lines.get().remarks[0][3]

    bring([MUG | cells], category_id=other.pk)
    assert Product.objects.get().category == other


def test_a_sku_that_the_seller_uses_is_said_in_the_preview(upload, go_on, make_product):
    make_product(sku="M-1")

    run = go_on(upload([MUG]))

    assert run.lines.get().outcome == Outcome.REFUSED
    assert "M-1" in run.lines.get().remarks[0][3]


def test_what_is_taken_between_preview_and_start_refuses_that_product_alone(
    upload, go_on, seller, make_product
):
    run = go_on(upload([MUG, *SHIRT]))
    make_product(sku="S-M")

    services.start_import(run_id=run.pk, actor=seller)
    go_on(run)

    assert run.lines.get(handle="shirt").outcome == Outcome.REFUSED
    assert not Variant.objects.filter(sku="S-S").exists()
    assert Product.objects.filter(title="Mug").exists()


def zip_with(picture_file, *names: str) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, picture_file("JPEG", (300, 300)).getvalue())
    return file


def test_pictures_come_out_of_the_zip_and_a_missing_one_is_tried_again(bring, go_on, picture_file, seller):
    rows = [
        MUG | {"Image Src": "https://cdn.example/front.jpg?v=1", "Image Alt Text": "Front"},
        {"Handle": "mug", "Image Src": "https://cdn.example/back.jpg"},
    ]

    run = bring(rows, pictures=zip_with(picture_file, "all/front.jpg"))

    product = Product.objects.get()
    assert [image.alt_text for image in product.images.all()] == ["Front"]
    assert (run.status, product.status) == (ImportStatus.DONE, ListingStatus.PENDING)
    missing = ImportPicture.objects.get(status=PictureStatus.MISSING)
    assert "not fetched" in missing.why
    assert [row[5] for row in report_rows(run)] == ["https://cdn.example/back.jpg"]

    run.pictures.save("imports/again.zip", zip_with(picture_file, "back.jpg"))
    services.try_pictures_again(run_id=run.pk, actor=seller)
    go_on(run)
    assert product.images.count() == 2
    with pytest.raises(Invalid, match="No picture"):
        services.try_pictures_again(run_id=run.pk, actor=seller)


def test_a_picture_that_two_workers_draw_comes_once(bring, picture_file, monkeypatch):
    real = picturing.add_image

    def another_was_quicker(**given):
        monkeypatch.setattr(picturing, "add_image", real)
        picturing.picture_next(ImportRun.objects.get(), time.monotonic() + 60)
        return real(**given)

    monkeypatch.setattr(picturing, "add_image", another_was_quicker)
    run = bring([MUG | {"Image Src": "front.jpg"}], pictures=zip_with(picture_file, "front.jpg"))

    assert Product.objects.get().images.count() == 1
    assert [picture.status for picture in run.named_pictures.all()] == [PictureStatus.HERE]


def test_a_variant_keeps_its_own_picture(bring, picture_file):
    header = [*OLD, "Variant Image"]
    rows = [
        shirt("S", Title="Shirt", Type="Shirts", **{"Option1 Name": "Size", "Image Src": "all.jpg"}),
        shirt("M", **{"Variant Image": "medium.jpg"}),
    ]

    bring(table(rows, header=header).encode(), pictures=zip_with(picture_file, "all.jpg", "medium.jpg"))

    product = Product.objects.get()
    small, medium = product.variants.all()
    assert (small.image, medium.image) == (None, product.images.last())
    [draft] = shop_drafts(product.seller_id)
    assert draft.variants[1].image_ref == draft.images[1].ref


def test_a_stopped_import_makes_no_more(upload, go_on, seller, monkeypatch):
    run = go_on(upload([MUG, *SHIRT]))
    services.start_import(run_id=run.pk, actor=seller)
    monkeypatch.setattr(running, "SECONDS", 0)
    services.run_imports(clock.now())
    assert Product.objects.count() == 1

    for _again in range(2):
        services.cancel_import(run_id=run.pk, actor=seller)
    services.run_imports(clock.now())

    assert Product.objects.count() == 1
    run.refresh_from_db()
    assert (run.status, run.open_key) == (ImportStatus.CANCELLED, None)


class Killed(BaseException):
    pass


def test_a_killed_import_goes_on_where_it_was_and_makes_nothing_twice(upload, go_on, seller, monkeypatch):
    run = go_on(upload(catalogue(40).content))
    services.start_import(run_id=run.pk, actor=seller)
    done = []
    move = running._move_place

    def die(run, place):
        if place == 4 and not done:
            done.append(place)
            raise Killed
        move(run, place)

    monkeypatch.setattr(running, "_move_place", die)
    with pytest.raises(Killed):
        services.run_imports(clock.now())
    assert Product.objects.count() == 3

    go_on(run)

    assert (Product.objects.count(), Variant.objects.count()) == (10, 30)
    assert run.status == ImportStatus.DONE


@pytest.mark.parametrize("is_over", [False, True])
def test_a_second_worker_does_nothing_that_the_first_has_done(upload, go_on, seller, monkeypatch, is_over):
    run = go_on(upload([MUG, *SHIRT]))
    services.start_import(run_id=run.pk, actor=seller)
    stale = ImportRun.objects.select_related("seller").get(pk=run.pk)
    monkeypatch.setattr(running, "SECONDS", 60 if is_over else 0)
    services.run_imports(clock.now())
    before = facts(), list(run.lines.values_list("outcome"))

    assert not running._make_products(stale)

    assert (facts(), list(run.lines.values_list("outcome"))) == before
    assert Product.objects.count() == (2 if is_over else 1)


def test_what_a_service_refuses_leaves_that_product_out_with_its_words(bring, monkeypatch):
    create = making.create_product

    def refuse(**given):
        made = create(**given)
        if given["title"] == "Mug":
            raise Invalid("No mugs today.")
        return made

    monkeypatch.setattr(making, "create_product", refuse)

    run = bring([MUG, *SHIRT])

    assert [product.title for product in Product.objects.all()] == ["Shirt"]
    assert [row[4:] for row in report_rows(run)] == [["Left out", "", "No mugs today."]]


def test_a_file_whose_import_is_not_noted_is_not_kept(upload, monkeypatch, picture_file):
    def refuse(**_given):
        raise Invalid("Too late.")

    monkeypatch.setattr(uploading, "_note", refuse)
    storage = ImportRun._meta.get_field("table").storage
    before = set(storage.listdir("imports")[1]) if storage.exists("imports") else set()

    with pytest.raises(Invalid, match="Too late"):
        upload([MUG], pictures=zip_with(picture_file, "front.jpg"))

    assert set(storage.listdir("imports")[1]) == before


def test_a_file_that_is_gone_fails_its_import(upload, go_on):
    run = upload([MUG])
    run.table.storage.delete(run.table.name)

    assert (go_on(run).status, "no longer here" in run.problem) == (ImportStatus.FAILED, True)


def test_whoever_may_not_sell_any_more_makes_nothing(upload, go_on, seller):
    run = go_on(upload([MUG]))
    services.start_import(run_id=run.pk, actor=seller)
    type(seller).objects.filter(pk=seller.pk).update(is_active=False)

    assert go_on(run).status == ImportStatus.FAILED
    assert not Product.objects.exists()


@pytest.mark.parametrize("who", ["buyer", "courier", "admin"])
def test_sellers_only(upload, who, request):
    with pytest.raises(PermissionDenied):
        upload([MUG], actor=request.getfixturevalue(who))
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize("act", ["start_import", "cancel_import", "try_pictures_again"])
def test_nobody_elses(upload, go_on, other_seller, act):
    run = go_on(upload([MUG]))

    with pytest.raises(PermissionDenied):
        getattr(services, act)(run_id=run.pk, actor=other_seller)
    run.refresh_from_db()
    assert run.status == ImportStatus.CHECKED


def test_one_import_at_a_time(upload, other_seller):
    upload([MUG])

    with pytest.raises(Invalid, match="One file at a time"):
        upload([MUG])
    upload([MUG], actor=other_seller)
    assert ImportRun.objects.count() == 2


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"content": b"nonsense"}, "table"),
        ({"pictures": io.BytesIO(b"no zip")}, "pictures"),
        ({"category_id": 404}, "category"),
    ],
)
def test_what_is_no_import_is_said_at_once_and_nothing_is_kept(upload, given, field):
    storage = ImportRun._meta.get_field("table").storage
    before = storage.listdir("imports")[1] if storage.exists("imports") else []

    with pytest.raises(Invalid) as refused:
        upload(given.pop("content", [MUG]), **given)

    assert refused.value.field == field
    assert not ImportRun.objects.exists()
    assert (storage.listdir("imports")[1] if storage.exists("imports") else []) == before


STEPS = [(before, act) for before in ImportStatus for act in ("start_import", "cancel_import")]
ALLOWED = {
    (ImportStatus.CHECKED, "start_import"),
    (ImportStatus.DONE, "start_import"),
    (ImportStatus.RUNNING, "start_import"),
    *((before, "cancel_import") for before in ("uploaded", "checked", "running", "cancelled")),
}


@pytest.mark.parametrize(("before", "act"), [step for step in STEPS if step not in ALLOWED])
def test_other_steps_are_refused(upload, seller, before, act):
    run = upload([MUG])
    open_key = seller.pk if before in ("uploaded", "checked", "running") else None
    ImportRun.objects.filter(pk=run.pk).update(status=before, open_key=open_key)

    with pytest.raises(InvalidTransition):
        getattr(services, act)(run_id=run.pk, actor=seller)


def test_files_go_a_month_after_the_end_and_the_report_stays(bring):
    run = bring([MUG, *SHIRT, shirt("S", **{"Variant Price": "21"})])
    name, storage = run.table.name, run.table.storage

    services.forget_old_imports(clock.now() + timedelta(days=29))
    assert storage.exists(name)

    services.forget_old_imports(clock.now() + timedelta(days=31))
    run.refresh_from_db()
    assert (bool(run.table), storage.exists(name)) == (False, False)
    assert len(list(report_rows(run))) == 1


def test_a_report_is_a_table_of_words(bring):
    run = bring([MUG | {"Variant Price": "=1+1"}])

    assert [len(row) for row in report_rows(run)] == [7]
