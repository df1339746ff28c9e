"""What a seller does in the editor, in their words: the page object of everything that is listed."""

from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Locator, Page, expect


class Lister:
    """A seller at a browser, with a listing of theirs."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def begin(self, title: str, *, category: str, price: str) -> None:
        """From the table of listings into the editor of a new draft."""
        self.page.goto("/seller/listings/")
        self.page.get_by_role("link", name="New listing").click()
        self.page.get_by_label("Title").fill(title)
        self.page.get_by_label("Category").select_option(label=category)
        self.page.get_by_label("Price").fill(price)
        self.page.get_by_test_id("begin").click()
        expect(self.page.get_by_test_id("missing")).to_contain_text("Add a picture")

    def offer_in(self, *options: tuple[str, str], rows: int) -> None:
        """Name the options and their values ("S, M, L"), and have the table made of them."""
        for number, (name, values) in enumerate(options, start=1):
            self.page.get_by_label(f"Option {number}").fill(name)
            self.page.locator(f"#id_option{number}_values").fill(values)
        self.page.get_by_test_id("table").click()
        expect(self.page.get_by_test_id("variant-row")).to_have_count(rows)

    def cell(self, row: int, column: str) -> Locator:
        """A field of the table: "price", "stock", …, of a row counted from 0."""
        return self.page.locator(f"#id_v-{row}-{column}")

    def stock_all(self, pieces: int) -> None:
        """Say it once for all rows."""
        self.page.get_by_label("Stock of all").fill(str(pieces))
        self.page.get_by_test_id("fill").click()
        expect(self.cell(0, "stock")).to_have_value(str(pieces))

    def describe(self, text: str) -> None:
        self.page.get_by_label("Description").fill(text)

    def save(self) -> None:
        self.page.get_by_test_id("save").click()
        expect(self.page.get_by_text("Saved.", exact=True)).to_be_visible()

    def show(self, pictures: Sequence[Path], *, alt: str) -> None:
        """Upload them, and say of each what it shows: `alt` and its number, from 0."""
        self.page.locator("#files").set_input_files(pictures)
        self.page.get_by_test_id("upload").click()
        rows = self.page.get_by_test_id("picture")
        expect(rows).to_have_count(len(pictures))
        for number in range(len(pictures)):
            rows.nth(number).get_by_label("What it shows").fill(f"{alt} {number}")
            rows.nth(number).get_by_role("button", name="Save").click()
        for number in range(len(pictures)):
            self.expect_picture(number, f"{alt} {number}")
        expect(self.page.get_by_test_id("missing")).to_have_count(0)
        expect(self.page.get_by_test_id("submit")).to_be_enabled()

    def expect_picture(self, place: int, alt_text: str) -> None:
        field = self.page.get_by_test_id("picture").nth(place).get_by_label("What it shows")
        expect(field).to_have_value(alt_text)

    def hand_in(self) -> None:
        self.page.get_by_test_id("submit").click()
        self.expect_status("Waiting for review")

    def expect_status(self, label: str) -> None:
        expect(self.page.get_by_test_id("listing-status")).to_have_text(label)

    def mend(self, *, asked: str, text: str) -> None:
        """Read what an admin has asked for, write it and hand it in again."""
        self.page.reload()
        expect(self.page.get_by_test_id("asked-for")).to_contain_text(asked)
        self.page.get_by_test_id("edit").click()
        self.describe(text)
        self.save()
        self.hand_in()
