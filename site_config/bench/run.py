"""The measuring itself: rounds in which every page takes turns with the reference, so that ratios hold.

On a machine whose speed moves by a factor of two within minutes only what was measured side by side can
be compared; the table therefore shows medians of per-round ratios, and processor time beside rates.
"""

import html
import itertools
import re
import subprocess
import time
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from django.conf import settings
from django.http import HttpResponse

from marketplace.common.idempotency import new_form_key
from marketplace.orders.cart_ref import new_token
from marketplace.web import cart_cookie

from .databases import Database, backends, prepare_plain, refill_carts, refill_plain
from .load import Answers, ask_all, get, post
from .processes import BackendClock, tree_seconds

CSRF = "b" * 32  # any secret: what counts is that cookie and field agree
PLAIN_ORDER = Path(__file__).parent / "plain_order.sql"
PAGES = ("home", "category", "search", "product")


@dataclass
class Cell:
    """What one row of the table was measured from: one entry a round."""

    name: str
    products: int
    who: str
    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    database_cpu: list[float] = field(default_factory=list)
    percentiles: list[tuple[float, float, float]] = field(default_factory=list)
    kilobytes: float = 0.0

    def take(self, answers: Answers, seconds: float, database_seconds: float) -> None:
        count = len(answers.latencies)
        self.rates.append(answers.per_second)
        self.cpu.append(1000 * seconds / count)
        self.database_cpu.append(1000 * database_seconds / count)
        self.percentiles.append(tuple(answers.percentile(share) for share in (0.5, 0.95, 0.99)))
        self.kilobytes = answers.body_bytes / count / 1000

    def share_of(self, other: "Cell") -> float:
        """The median of this row's rate over the other's, round by round."""
        return median(mine / theirs for mine, theirs in zip(self.rates, other.rates, strict=True))

    def work_of(self, other: "Cell") -> float:
        """The same for processor time a request, the server's and the database's together."""
        mine = [a + b for a, b in zip(self.cpu, self.database_cpu, strict=True)]
        theirs = [a + b for a, b in zip(other.cpu, other.database_cpu, strict=True)]
        return median(a / b for a, b in zip(mine, theirs, strict=True))


@dataclass
class Target:
    """A server that is up, over a database."""

    port: int
    pid: int
    database: Database


class Bench:
    """Knows the servers and keeps the cells."""

    def __init__(
        self, *, server: str, seconds: float, connections: int, say: Callable[[str], object]
    ) -> None:
        self.server, self.seconds, self.connections, self.say = server, seconds, connections, say
        self.cells: dict[tuple[str, int, str], Cell] = {}

    def cell(self, name: str, products: int, who: str) -> Cell:
        return self.cells.setdefault((name, products, who), Cell(name, products, who))

    def measure(
        self, cell: Cell | None, target: Target, requests: Iterator[bytes], *, expected=(200,), seconds=None
    ) -> None:
        """Ask for a while; without a cell only to warm up."""
        before = tree_seconds(target.pid)
        clock = BackendClock(backends(self.server, target.database.name))
        answers = ask_all(
            target.port,
            requests,
            connections=self.connections,
            seconds=seconds or self.seconds,
            expected=expected,
        )
        if answers.unexpected:
            raise RuntimeError(
                f"{cell and cell.name}: {answers.statuses} {answers.unexpected.decode()[:2000]}"
            )
        if cell is not None:
            clock.look(backends(self.server, target.database.name))
            cell.take(answers, tree_seconds(target.pid) - before, clock.spent)
            self.say(
                f"  {cell.name:<12} {cell.products:>7} {cell.who:<9} {cell.rates[-1]:8.0f}/s  {cell.cpu[-1]:5.2f} ms"
            )

    # --- pages ------------------------------------------------------------------------------

    def pages(self, reference: Target, targets: list[Target], names: tuple[str, ...]) -> None:
        """One round of the pages that are only read, each beside the reference."""
        base = reference.database
        for name in names:
            links = [f"/c/{slug}" for slug in base.facts["category_slugs"]]
            self.measure(
                self.cell(f"reference beside {name}", base.facts["products"], "visitor"),
                reference,
                map(get, itertools.cycle(links)),
            )
            for target in targets:
                for who, requests in self.readers(target.database.facts, name):
                    self.measure(self.cell(name, target.database.facts["products"], who), target, requests)

    def readers(self, facts: dict, name: str) -> Iterator[tuple[str, Iterator[bytes]]]:
        yield "visitor", map(get, itertools.cycle(facts[name]))
        pairs = zip(itertools.cycle(facts[name]), itertools.cycle(facts["people"][:200]))
        yield "signed in", (get(path, cookies=session(person)) for path, person in pairs)

    # --- cart -------------------------------------------------------------------------------

    def adding(self, target: Target, turn: int) -> None:
        """One round of "add to cart": two hundred carts take turns, each time another product."""
        facts = target.database.facts
        products = [product for product, _seller in facts["for_carts"]]
        visitors = [(visitor_cookie(), None) for _ in range(200)]
        people = [(session(person), person["user"]) for person in facts["people"][:200]]
        for who, jars in (("visitor", visitors), ("signed in", people)):
            with target.database.connect() as connection:
                connection.execute("DELETE FROM orders_cartline")
            requests = (
                add_to_cart(
                    facts["cart_add"],
                    products[(turn * 37 + number // len(jars)) % 90],
                    *jars[number % len(jars)],
                )
                for number in itertools.count()
            )
            # The first time round makes the visitors' carts: that is not what is measured.
            ask_all(target.port, itertools.islice(requests, len(jars)), connections=self.connections)
            cell = self.cell("add to cart", facts["products"], who)
            self.measure(cell, target, requests, expected=(302, 303))

    # --- orders -----------------------------------------------------------------------------

    def ordering(self, target: Target, turn: int) -> None:
        """One round of placing orders: every buyer sends the checkout form that they were shown."""
        facts = target.database.facts
        with target.database.connect() as connection:
            refill_carts(connection, facts, turn)
        jars = [f"{session(person)}; {settings.CSRF_COOKIE_NAME}={CSRF}" for person in facts["people"]]
        shown = ask_all(
            target.port,
            [get(facts["checkout"], cookies=jar) for jar in jars],
            connections=self.connections,
            keep=True,
        )
        if shown.unexpected:
            raise RuntimeError(f"checkout: {shown.statuses} {shown.unexpected.decode()[:2000]}")
        forms = [checkout_form(shown.bodies[number].decode()) for number in range(len(jars))]
        requests = (post(facts["checkout"], form, cookies=jar) for form, jar in zip(forms, jars, strict=True))
        cell = self.cell("place order", facts["products"], "signed in")
        self.measure(cell, target, requests, expected=(302, 303))

    def plain_ordering(self, database: Database, *, carts: int, content_type: int) -> None:
        """One round of the same transaction in plain SQL, by pgbench."""
        with database.connect() as connection:
            refill_plain(connection)
            connection.execute("CHECKPOINT")
        each = carts // self.connections
        command = [
            *("pgbench", "--no-vacuum", "--file", str(PLAIN_ORDER), "--client", str(self.connections)),
            *(
                "--jobs",
                "2",
                "--transactions",
                str(each),
                "--log",
                "--log-prefix",
                str(settings.VAR_DIR / "pgbench"),
            ),
            *("-D", "i=0", "-D", f"carts={each}", "-D", f"ct={content_type}"),
            database.url.replace("postgres://", "postgresql://"),
        ]
        for old in settings.VAR_DIR.glob("pgbench.*"):
            old.unlink()
        clock = BackendClock([])
        pgbench = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603
        while pgbench.poll() is None:
            clock.look(backends(self.server, database.name))
            time.sleep(0.05)
        out, errors = pgbench.communicate()
        rate = re.search(r"tps = ([0-9.]+) \(without", out)
        if pgbench.returncode or not rate or "ERROR" in errors:
            raise RuntimeError(f"pgbench: {out} {errors[:2000]}")
        answers = Answers(elapsed=carts / float(rate[1]))
        for log in settings.VAR_DIR.glob("pgbench.*"):
            answers.latencies += [int(line.split()[2]) / 1e6 for line in log.read_text().splitlines()]
            log.unlink()
        answers.latencies.sort()
        cell = self.cell("plain SQL", database.facts["products"], "pgbench")
        cell.take(answers, 0, clock.spent)
        self.say(f"  plain SQL    {cell.products:>7} {'':<9} {cell.rates[-1]:8.0f}/s")


def add_to_cart(path: str, product: int, jar: str, user: int | None) -> bytes:
    """The form of a product's page, with a key of its own."""
    key = new_form_key(user_id=user, action="cart_add", subject=product)
    fields = {"product": product, "quantity": 1, "form_key": key, "csrfmiddlewaretoken": CSRF}
    return post(path, urllib.parse.urlencode(fields), cookies=f"{jar}; {settings.CSRF_COOKIE_NAME}={CSRF}")


def session(person: dict) -> str:
    return f"{settings.SESSION_COOKIE_NAME}={person['session']}"


def visitor_cookie() -> str:
    """The signed cookie of a visitor's cart, as the store itself sets it."""
    response = HttpResponse()
    response.set_signed_cookie(cart_cookie.NAME, new_token(), salt=cart_cookie._SALT)
    return f"{cart_cookie.NAME}={response.cookies[cart_cookie.NAME].coded_value}"


def checkout_form(page: str) -> str:
    """What a browser would send: every field of the checkout form as it was filled in."""
    form = page[page.index('data-testid="checkout"') :]
    fields = []
    for tag in re.findall(r"<input[^>]*>", form[: form.index("</form>")]):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        is_left_out = re.search(r'type="(radio|checkbox)"', tag) and not re.search(r"\schecked\b", tag)
        if name and not is_left_out:
            fields.append((name[1], html.unescape(value[1]) if value else ""))
    return urllib.parse.urlencode(fields)


def prepare_for_plain_orders(database: Database, carts: int) -> int:
    with database.connect() as connection:
        return prepare_plain(connection, database.facts, carts=carts)
