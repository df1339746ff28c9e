"""The pages of imports: upload, preview, progress, report, and the shop as a file."""

import csv
import io
import zipfile

import pytest
from django.urls import reverse
from PIL import Image

from marketplace.common import clock
from marketplace.common.idempotency import new_form_key
from marketplace.importing import services
from marketplace.importing.models import ImportRun, private_storage
from marketplace.importing.states import ImportStatus
from marketplace.products.models import Product
from marketplace.products.tests.shopify_files import file_of

pytestmark = pytest.mark.usefixtures("books_balance")

UPLOAD = reverse("seller_dashboard:imports")
MUG = {"Handle": "mug", "Title": "Mug", "Type": "Mugs", "Variant Price": "9.50", "Variant SKU": "M-1"}
CUP = {"Handle": "cup", "Title": "=Cup", "Type": "Mugs", "Variant Price": "cheap"}


@pytest.fixture
def mugs(make_category):
    return make_category("Mugs")


@pytest.fixture
def sam(as_person, seller):
    return as_person(seller)


def send(client, rows=(MUG, CUP), name="products.csv", **more):
    file = file_of(rows)
    file.name = name
    seller_id = client.session["_auth_user_id"]
    key = new_form_key(user_id=seller_id, action="import")
    return client.post(UPLOAD, {"table": file, "form_key": key, **more})


def page(run: ImportRun, act: str = "import") -> str:
    return reverse(f"seller_dashboard:{act}", args=[run.public_id])


def text(response) -> str:
    return b"".join(response.streaming_content).decode() if response.streaming else response.content.decode()


def go_on() -> ImportRun:
    for _round in range(3):
        services.run_imports(clock.now())
    return ImportRun.objects.get()


def test_the_whole_way_without_javascript(sam, mugs):
    assert 'enctype="multipart/form-data"' in text(sam.get(UPLOAD))

    answer = send(sam, name="C:\\shop\\my products.csv")
    run = ImportRun.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, page(run))
    shown = text(sam.get(page(run)))
    assert "Being looked through" in shown
    assert "Look again" in shown
    assert "Bring them over" not in shown

    go_on()
    shown = text(sam.get(page(run)))
    assert "Bring them over" in shown
    assert "Enter an amount" in shown
    assert "hx-trigger" not in shown
    assert not Product.objects.exists()

    assert sam.post(page(run, "import_start")).status_code == 303
    assert "<progress" in text(sam.get(page(run)))
    assert go_on().status == ImportStatus.DONE
    assert Product.objects.get().title == "Mug"
    assert "Done" in text(sam.get(page(run)))
    assert page(run) in text(sam.get(UPLOAD))


def stored_files() -> set[str]:
    folder = private_storage()
    return set(folder.listdir("imports")[1]) if folder.exists("imports") else set()


class TestAFormThatIsSentTwice:
    @pytest.fixture
    def key(self, seller):
        return new_form_key(user_id=seller.pk, action="import")

    def test_its_page_has_a_key(self, sam):
        assert 'name="form_key" value="' in text(sam.get(UPLOAD))

    @pytest.mark.every_database
    def test_makes_one_import_and_leads_to_it_twice(self, sam, mugs, key):
        before = stored_files()

        first, second = (send(sam, form_key=key) for _click in range(2))

        run = ImportRun.objects.get()
        assert [first["Location"], second["Location"]] == [page(run)] * 2
        assert [f"imports/{name}" for name in stored_files() - before] == [run.table.name]

    def test_with_another_file_is_said(self, sam, mugs, key):
        send(sam, form_key=key)
        before = stored_files()

        answer = send(sam, rows=(MUG,), form_key=key)

        assert answer.status_code == 422
        assert "already used for something else" in text(answer)
        assert ImportRun.objects.count() == 1
        assert stored_files() == before

    def test_a_key_that_is_none_brings_nothing(self, sam, mugs):
        before = stored_files()

        assert send(sam, form_key="nonsense").status_code == 422

        assert not ImportRun.objects.exists()
        assert stored_files() == before


def test_a_shop_is_taken_along_with_its_pictures(sam, mugs, seller, make_product, show):
    show(make_product(category=mugs, title="Mug"), alt_text="A mug")

    answer = sam.get(reverse("seller_dashboard:export_zip"))

    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"].endswith('.zip"')
    whole = io.BytesIO(b"".join(answer.streaming_content))
    with zipfile.ZipFile(whole) as archive:
        table, picture = archive.namelist()
        assert (table, picture.split("/")[0]) == ("products.csv", "pictures")
        assert picture.split("/")[1] in archive.read(table).decode()
        assert Image.open(io.BytesIO(archive.read(picture))).size == (900, 900)


def test_the_progress_looks_again_by_itself(sam, mugs):
    send(sam)
    run = ImportRun.objects.get()

    whole, part = sam.get(page(run)), sam.get(page(run), headers={"HX-Request": "true"})

    assert 'hx-trigger="every 3s"' in text(whole)
    assert "<html" in text(whole)
    assert "<html" not in text(part)
    assert 'hx-trigger="every 3s"' in text(part)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "This field is required"),
        ({"table": b"not ours\n"}, "not a product file of Shopify"),
        ({"table": b""}, "empty"),
    ],
)
def test_what_cannot_be_read_is_said_beside_the_field(sam, files, words):
    for field, content in files.items():
        files[field] = io.BytesIO(content)
        files[field].name = "x.csv"

    answer = sam.post(UPLOAD, files)

    assert answer.status_code == 422
    assert words in text(answer)
    assert not ImportRun.objects.exists()


@pytest.mark.every_database
def test_a_category_for_the_others_is_chosen_from_the_tree(sam, mugs, make_category):
    deep = make_category("Deep", parent=mugs)
    assert "Mugs › Deep" in text(sam.get(UPLOAD))

    assert send(sam, category=str(deep.pk), counts_stock="on").status_code == 303

    run = ImportRun.objects.get()
    assert (run.category, run.counts_stock) == (deep, True)


def test_the_report_is_a_file_without_formulas(sam, mugs):
    send(sam)
    run = go_on()

    answer = sam.get(page(run, "import_report"))

    [header, row] = csv.reader(io.StringIO(text(answer).removeprefix("\ufeff"), newline=""))
    assert header[0] == "Line"
    assert row[:6] == ["3", "3", "cup", "'=Cup", "Left out", "Variant Price"]
    assert "attachment" in answer["Content-Disposition"]


def test_the_shop_is_a_file_that_shopify_reads(sam, make_product):
    make_product(title="Brass lamp", price=4999)

    answer = sam.get(reverse("seller_dashboard:export"))

    [row] = csv.DictReader(io.StringIO(text(answer).removeprefix("\ufeff"), newline=""))
    assert (row["Title"], row["Variant Price"], row["Type"]) == ("Brass lamp", "49.99", "Things")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"


def test_a_stopped_import_is_stopped_once_more_and_not_started(sam, mugs):
    send(sam)
    run = go_on()

    assert [sam.post(page(run, "import_cancel")).status_code for _again in range(2)] == [303, 303]
    answer = sam.post(page(run, "import_start"))

    assert answer.status_code == 409
    assert "Stopped" in text(answer)


@pytest.mark.parametrize("act", ["import", "import_report"])
def test_somebody_elses_import_is_not_there(sam, mugs, as_person, other_seller, act):
    send(sam)

    assert as_person(other_seller).get(page(ImportRun.objects.get(), act)).status_code == 404


@pytest.mark.parametrize("act", ["import_start", "import_cancel", "import_pictures"])
def test_nor_can_it_be_touched(sam, mugs, as_person, other_seller, act):
    send(sam)
    run = go_on()

    assert as_person(other_seller).post(page(run, act)).status_code == 404
    assert sam.get(page(run, "import_start")).status_code == 405
    run.refresh_from_db()
    assert run.status == ImportStatus.CHECKED


def test_status_and_seller_of_an_import_are_not_the_forms_to_say(sam, seller, other_seller, mugs):
    send(sam, status="done", seller=str(other_seller.pk), place="9")

    run = ImportRun.objects.get()
    assert (run.status, run.seller, run.place) == (ImportStatus.UPLOADED, seller, 0)
