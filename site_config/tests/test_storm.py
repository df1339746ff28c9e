"""The storm's own pieces, and one short storm: whoever judges losses must see one."""

import socket
import threading
import time

import pytest
from django.conf import settings

from site_config.acts import orders, wallet
from site_config.storm import report
from site_config.storm.browser import Browser, Tally
from site_config.storm.clients import Client
from site_config.storm.count import judge
from site_config.storm.run import Row
from site_config.storm.troubles import TROUBLES
from site_config.storm.wire import Wire
from site_config.testing.people import PASSWORD


def act(kind: str, mark: str, outcome: str) -> dict:
    return {"kind": kind, "mark": mark, "outcome": outcome}


# --- the count ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_what_is_there_once_is_found_and_what_is_not_is_lost(buyer):
    wallet.top_up(buyer, 1234)

    sums = judge(
        [
            act("pay in", f"{buyer.email} 1234", "acknowledged"),
            act("pay in", f"{buyer.email} 999", "acknowledged"),
            act("pay in", f"{buyer.email} 998", "refused"),
        ]
    )["sums"]

    assert (sums["acknowledged"], sums["found"], sums["lost"], sums["doubled"]) == (2, 1, 1, 0)


@pytest.mark.django_db
@pytest.mark.parametrize(("outcome", "doubled"), [("acknowledged", 1), ("unknown", 1), ("refused", 2)])
def test_what_is_there_more_often_than_it_was_sent_is_doubled(buyer, outcome, doubled):
    for _turn in range(2):
        wallet.top_up(buyer, 1234)

    assert judge([act("pay in", f"{buyer.email} 1234", outcome)])["sums"]["doubled"] == doubled


@pytest.mark.django_db
def test_what_nobody_answered_is_told_by_what_is_there(buyer, seller, goods):
    lamp, chair = goods(seller, stock=5), goods(seller, stock=5)
    orders.fill_cart(buyer, {lamp: 2})

    sums = judge(
        [
            act("add", f"{buyer.email} {lamp.pk}", "acknowledged"),
            act("add", f"{buyer.email} {lamp.pk}", "unknown"),
            act("add", f"{buyer.email} {chair.pk}", "unknown"),
        ]
    )["sums"]

    assert (sums["found"], sums["unknown_done"], sums["unknown_not_done"]) == (1, 1, 1)
    assert (sums["lost"], sums["doubled"]) == (0, 0)


# --- the browser and the wire ---------------------------------------------------------------------

WHOLE = (
    b"HTTP/1.1 303 See Other\r\nLocation: /cart/\r\nContent-Length: 2\r\nSet-Cookie: a=b; Path=/\r\n\r\nok"
)


@pytest.fixture
def answering():
    """`answering(bytes)`: a port where every request is answered so, and the line closed."""
    listener = socket.create_server(("127.0.0.1", 0))
    said = [b""]

    def run() -> None:
        while True:
            try:
                line, _address = listener.accept()
            except OSError:
                return
            with line:
                line.recv(65_536)
                line.sendall(said[0])

    threading.Thread(target=run, daemon=True).start()

    def answer(what: bytes) -> int:
        said[0] = what
        return listener.getsockname()[1]

    yield answer
    listener.close()


def test_a_whole_answer_is_read(answering):
    browser = Browser(answering(WHOLE), Tally())

    page = browser.get("/")

    assert (page.status, page.location, page.text, browser.cookies) == (303, "/cart/", "ok", {"a": "b"})


def test_a_whole_answer_in_chunks_is_one_and_one_that_breaks_off_is_none(answering):
    """A 503 that a middleware drew has no length."""
    chunks = b"HTTP/1.1 503 X\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    tally = Tally()

    assert Browser(answering(chunks), tally).get("/").status == 503
    with pytest.raises(OSError, match="cut"):
        Browser(answering(chunks[:-5]), tally).get("/")

    assert tally.statuses == {"503": 1, "none": 1}


@pytest.mark.parametrize("length", [0, 20, WHOLE.index(b"Set-Cookie"), len(WHOLE) - 1])
def test_an_answer_that_ends_anywhere_before_its_end_is_none(answering, length):
    """`http.client` takes a head without its last lines for a whole one: an order would count as acknowledged."""
    browser = Browser(answering(WHOLE[:length]), Tally())

    with pytest.raises(OSError, match="cut"):
        browser.get("/")

    assert browser.tally.statuses == {"none": 1}
    assert not browser.cookies


def test_a_bad_wire_cuts_and_a_good_one_passes_on(answering):
    wire = Wire(answering(WHOLE))
    browser = Browser(wire.port, Tally())
    try:
        assert browser.get("/").status == 303
        wire.bad = 1.0
        with pytest.raises(OSError, match="cut"):
            browser.get("/")
        assert wire.cuts == 1
        wire.bad = 0.0
        assert browser.get("/").status == 303
    finally:
        wire.close()


def test_a_500_is_a_fault_and_so_is_a_503_that_nobody_drew(answering):
    tally = Tally()
    for head in (
        b"500 X\r\nContent-Security-Policy: a",
        b"503 X\r\nServer: a",
        b"503 X\r\nContent-Security-Policy: a",
    ):
        Browser(answering(b"HTTP/1.1 " + head + b"\r\nContent-Length: 0\r\n\r\n"), tally).get("/")

    assert [words.split()[2] for words in tally.bare] == ["500", "503"]


# --- a short storm --------------------------------------------------------------------------------


@pytest.fixture
def client_over_a_wire(live_server, buyer, courier, seller, goods):
    """Somebody who is signed in and sends a form until it is answered; and the wire to the store."""
    facts = {"password": PASSWORD, "people": [[buyer.email, courier.email]]}
    wire = Wire(int(live_server.url.rpartition(":")[2]))
    client = Client(0, facts, wire.port, Tally())
    client.walks_away = 0.0
    things = [{"id": thing.pk, "slug": thing.slug} for thing in (goods(seller, stock=90), goods(seller))]
    client.begin(things, time.monotonic() + 60)
    client.buyer, client.courier = client.sign_in(buyer.email), client.sign_in(courier.email)
    yield client, wire
    wire.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.every_database
@pytest.mark.costly("walks a parcel's whole way over HTTP, most answers cut", seconds=30)
def test_what_is_sent_again_after_a_lost_answer_is_done_once(client_over_a_wire, buyer, fund, books_balance):
    """Every second answer never comes whole; each form is sent again, with its key, until one does."""
    fund(buyer, 100_000)
    client, wire = client_over_a_wire
    wire.bad = 0.5

    client.errand()
    client.pay_in()

    counted = judge([vars(act) for act in client.acts if act.mark])
    assert wire.cuts
    assert counted["details"] == []
    assert {act.outcome for act in client.acts} == {"acknowledged"}
    assert counted["sums"]["found"] == len(client.acts)


@pytest.mark.django_db(transaction=True)
@pytest.mark.costly("adds to a cart over HTTP, most answers cut", seconds=30)
def test_control_without_form_keys_it_is_done_twice(client_over_a_wire, monkeypatch):
    monkeypatch.setattr("marketplace.common.idempotency.begin", lambda **form: None)
    client, wire = client_over_a_wire
    wire.bad = 0.5

    for _turn in range(8):
        client.add(client.goods[0])

    assert judge([vars(act) for act in client.acts if act.kind == "add"])["sums"]["doubled"]


# --- the table ------------------------------------------------------------------------------------


def test_the_table_stands_between_its_marks(tmp_path):
    row = Row(
        TROUBLES[0], "SQLite", 9, {"acknowledged": 7, "found": 6, "lost": 1, "doubled": 0, "unknown_done": 2,
        "unknown_not_done": 3}, {"303": 7, "none": 5}, 1.25, 0.5,
    )  # fmt: skip
    page = tmp_path / "page.md"
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")

    report.write(page, report.table([row]))

    text = page.read_text()
    assert "| SQLite | 9 | 7 | 6 | 1 | 0 | 2 / 3 | 303: 7, none: 5 | 1.2 s | 0.5 s |" in text
    assert "old" not in text
    assert text.startswith("before\n")
    assert text.endswith("after\n")


def test_the_page_has_a_place_for_it():
    text = (settings.BASE_DIR / "docs" / "reliability.md").read_text()

    assert text.index(report.BEGIN) < text.index(report.END)
