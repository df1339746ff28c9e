"""A seller brings a shop over: the file, the preview, the bar that fills by itself, the goods; and takes it along."""

import csv
import io
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import DESKTOP, NO_JS, PHONE
from marketplace.common import clock
from marketplace.importing.services import run_imports
from marketplace.products.models import Product
from marketplace.products.tests.shopify_files import table
from site_config.acts import products

pytestmark = pytest.mark.usefixtures("books_balance")

ROWS = [
    {
        "Handle": "shirt",
        "Title": "Linen shirt",
        "Type": "Shirts",
        "Option1 Name": "Size",
        "Option1 Value": "S",
        "Variant Price": "39.00",
        "Image Src": "https://cdn.example/shirt.jpg?v=1",
        "Image Alt Text": "A linen shirt",
    },
    {
        "Handle": "shirt",
        "Option1 Value": "M",
        "Variant Price": "39.00",
        "Image Src": "https://cdn.example/back.jpg",
    },
    {"Handle": "sock", "Title": "Sock", "Type": "Shirts", "Variant Price": "cheap"},
]


@pytest.fixture
def files(tmp_path, make_category) -> tuple[Path, Path]:
    """A product file, and a ZIP with one of its two pictures."""
    make_category("Shirts")
    sheet, pictures = tmp_path / "products.csv", tmp_path / "pictures.zip"
    sheet.write_text(table(ROWS))
    with zipfile.ZipFile(pictures, "w") as archive:
        archive.writestr("all/shirt.jpg", products.picture_file("JPEG", (300, 300)).getvalue())
    return sheet, pictures


def wide(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > innerWidth")


@pytest.mark.parametrize(("look", "runs_scripts"), [(DESKTOP, True), (PHONE, True), (NO_JS, False)])
def test_a_shop_is_brought_over(visit_as, seller, files, look, runs_scripts):
    page = visit_as(seller, **look)
    page.goto("/seller/imports/")
    page.get_by_label("Product file (CSV)").set_input_files(files[0])
    page.get_by_label("Pictures (ZIP)").set_input_files(files[1])
    page.get_by_role("button", name="Look through it").click()
    expect(page.get_by_test_id("import-status")).to_have_text("Being looked through")

    run_imports(clock.now())
    if not runs_scripts:
        page.get_by_role("link", name="Look again").click()
    expect(page.get_by_test_id("import-status")).to_have_text("Waiting for your word")
    expect(page.get_by_test_id("made")).to_have_text("1")
    expect(page.get_by_test_id("refused")).to_have_text("1")
    expect(page.get_by_text("Line 4 Variant Price: Enter an amount")).to_be_visible()
    if runs_scripts:
        assert not wide(page)
    assert not Product.objects.filter(seller=seller).exists()

    page.get_by_role("button", name="Bring them over").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    run_imports(clock.now())
    if not runs_scripts:
        page.get_by_role("link", name="Look again").click()
    expect(page.get_by_test_id("import-status")).to_have_text("Done")
    expect(page.get_by_test_id("missing")).to_contain_text("back.jpg")
    shirt = Product.objects.get(seller=seller)
    assert [row.option1 for row in shirt.variants.all()] == ["S", "M"]
    assert [image.alt_text for image in shirt.images.all()] == ["A linen shirt"]

    with page.expect_download() as report:
        page.get_by_role("link", name="What was left out").click()
    rows = list(csv.reader(io.StringIO(report.value.path().read_text("utf-8-sig"), newline="")))
    assert [row[0] for row in rows] == ["Line", "4", "3"]

    page.goto("/seller/imports/")
    with page.expect_download() as export:
        page.get_by_role("link", name="Products (CSV)").click()
    shop = csv.DictReader(io.StringIO(export.value.path().read_text("utf-8-sig"), newline=""))
    assert [row["Title"] for row in shop] == ["Linen shirt", ""]
