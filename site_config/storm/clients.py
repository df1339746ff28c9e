"""What people do in a storm: fill a cart, order, pay in, carry, hand over, pay; and send again what nobody answered.

A client is two people, a buyer and a courier, so that a parcel's whole way is walked however long a step takes.
"""

import random
import re
import secrets
import threading
import time
from dataclasses import dataclass, field

from marketplace.web.typed import SHOWN

from .browser import LOST, Browser, Page, Tally

PAUSE = 0.3  # seconds before a form is sent again
WALKS_AWAY = 0.3  # the share of those without an answer who leave it at that
MAY_LEAVE = {"add", "order", "begin to pay in", "pay in", "sign in"}
SIGNS_IN_AGAIN = 0.05  # the share of errands that begin on another device
LAST_WORD = 30  # seconds after the end in which what is under way may be finished


@dataclass
class Act:
    """One form of one person: what it was, how its effect is known, and what the person knows of it."""

    kind: str
    mark: str
    outcome: str = "unknown"
    answers: list[str] = field(default_factory=list)


class GaveUp(Exception):
    """This errand ends here: the page that was to come next did not."""


class Client(threading.Thread):
    """Errands until `until`; `acts` is what was tried."""

    def __init__(self, number: int, facts: dict, port: int, tally: Tally) -> None:
        super().__init__(daemon=True)
        self.facts, self.port, self.tally = facts, port, tally
        self.buyer_email, self.courier_email = facts["people"][number]
        self.chance = random.Random(number)  # noqa: S311  who walks away is no secret
        self.buyer, self.courier = Browser(port, tally), Browser(port, tally)
        self.walks_away = WALKS_AWAY
        self.acts: list[Act] = []
        self.until, self.goods = time.monotonic() + 300, []
        self.wanders: list[str] = []
        self.is_carrying = False

    def begin(self, goods: list[dict], until: float) -> None:
        self.goods, self.until = goods, until

    def run(self) -> None:
        while time.monotonic() < self.until:
            try:
                self.errand()
            except GaveUp as error:
                self.wanders.append(str(error))
                time.sleep(PAUSE)

    def errand(self) -> None:
        """A parcel's whole way."""
        self.is_carrying = False
        if not self.buyer.cookies or self.chance.random() < SIGNS_IN_AGAIN:
            self.buyer = self.sign_in(self.buyer_email)
        if not self.courier.cookies:
            self.courier = self.sign_in(self.courier_email)
        if self.chance.random() < 0.3:
            self.pay_in()
        for product in self.chance.sample(self.goods, 2):
            self.add(product)
        order = self.order()
        page = self.read(self.buyer, order)
        self.is_carrying = True
        for number in sorted(set(re.findall(r'id="shipment-([0-9a-z]{12})"', page.text))):
            self.carry(order, number)

    # --- steps ------------------------------------------------------------------------------

    def sign_in(self, email: str) -> Browser:
        browser = Browser(self.port, self.tally)
        form = self.form(browser, "/accounts/login/", "login", "password")
        form |= {"login": email, "password": self.facts["password"]}
        act = Act("sign in", "")
        self.send(act, browser, "/accounts/login/", form, leads_to="/")
        act.mark = next((value for name, value in browser.cookies.items() if "session" in name), "")
        return browser

    def add(self, product: dict) -> None:
        form = self.form(self.buyer, f"/p/{product['slug']}/", "product", "form_key")
        act = Act("add", f"{self.buyer_email} {product['id']}")
        self.send(act, self.buyer, "/cart/add/", form | {"quantity": "1"}, leads_to="/cart/")

    def order(self) -> str:
        """The address of the order."""
        form = self.form(self.buyer, "/checkout/", "form_key", "total")
        act = Act("order", f"storm {secrets.token_hex(8)}")
        return self.send(
            act, self.buyer, "/checkout/", form | {"notes": act.mark}, leads_to="/orders/"
        ).location

    def pay_in(self) -> None:
        amount = 1_000 + secrets.randbelow(90_000)
        mark = f"{self.buyer_email} {amount}"
        if any(act.mark == mark for act in self.acts):
            return
        form = self.form(self.buyer, "/wallet/top-up/", "amount", "form_key")
        form["amount"] = f"{amount // 100}.{amount % 100:02d}"
        begun = self.send(
            Act("begin to pay in", mark), self.buyer, "/wallet/top-up/", form, leads_to="/wallet/"
        )
        bank = begun.location
        form = self.form(self.buyer, bank) | {"decision": "approved"}
        self.send(Act("pay in", mark), self.buyer, bank, form, leads_to="/wallet/")

    def carry(self, order: str, number: str) -> None:
        token = self.form(self.courier, "/courier/", "csrfmiddlewaretoken")["csrfmiddlewaretoken"]
        form = {"csrfmiddlewaretoken": token}
        claim, pick_up = Act("claim", number), Act("pick up", number)
        claimed = self.send(claim, self.courier, f"/courier/claim/{number}/", form, leads_to="/courier/jobs/")
        job = claimed.location
        self.send(pick_up, self.courier, f"{job}pick-up/", form, leads_to="/courier/jobs/")
        shown = re.search(r'data-testid="pin">([\d\s]+)<', self.read(self.buyer, order).text)
        if not shown:
            raise GaveUp(f"{number} has no PIN")
        form = self.form(self.courier, f"{job}confirm/", "form_key") | {"pin": re.sub(r"\s", "", shown[1])}
        self.send(Act("hand over", number), self.courier, f"{job}confirm/", form, leads_to="/courier/jobs/")
        pay = f"{order}shipments/{number}/complete/"
        form = self.form(self.buyer, pay, SHOWN)
        self.send(Act("pay", number), self.buyer, pay, form, leads_to="/orders/")

    # --- how ----------------------------------------------------------------------------------

    def go_on(self) -> None:
        """Nothing new is begun when the storm is over; who carries a parcel brings it, or would soon have too many."""
        if time.monotonic() > self.until and not self.is_carrying:
            raise GaveUp("the storm is over")

    def read(self, browser: Browser, path: str) -> Page:
        """A page, asked for again until it comes. One that is refused ends the errand."""
        self.go_on()
        while time.monotonic() < self.until + LAST_WORD:
            try:
                page = browser.get(path)
            except LOST:
                time.sleep(PAUSE)
                continue
            if page.status == 200:
                return page
            if page.status < 500:
                if page.location.startswith("/accounts/login"):
                    browser.cookies.clear()
                raise GaveUp(f"{path}: {page.status} {page.location}")
            time.sleep(PAUSE)
        raise GaveUp(f"{path} did not come any more")

    def form(self, browser: Browser, path: str, *names: str) -> dict[str, str]:
        found = self.read(browser, path).form(*(names or ("csrfmiddlewaretoken",)))
        if found is None:
            raise GaveUp(f"{path} has no such form")
        return found

    def send(self, act: Act, browser: Browser, path: str, form: dict[str, str], *, leads_to: str) -> Page:
        """Send a form until it is answered, always with the same key; some walk away instead."""
        self.go_on()
        self.acts.append(act)
        while time.monotonic() < self.until + LAST_WORD:
            try:
                page = browser.post(path, form)
            except LOST as error:
                act.answers.append(type(error).__name__)
                if act.kind in MAY_LEAVE and self.chance.random() < self.walks_away:
                    raise GaveUp(f"{act.kind}: no answer") from error
                time.sleep(PAUSE)
                continue
            act.answers.append(str(page.status))
            is_done = page.status in (302, 303) and page.location.startswith(leads_to)
            if is_done and not page.location.startswith("/accounts/login"):
                act.outcome = "acknowledged"
                return page
            if page.status < 500:
                act.outcome = "refused"
                if page.location.startswith("/accounts/login"):
                    browser.cookies.clear()
                raise GaveUp(f"{path}: {page.status} {page.location}, after {act.answers[:-1]}")
            time.sleep(PAUSE)
        raise GaveUp(f"{act.kind}: no last word, {act.answers}")
