"""What somebody does to buy something, in their words: the page object of the big journey."""

import re

from playwright.sync_api import Page, expect

from e2e.test_accounts import sign_up

WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


class Shopper:
    """A person at a browser. `has_script` says whether their browser runs JavaScript."""

    def __init__(self, page: Page, mailoutbox, *, has_script: bool = True) -> None:
        self.page, self.mailoutbox, self.has_script = page, mailoutbox, has_script

    def search(self, text: str, title: str) -> None:
        """From the home page to the page of what is found."""
        self.page.goto("/")
        self.page.locator("#q").fill(text)
        self.page.locator("#q").press("Enter")
        self.page.get_by_test_id("product-card").get_by_role("link", name=title, exact=True).click()

    def search_and_add(self, text: str, title: str, *, pieces: int = 1) -> None:
        self.search(text, title)
        form = self.page.get_by_test_id("add-to-cart")
        form.get_by_label("Quantity", exact=True).fill(str(pieces))
        form.get_by_role("button", name="Add to cart").click()
        expect(self.page.get_by_test_id("messages")).to_contain_text(title)

    def sign_up(self) -> None:
        sign_up(self.page, self.mailoutbox)

    def say_where_parcels_go(self) -> None:
        self.page.get_by_label("Address*").fill("Königstraße 1, 10178 Berlin")
        self.page.get_by_role("button", name="Save the location").click()

    def pay_in(self, amount: str | None = None, *, goes_on: str = "") -> None:
        """Through the demo bank, from the page that asks for the amount; then back where one was."""
        if amount:
            self.page.get_by_label("Amount").fill(amount)
        self.page.get_by_role("button", name="Go on to payment").click()
        self.page.get_by_role("button", name="Approve", exact=True).click()
        if goes_on:
            expect(self.page).to_have_url(re.compile(goes_on))
            return
        expect(self.page.get_by_test_id("payment-status")).to_have_text("Paid in")

    def set_quantity(self, title: str, pieces: int) -> None:
        """By the + of the cart, or without JavaScript by typing and sending."""
        line = self.page.get_by_test_id("cart-line").filter(has_text=title)
        field = line.get_by_test_id("line-quantity")
        if self.has_script:
            while int(field.input_value()) < pieces:
                line.get_by_role("button", name=f"One more of {title}").click()
        else:
            field.fill(str(pieces))
            line.get_by_role("button", name="Update").click()

    def expect_cart(self, *, sellers: int, total: str) -> None:
        expect(self.page.get_by_test_id("cart-seller")).to_have_count(sellers)
        expect(self.page.get_by_test_id("cart-total")).to_have_text(total)

    def place_the_order(self, *, name: str, phone: str) -> str:
        """From the checkout page to the order's page; returns the order's number."""
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_label("Phone").fill(phone)
        self.page.get_by_test_id("place-order").click()
        expect(self.page).to_have_url(re.compile(r"/orders/[0-9a-z]{12}/$"))
        return self.page.url.rstrip("/").rsplit("/", 1)[1]

    def expect_nothing_scrolls_sideways(self) -> None:
        assert not self.page.evaluate(WIDE), f"{self.page.url} scrolls sideways"
