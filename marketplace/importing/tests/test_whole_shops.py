"""Whole shops: out and in again, two thousand rows with faults among them."""

import io
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from marketplace.common.errors import Invalid
from marketplace.importing.models import ImportLine, ImportRun
from marketplace.importing.packing import zipped_shop
from marketplace.importing.selectors import import_page, report_rows, shop_drafts
from marketplace.importing.states import Outcome
from marketplace.products.models import Product, ProductImage
from marketplace.products.shopify import csv_lines
from marketplace.products.tests.shopify_files import catalogue

from .goods import MUG, SHIRT, facts

pytestmark = [pytest.mark.usefixtures("books_balance")]


def test_a_shop_goes_out_and_comes_in_as_the_same_shop(
    bring, seller, other_seller, make_category, make_product
):
    lamps = make_category("Lamps", parent=make_category("Home"))
    make_product(
        category=lamps, title="Brass lamp", description="Warm.\n\n- brass\n- 40 W", price=4999, stock=4
    )
    bring([MUG, *SHIRT])
    drafts = list(shop_drafts(seller.pk))
    exported = "".join(csv_lines(drafts)).encode()
    before = facts()

    back = bring(exported)
    assert facts() == before
    assert import_page(back).counts == {"made": 0, "changed": 0, "same": 3, "refused": 0}

    bring(exported, actor=other_seller)
    assert list(shop_drafts(other_seller.pk)) == drafts


class TestAZipWithEverything:
    @pytest.fixture
    def zipped(self, seller, make_product, shirts, show):
        """A shop of two products, one with two pictures, as its seller takes it along."""
        lamp = make_product(category=shirts, title="Brass lamp", description="Warm.", price=4999, stock=4)
        make_product(category=shirts, title="Bare lamp", price=999)
        for alt in ("From the left", "From above"):
            show(lamp, alt_text=alt)
        return b"".join(zipped_shop(seller.pk))

    def test_comes_in_as_the_same_shop_with_its_pictures(self, zipped, bring, seller, other_seller):
        drafts = list(shop_drafts(seller.pk))

        bring(zipped, actor=other_seller)

        back = list(shop_drafts(other_seller.pk))
        assert [replace(one, images=()) for one in back] == [replace(one, images=()) for one in drafts]
        assert [[image.alt for image in one.images] for one in back] == [["From the left", "From above"], []]
        mine, theirs = (
            ProductImage.objects.filter(product__seller=one, product__title="Brass lamp").order_by("position")
            for one in (seller, other_seller)
        )
        for before, after in zip(mine, theirs, strict=True):
            assert (before.width, before.height) == (after.width, after.height)

    def test_the_same_again_changes_nothing(self, zipped, bring):
        before = facts()

        back = bring(zipped)

        assert facts() == before
        assert import_page(back).counts == {"made": 0, "changed": 0, "same": 2, "refused": 0}

    def test_a_picture_whose_file_is_gone_is_left_out(self, zipped, seller):
        gone = ProductImage.objects.earliest("pk").picture
        gone.storage.delete(gone.name)

        with zipfile.ZipFile(io.BytesIO(b"".join(zipped_shop(seller.pk)))) as archive:
            assert archive.testzip() is None
            assert [name.split("/")[0] for name in archive.namelist()] == ["products.csv", "pictures"]

    @pytest.mark.breaks_books
    def test_archived_listings_and_other_shops_stay_where_they_are(self, zipped, seller, other_seller):
        Product.objects.update(status="archived")

        for person in (seller, other_seller):
            with zipfile.ZipFile(io.BytesIO(b"".join(zipped_shop(person.pk)))) as archive:
                assert archive.namelist() == ["products.csv"]

    @pytest.mark.parametrize("names", [[], ["a.csv", "b.CSV"], ["a.jpg"]])
    def test_a_zip_without_its_one_table_is_refused(self, upload, names):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for name in names or ["folder/"]:
                archive.writestr(name, "")

        with pytest.raises(Invalid, match="exactly one CSV") as refused:
            upload(file.getvalue())

        assert refused.value.field == "table"
        assert not ImportRun.objects.exists()

    def test_two_zips_are_one_too_many(self, upload, zipped):
        with pytest.raises(Invalid, match="one of the two") as refused:
            upload(zipped, pictures=io.BytesIO(zipped))

        assert refused.value.field == "pictures"
        assert not ImportRun.objects.exists()


STATUS, FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@contextmanager
def highest_memory() -> Iterator[Callable[[], float]]:
    """`megabytes()`: the most that this whole process held at a time, the tests' own things with it; 0 where the system
    does not say."""
    if FORGET.exists():
        FORGET.write_text("5")  # the highest mark begins anew
    held = 0.0

    def megabytes() -> float:
        return held

    yield megabytes
    if FORGET.exists():
        [line] = [line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM")]
        held = int(line.split()[1]) / 1024


def test_what_is_held_is_measured():
    with highest_memory() as before:
        pass
    with highest_memory() as megabytes:
        bytearray(b"x" * 2**26)

    assert not FORGET.exists() or megabytes() > before() + 60


@pytest.mark.costly(
    "four hundred and fifty products in a transaction each, and all of them again", seconds=90
)
def test_2000_rows_with_50_faulty_ones(bring):
    made = catalogue(2000, faults=50)
    with highest_memory() as before_it:
        pass

    with highest_memory() as megabytes:
        run = bring(made.content)

    # The store itself takes 150 of the 300; tests that ran before may have left more.
    assert megabytes() - before_it() < 150
    assert Product.objects.count() == 450
    refused = [int(row[0]) for row in report_rows(run) if row[4] == Outcome.REFUSED.label]
    assert refused == sorted(made.faults)
    assert Counter(ImportLine.objects.values_list("outcome", flat=True)) == {"made": 450, "refused": 50}
    before = facts()

    bring(made.content)

    assert facts() == before
