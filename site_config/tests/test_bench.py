"""The bench's own pieces: a wrong ruler measures nothing."""

import itertools
import subprocess
import sys

import pytest
from django.conf import settings

from site_config.bench import databases, report
from site_config.bench.load import ask_all, get
from site_config.bench.run import Cell, checkout_form


def test_the_load_client_counts_answers_and_tells_the_wrong_ones(live_server, db):
    port = int(live_server.url.rpartition(":")[2])

    good = ask_all(port, itertools.repeat(get("/healthz"), 20), connections=3, keep=True)
    bad = ask_all(port, [get("/no-such-page/")], connections=3)

    assert good.statuses == {200: 20}
    assert sorted(good.bodies) == list(range(20))
    assert good.latencies == sorted(good.latencies)
    assert 0 < good.percentile(0.5) <= good.percentile(0.99)
    assert not good.unexpected
    assert bad.statuses == {404: 1}
    assert bad.unexpected.startswith(b"HTTP/1.1 404")


def test_the_reference_can_be_started_beside_all_that_the_store_has(tmp_path):
    asked = (
        "from site_config.wsgi import application\n"
        "from django.test import RequestFactory\n"
        "asked = RequestFactory().get('/healthz', HTTP_HOST='127.0.0.1').environ\n"
        "application(asked, lambda status, headers: print(status))"
    )
    environ = {
        "DJANGO_SETTINGS_MODULE": "site_config.bench.reference_settings",
        "DEBUG": "false",
        "SECRET_KEY": "only-for-this-test",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'bench.sqlite3'}",
    }

    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=settings.BASE_DIR, env=environ, capture_output=True, text=True
    )

    assert done.stdout == "200 OK\n", done.stderr


def cell(name, products, who, *, rates, cpu):
    return Cell(
        name,
        products,
        who,
        rates=rates,
        cpu=cpu,
        database_cpu=[1.0] * len(cpu),
        percentiles=[(1, 2, 3)] * len(cpu),
    )


@pytest.fixture
def cells():
    found = [
        cell("reference beside category", 1000, "visitor", rates=[100, 400, 200], cpu=[3, 3, 3]),
        cell("category", 1000, "visitor", rates=[70, 200, 160], cpu=[4, 4, 4]),
        cell("category", 100_000, "visitor", rates=[60, 210, 150], cpu=[4, 5, 6]),
        cell("category", 1000, "signed in", rates=[40, 160, 80], cpu=[7, 7, 7]),
        cell("plain SQL", 1000, "pgbench", rates=[1000, 1000, 1000], cpu=[0, 0, 0]),
        cell("place order", 1000, "signed in", rates=[130, 120, 110], cpu=[9, 9, 9]),
    ]
    return {(one.name, one.products, one.who): one for one in found}


def test_shares_are_medians_of_the_rounds_own_shares(cells):
    bars = {
        what: (round(share, 2), is_cleared)
        for what, share, _bar, is_cleared in report.bars(cells, sizes=[1000, 100_000])
    }

    assert bars == {
        "category, visitor, of the reference": (0.7, True),
        "category, signed in, of the reference": (0.4, False),
        "place order, of plain SQL": (0.12, True),
        "category, visitor: CPU of 100,000 against 1,000 products": (1.2, True),
    }


def test_the_table_goes_between_its_marks_and_leaves_the_words_around_it(cells, tmp_path):
    page = tmp_path / "performance.md"
    page.write_text(f"Before.\n{report.BEGIN}\nold\n{report.END}\nAfter.\n")

    report.write(page, report.table(cells, sizes=[1000, 100_000], conditions="On a machine."))

    text = page.read_text()
    assert text.startswith("Before.\n")
    assert text.endswith("After.\n")
    assert "old" not in text
    assert "| category | 1,000 | visitor | 160 | **0.70** | 0.80 |" in text


def test_a_cart_has_two_products_of_one_seller_and_one_of_another():
    goods = [[product, product % 4] for product in range(40)]

    for number in range(200):
        products, sellers = databases.choose(goods, number)
        assert [product % 4 for product in products] == [sellers[0], sellers[0], sellers[1]]
        assert len(set(products)) == 3
        assert sellers[0] != sellers[1]


def test_the_checkout_form_is_sent_as_it_was_shown():
    page = (
        '<input name="q"><form data-testid="checkout"><input type="hidden" name="total" value="42">'
        '<input type="radio" name="to" value="home" checked><input type="radio" name="to" value="new">'
        '<input name="name" value="Anne &amp; Bob"><input name="notes"></form><input name="late">'
    )

    assert checkout_form(page) == "total=42&to=home&name=Anne+%26+Bob&notes="
